//! A release of which no digest is known.

use std::fs;

use harness::release::{GetOptions, ReleaseProblem, Tool};

use crate::fake_pip::{CODEX, FakePip, PROGRAM, number, sha256};

const UNPINNED: GetOptions = GetOptions { offline: false, unpinned: true };

#[test]
fn without_the_flag_nothing_is_fetched() {
    let stand_in = FakePip::new();
    let problem = stand_in.get_as("0.170.0", GetOptions::default()).unwrap_err();
    let said = problem.to_string();
    assert!(matches!(problem, ReleaseProblem::NotPinned { .. }), "{said}");
    for word in ["--unpinned", "cargo xtask releases --update", "pinned: 0.163.0"] {
        assert!(said.contains(word), "{said}");
    }
    assert_eq!(stand_in.asked("download"), 0);
}

#[test]
fn with_it_the_release_is_kept_apart_and_its_digest_shown() {
    let stand_in = FakePip::new();
    let wheel = stand_in.publish(&[(CODEX, b"something new")]);
    let release = stand_in.get_as("0.170.0", UNPINNED).unwrap();
    assert!(!release.pinned);
    assert!(stand_in.said().contains(&sha256(b"something new")), "{}", stand_in.said());
    assert_eq!(stand_in.kept(), [format!("{}-unpinned", FakePip::name("0.170.0"))]);
    assert_eq!(stand_in.get_as("0.170.0", UNPINNED).unwrap(), release);
    assert_eq!(stand_in.asked("download"), 1);

    stand_in.pin("0.170.0", &wheel, b"something new");
    let pinned = stand_in.get_as("0.170.0", UNPINNED).unwrap();
    assert!(pinned.pinned && pinned.program != release.program);
    assert_eq!(stand_in.asked("download"), 2);
}

#[test]
fn the_flag_changes_nothing_for_a_pinned_release() {
    let stand_in = FakePip::new();
    let release = stand_in.get_as("0.163.0", UNPINNED).unwrap();
    assert!(release.pinned);
    assert_eq!(fs::read(release.program).unwrap(), PROGRAM);
}

#[test]
fn one_that_the_index_does_not_have_is_answered_with_those_it_has() {
    let stand_in = FakePip::new();
    fs::write(stand_in.path("versions"), "codex (0.163.0)\nAvailable versions: 0.163.0, 0.162.1, 0.133.0\n")
        .unwrap();
    stand_in.pip("echo 'ERROR: No matching distribution found for it' >&2; exit 1");
    let problem = stand_in.get_as("0.140.0", UNPINNED).unwrap_err();
    let said = problem.to_string();
    assert!(matches!(problem, ReleaseProblem::UnknownVersion { .. }), "{said}");
    assert!(said.contains("0.133.0, 0.162.1, 0.163.0"), "{said}");
    assert_eq!(stand_in.kept(), [""; 0]);
}

#[test]
fn claude_is_never_taken_unpinned() {
    let stand_in = FakePip::new();
    let problem = stand_in
        .cache()
        .get(&stand_in.pins(), Tool::Claude, &number("2.1.330"), UNPINNED, &|_| {})
        .unwrap_err();
    assert!(matches!(problem, ReleaseProblem::NotPinned { .. }), "{problem}");
    assert!(!problem.to_string().contains("--unpinned"), "{problem}");
}
