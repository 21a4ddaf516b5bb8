//! A release in the cache is checked at every use.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::SystemTime;

use harness::release::{GetOptions, ReleaseProblem};

use crate::fake_index::{CODEX, FakeIndex, PROGRAM};

const OFFLINE: GetOptions = GetOptions { offline: true, unpinned: false };

/// Size and time are unchanged, so only the bytes differ.
fn alter(index: &FakeIndex) {
    let program = index.get().unwrap().program;
    let time: SystemTime = fs::metadata(&program).unwrap().modified().unwrap();
    let mut altered = PROGRAM.to_vec();
    altered[0] ^= 1;
    fs::write(&program, altered).unwrap();
    fs::File::options().write(true).open(&program).unwrap().set_modified(time).unwrap();
}

#[test]
fn an_altered_program_is_downloaded_again() {
    let index = FakeIndex::new();
    alter(&index);
    let release = index.get().unwrap();
    assert_eq!(fs::read(release.program).unwrap(), PROGRAM);
    assert_eq!(index.asked("install"), 2);
    assert!(index.said().contains("is damaged, and is downloaded again"), "{}", index.said());
}

#[test]
fn an_altered_program_is_never_used_offline() {
    let index = FakeIndex::new();
    alter(&index);
    let problem = index.get_as("0.163.0", OFFLINE).unwrap_err();
    assert!(matches!(problem, ReleaseProblem::Offline { .. }), "{problem}");
}

#[test]
fn an_entry_without_a_program_is_downloaded_again() {
    let index = FakeIndex::new();
    fs::remove_file(index.get().unwrap().program).unwrap();
    assert_eq!(fs::read(index.get().unwrap().program).unwrap(), PROGRAM);
    assert_eq!(index.asked("install"), 2);
}

#[test]
fn a_program_that_lost_its_mode_gets_it_back() {
    let index = FakeIndex::new();
    let program = index.get().unwrap().program;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o600)).unwrap();
    index.get_as("0.163.0", OFFLINE).unwrap();
    assert_eq!(fs::metadata(program).unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn a_link_in_place_of_the_program_is_not_followed() {
    let index = FakeIndex::new();
    let program = index.get().unwrap().program;
    let elsewhere = index.path("elsewhere");
    fs::rename(&program, &elsewhere).unwrap();
    symlink(&elsewhere, &program).unwrap();
    assert!(index.get().unwrap().program.symlink_metadata().unwrap().is_file());
    assert_eq!(index.asked("install"), 2);
}

#[test]
fn what_an_earlier_version_of_the_project_kept_is_still_used() {
    let index = FakeIndex::new();
    let folder = index.path("cache").join(FakeIndex::name("0.163.0"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("codex"), PROGRAM).unwrap();
    fs::write(folder.join("entry.json"), "{\"format\": 1}").unwrap();
    assert_eq!(fs::read(index.get_as("0.163.0", OFFLINE).unwrap().program).unwrap(), PROGRAM);
}

#[test]
fn a_program_that_no_longer_fits_its_pin_is_downloaded_again() {
    let index = FakeIndex::new();
    index.get().unwrap();
    let wheel = index.publish("0.163.0", &[(CODEX, b"the program as it is pinned now")]);
    index.pin("0.163.0", &wheel, b"the program as it is pinned now");
    let release = index.get().unwrap();
    assert_eq!(fs::read(release.program).unwrap(), b"the program as it is pinned now");
}
