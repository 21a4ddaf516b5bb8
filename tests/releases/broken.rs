//! The download fails, or is not the pinned release.

use std::fs;

use harness::release::{Pip, ReleaseProblem};

use crate::fake_index::{CODEX, FakeIndex, PROGRAM};

#[track_caller]
fn refused(index: &FakeIndex) -> (ReleaseProblem, String) {
    let problem = index.get().unwrap_err();
    assert_eq!(index.kept(), [""; 0], "{problem}");
    let said = problem.to_string();
    (problem, said)
}

#[test]
fn a_wheel_with_other_bytes_is_never_unpacked() {
    let index = FakeIndex::new();
    index.when_installing("pip \"$@\"; status=$?; ls -R \"$here/cache\" > \"$here/left\"; exit $status");
    index.publish("0.163.0", &[(CODEX, b"a program that nobody has reviewed")]);
    let (problem, said) = refused(&index);
    assert!(matches!(problem, ReleaseProblem::OtherBytes { .. }), "{said}");
    assert!(said.starts_with("openai-codex-cli-bin==0.163.0 is not what was pinned"), "{said}");
    assert!(said.contains("Expected sha256") && said.contains("Got"), "{said}");
    assert!(!fs::read_to_string(index.path("left")).unwrap().contains("codex_cli_bin"));
    assert_eq!(index.asked("install"), 1);
}

#[test]
fn a_program_other_than_the_pinned_one_is_not_kept() {
    let index = FakeIndex::new();
    let wheel = index.publish("0.163.0", &[(CODEX, b"another program")]);
    index.pin("0.163.0", &wheel, PROGRAM);
    let (problem, said) = refused(&index);
    assert!(matches!(problem, ReleaseProblem::OtherBytes { .. }), "{said}");
    assert!(
        said.starts_with("the program in openai-codex-cli-bin==0.163.0 is not what was pinned"),
        "{said}"
    );
}

#[test]
fn a_package_without_a_program_is_named() {
    let index = FakeIndex::new();
    let wheel = index.publish("0.163.0", &[("codex_cli_bin/__init__.py", b"")]);
    index.pin("0.163.0", &wheel, PROGRAM);
    let (problem, said) = refused(&index);
    assert!(matches!(problem, ReleaseProblem::NoProgram { .. }), "{said}");
    assert!(said.contains(CODEX), "{said}");
}

#[test]
fn a_download_that_breaks_off_is_tried_once_more() {
    let index = FakeIndex::new();
    index.when_installing("[ -e \"$here/again\" ] || { : > \"$here/again\"; exit 2; }; copy \"$@\"");
    index.get().unwrap();
    assert_eq!(index.asked("install"), 2);
    assert!(index.said().contains("trying once more"), "{}", index.said());
}

#[test]
fn a_download_that_breaks_off_twice_is_an_error() {
    let index = FakeIndex::new();
    index.when_installing("echo 'Connection broken: IncompleteRead' >&2; exit 2");
    let (problem, said) = refused(&index);
    assert!(matches!(problem, ReleaseProblem::PipFailed { .. }), "{said}");
    assert!(said.contains("  | Connection broken: IncompleteRead"), "{said}");
    assert_eq!(index.asked("install"), 2);
}

#[test]
fn an_index_that_does_not_answer_is_reported_in_pips_words() {
    let index = FakeIndex::new();
    index.when_installing("pip \"$@\"");
    let script = fs::read_to_string(index.path("pip")).unwrap();
    let nobody = "PIP_NO_INDEX=0 PIP_FIND_LINKS= PIP_RETRIES=0 PIP_INDEX_URL=http://127.0.0.1:1/simple";
    let unreachable = script.replace("\npip() {", &format!("\nexport {nobody}\npip() {{"));
    fs::write(index.path("pip"), unreachable).unwrap();
    let (problem, said) = refused(&index);
    assert!(matches!(problem, ReleaseProblem::PipFailed { .. }), "{said}");
    for word in ["openai-codex-cli-bin==0.163.0", "  | ERROR: ", "pip config list", "--offline"] {
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn a_full_disk_is_reported_before_anything_is_downloaded() {
    let index = FakeIndex::new();
    let pins = fs::read_to_string(index.path("pins.toml")).unwrap();
    let size = format!("size = {}", PROGRAM.len());
    fs::write(index.path("pins.toml"), pins.replace(&size, "size = 2000000000000000000")).unwrap();
    let (problem, said) = refused(&index);
    assert!(matches!(problem, ReleaseProblem::NoSpace { .. }), "{said}");
    let cache = index.path("cache");
    for word in ["XDG_CACHE_HOME", "3000000000000 MB are needed", &cache.display().to_string()] {
        assert!(said.contains(word), "{said}");
    }
    assert_eq!(index.asked("install"), 0);
}

#[test]
fn a_machine_without_pip_is_told_what_to_install() {
    let said = Pip::find_among(&[&["no-such-pip-here"], &["false"]]).unwrap_err().to_string();
    for word in ["no pip was found", "no-such-pip-here, false", "ensurepip", "uv"] {
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn the_first_pip_that_works_is_used() {
    let index = FakeIndex::new();
    let script = index.path("pip");
    let found = Pip::find_among(&[&["false"], &["sh", script.to_str().unwrap()]]).unwrap();
    assert_eq!(format!("{found:?}"), format!("{:?}", index.called_as_pip()));
}
