//! Real releases and programs that a call names.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

use crate::{describes, xtask};

/// Runs the command with its own cache and without a way to download packages.
pub(crate) fn without_an_index(arguments: &[&str], cache: &Path) -> Command {
    let mut command = xtask(arguments);
    command.env("XDG_CACHE_HOME", cache).env("PATH", cache);
    command
}

#[test]
fn releases_names_what_is_pinned_and_where_the_cache_is() {
    let cache = tempfile::tempdir().unwrap();
    let said = contains("0.163.0").and(contains("2.1.")).and(contains(cache.path().to_str().unwrap()));
    without_an_index(&["releases"], cache.path()).assert().success().stdout(said);
    let report = without_an_index(&["releases", "--format", "json"], cache.path()).assert().success();
    let report: serde_json::Value = serde_json::from_slice(&report.get_output().stdout).unwrap();
    describes("releases", &report);
    assert!(report["releases"].as_array().unwrap().len() > 20, "{report}");
}

#[test]
fn a_release_that_is_nowhere_is_named_with_what_would_help() {
    let cache = tempfile::tempdir().unwrap();
    let offline = contains("--offline").and(contains("releases --fetch codex:0.163.0"));
    without_an_index(&["releases", "--fetch", "0.163.0", "--offline"], cache.path())
        .assert()
        .code(3)
        .stderr(offline);
    without_an_index(&["releases", "--fetch", "0.163.0"], cache.path())
        .assert()
        .code(3)
        .stderr(contains("install Python's pip"));
    let unpinned = contains("--unpinned").and(contains("releases --update"));
    without_an_index(&["releases", "--fetch", "0.140.0"], cache.path()).assert().code(2).stderr(unpinned);
    xtask(&["releases", "--fetch", "newest"]).assert().code(2);
    xtask(&["releases", "--update", "--offline"]).assert().code(2);
}

#[test]
fn a_file_of_pins_that_cannot_be_read_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let pins = folder.path().join("pins.toml");
    fs::write(&pins, "[[release]]\nno-such-key = 1\n").unwrap();
    let pins = pins.to_str().unwrap();
    xtask(&["drift", "--pins", pins]).assert().code(2).stderr(contains("pins.toml:"));
}

#[test]
fn drift_refuses_what_is_no_release_and_what_is_no_lesson() {
    xtask(&["drift", "newest"]).assert().code(2).stderr(contains("real:RELEASE"));
    let unknown = contains("unknown lesson `no-such`");
    xtask(&["drift", "0.163.0", "--lesson", "no-such"]).assert().code(4).stderr(unknown);
    xtask(&["drift", "stub:0.163.0", "--write"]).assert().code(2).stderr(contains("real releases"));
    xtask(&["drift", "--accept", "--against", "stub"]).assert().code(2);
}

#[test]
fn a_file_that_is_no_program_is_refused_before_it_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("codex");
    fs::write(&script, "#!/bin/sh\necho codex-cli 0.163.0\n").unwrap();
    let script = script.to_str().unwrap();
    xtask(&["smoke", "--codex", script])
        .assert()
        .code(2)
        .stderr(contains("script").and(contains("nothing was run")));
    xtask(&["smoke", "--codex", "./no-such-program"]).assert().code(2).stderr(contains("no-such-program"));
}

#[test]
fn a_program_that_is_no_codex_is_refused_by_what_it_says_of_itself() {
    let refused = contains("codex-cli X.Y.Z").and(contains("exit 127").or(contains("it ended with exit")));
    xtask(&["smoke", "--codex", "/bin/true"]).assert().code(2).stderr(refused);
}
