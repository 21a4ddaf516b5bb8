//! Calls the program, and reads what it wrote.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus};
use serde_json::Value;
use tempfile::TempDir;
use tests::started;

pub(crate) fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::from_std(started::command(env!("CARGO_BIN_EXE_xtask")));
    command.timeout(started::PATIENCE).args(arguments);
    // A pipeline that runs these tests is not what they are about.
    for name in ["DOCKER_HOST", "NO_COLOR", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"] {
        command.env_remove(name);
    }
    command
}

/// A folder with these lessons, each under its name. Each has one wrong way, and a right one that holds.
pub(crate) fn lessons(lessons: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (id, wrong) in lessons {
        let text = format!(
            "id = '{id}'\ntitle = 'the title of {id}'\nguide = 'beyond'\nverdict = 'silent'\nsymptom = 's'\n\
             cause = 'c'\nfix = 'f'\n\
             mutants = [{{ id = 'stub:mode-reset', step = 'wrong', field = 'files' }}]\n\n[given]\n\
             login = 'chatgpt'\nremote_login = 'chatgpt'\n\
             [[wrong]]\n{wrong}\n[[right]]\n{HOLDS}\n"
        );
        fs::write(folder.path().join(format!("{id}.toml")), text).unwrap();
    }
    folder
}

/// The line of `[[wrong]]` in a lesson of [`lessons`].
pub(crate) const WRONG: usize = 13;

pub(crate) const HOLDS: &str = "run = 'true'\nexpect = [{ exit = 0 }]";

pub(crate) fn junit(path: &Path) -> Report {
    Report::deserialize_from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The test case of a check.
pub(crate) fn case<'r>(report: &'r Report, id: &str) -> &'r TestCase {
    let mut all = report.test_suites.iter().flat_map(|suite| &suite.test_cases);
    all.find(|case| case.name.as_str() == id).unwrap_or_else(|| panic!("{id}: {report:#?}"))
}

/// How a test case ended, and its message.
pub(crate) fn end(case: &TestCase) -> (&'static str, &str) {
    let (end, message) = match &case.status {
        TestCaseStatus::Success { .. } => ("success", &None),
        TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, message, .. } => ("failure", message),
        TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, message, .. } => ("error", message),
        TestCaseStatus::Skipped { message, .. } => ("skipped", message),
    };
    (end, message.as_ref().map_or("", |text| text.as_str()))
}

/// A JSON report, checked against the part of the schema that has this name.
pub(crate) fn json(definition: &str, path: &Path) -> Value {
    let report: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let schema = tests::root().join("docs/harness-schema.json");
    let errors = tests::json_schema::errors(&schema, definition, &report);
    assert!(errors.is_empty(), "docs/harness-schema.json does not allow this: {errors:?}\n{report:#}");
    report
}
