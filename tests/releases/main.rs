//! Real releases arrive complete and as pinned, or not at all. The index is a folder of wheels made by the tests.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod broken;
mod fake_index;
mod kept;
mod killed;
mod unpinned;
mod update;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use fake_index::{FakeIndex, PROGRAM, number, sha256};
use harness::release::{GetOptions, Platform, Tool};

#[test]
fn a_pinned_release_is_downloaded_once_and_is_an_executable_file() {
    let index = FakeIndex::with_real_pip();
    let release = index.get().unwrap();
    assert_eq!(fs::read(&release.program).unwrap(), PROGRAM);
    assert_eq!(fs::metadata(&release.program).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(release.sha256, sha256(PROGRAM));
    assert!(index.said().contains("downloading openai-codex-cli-bin==0.163.0 for "), "{}", index.said());
    assert_eq!(index.get().unwrap(), release);
    assert_eq!(index.asked("install"), 1);
    assert_eq!(index.kept(), [FakeIndex::name("0.163.0")]);
    let pins = index.pins();
    assert!(index.cache().has(pins.pin(Tool::Codex, &number("0.163.0")).unwrap()));
}

#[test]
fn pip_gets_the_pinned_hash_and_never_builds_or_asks_anything() {
    let index = FakeIndex::new();
    index.when_installing("cp \"$here\"/cache/fetch-*/requirements.txt \"$here/required\"; copy \"$@\"");
    index.get().unwrap();
    let asked = fs::read_to_string(index.path("asked")).unwrap();
    let architecture = Platform::of_containers().unwrap().architecture();
    for word in [
        "--no-input",
        "--no-cache-dir",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
        &format!("--platform manylinux_2_17_{architecture}"),
    ] {
        assert!(asked.contains(word), "{word}: {asked}");
    }
    let pin = index.pins().all()[0].clone();
    assert_eq!(
        fs::read_to_string(index.path("required")).unwrap(),
        format!("openai-codex-cli-bin==0.163.0 --hash=sha256:{}\n", pin.sha256)
    );
}

#[test]
fn the_second_process_waits_and_finds_what_the_first_downloaded() {
    let index = FakeIndex::new();
    index.when_installing("sleep 0.5; copy \"$@\"");
    std::thread::scope(|scope| {
        let both = [scope.spawn(|| index.get()), scope.spawn(|| index.get())];
        for one in both {
            assert_eq!(fs::read(one.join().unwrap().unwrap().program).unwrap(), PROGRAM);
        }
    });
    assert_eq!(index.asked("install"), 1);
    assert!(index.said().contains("waiting for another download"), "{}", index.said());
}

#[test]
fn offline_uses_the_cache_and_never_calls_pip() {
    let index = FakeIndex::new();
    let offline = GetOptions { offline: true, ..GetOptions::default() };
    let said = index.get_as("0.163.0", offline).unwrap_err().to_string();
    for word in ["has no intact codex 0.163.0", "--offline", "cargo xtask releases --fetch codex:0.163.0"] {
        assert!(said.contains(word), "{said}");
    }
    assert_eq!(index.asked("install"), 0);
    assert!(!index.path("cache").exists());
    index.get().unwrap();
    index.get_as("0.163.0", offline).unwrap();
}
