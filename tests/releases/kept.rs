//! What lies in the cache is looked at again each time.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use harness::release::{GetOptions, ReleaseProblem};

use crate::fake_pip::{FakePip, PROGRAM};

const OFFLINE: GetOptions = GetOptions { offline: true, unpinned: false };

/// As long as it was, so that only its bytes tell.
fn alter(stand_in: &FakePip) {
    let program = stand_in.get().unwrap().program;
    let mut altered = PROGRAM.to_vec();
    altered[0] ^= 1;
    fs::write(program, altered).unwrap();
}

#[test]
fn a_program_that_was_altered_is_removed_and_fetched_again() {
    let stand_in = FakePip::new();
    alter(&stand_in);
    let release = stand_in.get().unwrap();
    assert_eq!(fs::read(release.program).unwrap(), PROGRAM);
    assert_eq!(stand_in.asked("download"), 2);
    assert!(stand_in.said().contains("is not what was put there, and is removed"), "{}", stand_in.said());
}

#[test]
fn a_program_that_was_altered_is_never_handed_out_offline() {
    let stand_in = FakePip::new();
    alter(&stand_in);
    let problem = stand_in.get_as("0.163.0", OFFLINE).unwrap_err();
    assert!(matches!(problem, ReleaseProblem::Offline { .. }), "{problem}");
    assert_eq!(stand_in.kept(), [""; 0]);
}

#[test]
fn a_program_that_lost_its_mode_has_it_again() {
    let stand_in = FakePip::new();
    let program = stand_in.get().unwrap().program;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o600)).unwrap();
    stand_in.get_as("0.163.0", OFFLINE).unwrap();
    assert_eq!(fs::metadata(program).unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn a_link_in_the_programs_place_is_not_followed() {
    let stand_in = FakePip::new();
    let program = stand_in.get().unwrap().program;
    let elsewhere = stand_in.path("elsewhere");
    fs::rename(&program, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &program).unwrap();
    assert!(stand_in.get().unwrap().program.symlink_metadata().unwrap().is_file());
    assert_eq!(stand_in.asked("download"), 2);
}

#[test]
fn what_another_version_of_the_project_kept_is_left_alone() {
    let stand_in = FakePip::new();
    let program = stand_in.get().unwrap().program;
    let entry = program.with_file_name("entry.json");
    fs::write(&entry, r#"{"format": 2, "anything": "else"}"#).unwrap();
    let problem = stand_in.get().unwrap_err();
    assert!(matches!(problem, ReleaseProblem::OtherFormat { found: 2, expected: 1, .. }), "{problem}");
    assert!(problem.to_string().contains(&format!("remove {}", program.parent().unwrap().display())));
    assert!(entry.exists() && program.exists());
}

#[test]
fn a_pin_that_changed_is_not_met_by_what_was_kept_before() {
    let stand_in = FakePip::new();
    stand_in.get().unwrap();
    let wheel = stand_in.publish(&[(crate::fake_pip::CODEX, b"the program as it is pinned now")]);
    stand_in.pin("0.163.0", &wheel, b"the program as it is pinned now");
    let release = stand_in.get().unwrap();
    assert_eq!(fs::read(release.program).unwrap(), b"the program as it is pinned now");
}
