//! A run as JUnit XML, which GitLab, Jenkins and others read: a test suite for each codex, a test case for each check.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::failed_check::failed_steps;
use super::outcome::{End, Outcome, Row, Suite};
use super::place::from_workspace;
use crate::run::CheckResult;

/// The run as JUnit XML.
///
/// # Errors
/// What the writer says. It writes into memory, so nothing of this machine makes it fail.
pub fn junit(outcome: &Outcome) -> Result<String, SerializeError> {
    let mut report = Report::new(format!("cargo xtask {}", outcome.command));
    report.set_time(in_milliseconds(outcome.elapsed));
    report.add_test_suites(outcome.suites.iter().map(|suite| test_suite(suite, outcome)));
    report.to_string()
}

fn test_suite(suite: &Suite, outcome: &Outcome) -> TestSuite {
    let mut all = TestSuite::new(suite.codex.words.as_str());
    all.set_time(in_milliseconds(suite.work()));
    all.add_test_cases(suite.rows().into_iter().map(|row| test_case(row, outcome)));
    all.add_test_cases(suite.not_applicable.iter().map(|lesson| {
        let why = format!("the lesson does not apply to {}", suite.codex.words);
        TestCase::new(lesson.as_str(), skipped(&why))
    }));
    all.add_test_cases(suite.leaks.iter().map(|leak| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type("leak").set_message(format!("a secret was seen, {}: {}", leak.form, leak.place));
        TestCase::new(format!("leak scanner: {}", leak.place), status)
    }));
    for case in &mut all.test_cases {
        case.set_classname(suite.codex.words.as_str());
    }
    all
}

fn test_case(row: Row<'_>, outcome: &Outcome) -> TestCase {
    let Some(result) = row.result else {
        let why = format!("not run: {}", outcome.why_not_run());
        return TestCase::new(row.check.id.as_str(), skipped(&why));
    };
    let status = match row.end() {
        End::Passed => TestCaseStatus::success(),
        End::Broke => failed(NonSuccessKind::Error, result, outcome),
        End::Failed | End::NotRun => failed(NonSuccessKind::Failure, result, outcome),
    };
    let mut case = TestCase::new(row.check.id.as_str(), status);
    case.set_time(in_milliseconds(result.elapsed));
    // A smoke test has no transcript.
    let transcript = Some(result.transcript.as_str()).filter(|text| !text.is_empty());
    case.set_system_out(transcript.unwrap_or(&result.summary));
    let step = result.failures.first().map_or("", |failure| &failure.step);
    if let Some(place) = outcome.catalogue.place(&result.id, step) {
        case.extra.insert("file".into(), from_workspace(&place.path).display().to_string().into());
        case.extra.insert("line".into(), place.line.to_string().into());
    }
    case
}

fn failed(kind: NonSuccessKind, result: &CheckResult, outcome: &Outcome) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(result.summary.as_str());
    if let Some(failure) = result.failures.first() {
        status.set_type(failure.about.as_str());
    }
    status.set_description(failed_steps(result, &outcome.catalogue));
    status
}

fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(why);
    status
}

/// The format has three decimal places.
fn in_milliseconds(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}
