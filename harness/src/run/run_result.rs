//! The result of a run.

use std::time::Duration;

use super::check::{CheckResult, Status};
use super::leak_scanner::Leak;

/// A check that was not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotRun {
    /// Its name.
    pub id: String,
    /// What it checks, in one line.
    pub title: String,
    /// `smoke`, `lesson` or `call`.
    pub kind: &'static str,
}

/// The result of a run.
#[derive(Debug)]
pub struct RunResult {
    /// The result of each check that was run, in the order of the checks.
    pub checks: Vec<CheckResult>,
    /// The checks that were not run, because another one had failed.
    pub not_run: Vec<NotRun>,
    /// Secrets that were seen where none is allowed.
    pub leaks: Vec<Leak>,
    /// The time from the first account to the last answer.
    pub elapsed: Duration,
}

impl RunResult {
    /// The names of the checks that did not pass: they failed, or were not run.
    pub fn open(&self) -> Vec<&str> {
        let failed = self.checks.iter().filter(|check| check.status == Status::Fail);
        failed
            .map(|check| check.id.as_str())
            .chain(self.not_run.iter().map(|check| check.id.as_str()))
            .collect()
    }

    /// Whether every check passed and no secret was seen.
    pub fn holds(&self) -> bool {
        self.leaks.is_empty()
            && self.not_run.is_empty()
            && self.checks.iter().all(|check| check.status == Status::Pass)
    }
}
