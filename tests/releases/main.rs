//! Real releases are got whole and as pinned, or not at all; without any network.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod broken;
mod fake_pip;
mod kept;
mod killed;
mod probe;
mod unpinned;
mod update;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use fake_pip::{FakePip, PROGRAM, number, sha256};
use harness::release::{GetOptions, Platform, Tool};

#[test]
fn a_pinned_release_is_fetched_once_and_is_an_executable_file() {
    let stand_in = FakePip::new();
    let release = stand_in.get().unwrap();
    assert_eq!(fs::read(&release.program).unwrap(), PROGRAM);
    assert_eq!(fs::metadata(&release.program).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(release.sha256, sha256(PROGRAM));
    assert!(release.pinned);
    assert!(stand_in.said().contains("fetching codex 0.163.0: 1 MB"), "{}", stand_in.said());
    assert_eq!(stand_in.get().unwrap(), release);
    assert_eq!(stand_in.asked("download"), 1);
    assert_eq!(stand_in.kept(), [FakePip::name("0.163.0")]);
    assert!(stand_in.cache().has(&stand_in.pins(), Tool::Codex, &number("0.163.0")));
}

#[test]
fn pip_is_asked_for_linux_on_this_architecture_and_never_asks_back() {
    let stand_in = FakePip::new();
    stand_in.get().unwrap();
    let asked = fs::read_to_string(stand_in.path("asked")).unwrap();
    let architecture = Platform::of_containers().unwrap().to_string().replace("-linux", "");
    for word in [
        "--no-input",
        "--no-cache-dir",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary=:all:",
        &format!("--platform manylinux_2_17_{architecture}"),
        "openai-codex-cli-bin==0.163.0",
    ] {
        assert!(asked.contains(word), "{word}: {asked}");
    }
}

#[test]
fn whoever_comes_second_waits_and_finds_what_the_first_brought() {
    let stand_in = FakePip::new();
    stand_in.pip("sleep 0.5; bring");
    std::thread::scope(|scope| {
        let both = [scope.spawn(|| stand_in.get()), scope.spawn(|| stand_in.get())];
        for one in both {
            assert_eq!(fs::read(one.join().unwrap().unwrap().program).unwrap(), PROGRAM);
        }
    });
    assert_eq!(stand_in.asked("download"), 1);
    assert!(stand_in.said().contains("waiting for another fetch"), "{}", stand_in.said());
}

#[test]
fn offline_takes_what_is_there_and_asks_nobody() {
    let stand_in = FakePip::new();
    let offline = GetOptions { offline: true, ..GetOptions::default() };
    let said = stand_in.get_as("0.163.0", offline).unwrap_err().to_string();
    for word in ["codex 0.163.0 is not in the cache", "--offline", "cargo xtask releases --fetch 0.163.0"] {
        assert!(said.contains(word), "{said}");
    }
    assert_eq!(stand_in.asked("download"), 0);
    assert!(!stand_in.path("cache").exists());
    stand_in.get().unwrap();
    stand_in.get_as("0.163.0", offline).unwrap();
}
