//! The command line of `cargo xtask` as a user sees it: help, mistakes, lists, reports, exit statuses.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod guide;
mod help;
mod keep;
mod lesson_files;
mod releases;
mod run;
mod selection;
mod terminal_output;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tests::started;

pub(crate) fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::from_std(started::command(env!("CARGO_BIN_EXE_xtask")));
    command.timeout(started::PATIENCE);
    command.args(arguments).env_remove("DOCKER_HOST").env_remove("NO_COLOR");
    command
}

pub(crate) fn fixtures() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("fixtures/lessons")
}

/// A folder with one good lesson, changed by `edit`.
pub(crate) fn lessons(edit: impl Fn(String) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let good = fs::read_to_string(fixtures().join("git-trust-level.toml")).unwrap();
    fs::write(folder.path().join("git-trust-level.toml"), edit(good)).unwrap();
    folder
}

pub(crate) fn with_lessons(verb: &str, folder: &tempfile::TempDir) -> Command {
    let mut command = xtask(&[verb, "--lessons"]);
    command.arg(folder.path());
    command
}

/// The first word of each line that a call prints.
pub(crate) fn listed(call: &[&str]) -> Vec<String> {
    let output = xtask(call).assert().success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    text.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

/// Checks a report against the part of the schema that has this name.
pub(crate) fn describes(definition: &str, report: &serde_json::Value) {
    let schema = tests::root().join("docs/harness-schema.json");
    let errors = tests::json_schema::errors(&schema, definition, report);
    assert!(errors.is_empty(), "docs/harness-schema.json does not allow this: {errors:?}\n{report:#}");
}
