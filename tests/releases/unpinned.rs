//! A release that is not pinned.

use std::fs;

use harness::release::{GetOptions, ReleaseProblem, Tool};

use crate::fake_index::{CODEX, FakeIndex, PROGRAM, number, sha256};

const UNPINNED: GetOptions = GetOptions { offline: false, unpinned: true };

#[test]
fn without_the_flag_nothing_is_downloaded() {
    let index = FakeIndex::new();
    let problem = index.get_as("0.170.0", GetOptions::default()).unwrap_err();
    let said = problem.to_string();
    assert!(matches!(problem, ReleaseProblem::NotPinned { .. }), "{said}");
    for word in ["--unpinned", "cargo xtask releases --update", "pinned are 0.163.0"] {
        assert!(said.contains(word), "{said}");
    }
    assert_eq!(index.asked("install"), 0);
}

#[test]
fn with_the_flag_it_is_kept_apart_and_its_digest_is_shown() {
    let index = FakeIndex::new();
    let wheel = index.publish("0.170.0", &[(CODEX, b"something new")]);
    let release = index.get_as("0.170.0", UNPINNED).unwrap();
    assert!(index.said().contains(&sha256(b"something new")), "{}", index.said());
    assert_eq!(index.kept(), [format!("{}-unpinned", FakeIndex::name("0.170.0"))]);
    assert_eq!(index.get_as("0.170.0", UNPINNED).unwrap(), release);
    assert_eq!(index.asked("install"), 1);

    index.pin("0.170.0", &wheel, b"something new");
    let pinned = index.get_as("0.170.0", UNPINNED).unwrap();
    assert_ne!(pinned.program, release.program);
    assert_eq!(index.asked("install"), 2);
}

#[test]
fn one_that_was_altered_in_the_cache_is_downloaded_again() {
    let index = FakeIndex::new();
    index.publish("0.170.0", &[(CODEX, b"something new")]);
    let program = index.get_as("0.170.0", UNPINNED).unwrap().program;
    fs::write(&program, b"something old").unwrap();
    index.get_as("0.170.0", UNPINNED).unwrap();
    assert_eq!(fs::read(program).unwrap(), b"something new");
}

#[test]
fn the_flag_changes_nothing_for_a_pinned_release() {
    let index = FakeIndex::new();
    let release = index.get_as("0.163.0", UNPINNED).unwrap();
    assert_eq!(fs::read(release.program).unwrap(), PROGRAM);
    assert_eq!(index.kept(), [FakeIndex::name("0.163.0")]);
}

#[test]
fn one_that_the_index_does_not_have_is_answered_with_those_it_has() {
    let index = FakeIndex::with_real_pip();
    for version in ["0.133.0", "0.162.1"] {
        index.publish(version, &[(CODEX, PROGRAM)]);
    }
    let problem = index.get_as("0.140.0", UNPINNED).unwrap_err();
    let said = problem.to_string();
    assert!(matches!(problem, ReleaseProblem::UnknownVersion { .. }), "{said}");
    assert!(said.contains("it has 0.133.0, 0.162.1, 0.163.0"), "{said}");
    assert_eq!(index.kept(), [""; 0]);
}

#[test]
fn claude_is_never_run_unpinned() {
    let index = FakeIndex::new();
    let problem =
        index.cache().get(&index.pins(), Tool::Claude, &number("2.1.330"), UNPINNED, &|_| {}).unwrap_err();
    assert!(matches!(problem, ReleaseProblem::NotPinned { .. }), "{problem}");
    assert!(!problem.to_string().contains("--unpinned"), "{problem}");
}
