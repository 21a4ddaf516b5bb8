//! What reports are made from: a complete run, or what is known of one that ended early.

use std::time::Duration;

use semver::Version;

use super::json::Target;
use crate::run::{Check, CheckResult, Leak, SmokeTest, Status};
use crate::target::{CodexChoice, CodexUnderTest};
use codex_remote_auth::lessons::{Catalogue, Lesson};

/// A run, with one suite for each codex.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The command: `smoke` or `drift`.
    pub command: &'static str,
    /// The lessons.
    pub catalogue: Catalogue,
    /// Where it took place. `None` before that is known.
    pub target: Option<Target>,
    /// What was to run on each codex, and what did.
    pub suites: Vec<Suite>,
    /// The wall time of the run.
    pub elapsed: Duration,
    /// Why the run ended early, such as `interrupted`. `None` if it is complete.
    pub stopped: Option<String>,
}

/// The checks of one codex.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The codex.
    pub codex: Subject,
    /// The checks that the run consists of, in their order.
    pub planned: Vec<Planned>,
    /// The lessons that do not apply to this release.
    pub not_applicable: Vec<String>,
    /// The checks that ended.
    pub results: Vec<CheckResult>,
    /// Secrets that were seen where none is allowed.
    pub leaks: Vec<Leak>,
}

/// A codex, as far as it is known before it was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its name for people.
    pub words: String,
    /// `stub`, `real` or `claude`.
    pub kind: &'static str,
    /// Its release. `None` if it is a program that was not asked yet.
    pub release: Option<Version>,
    /// The SHA-256 of a real program.
    pub sha256: Option<String>,
}

/// A check that is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Its name.
    pub id: String,
    /// What it checks, in one line.
    pub title: String,
    /// `smoke`, `lesson` or `call`.
    pub kind: &'static str,
}

impl From<&Check<'_>> for Planned {
    fn from(check: &Check<'_>) -> Self {
        Self { id: check.id().to_owned(), title: check.title().to_owned(), kind: check.kind_name() }
    }
}

impl From<&Lesson> for Planned {
    fn from(lesson: &Lesson) -> Self {
        Self { id: lesson.id.clone(), title: lesson.title.clone(), kind: "lesson" }
    }
}

impl From<&SmokeTest> for Planned {
    fn from(test: &SmokeTest) -> Self {
        Self { id: test.id.to_owned(), title: test.title.to_owned(), kind: "smoke" }
    }
}

impl From<&CodexUnderTest> for Subject {
    fn from(codex: &CodexUnderTest) -> Self {
        let sha256 = match codex {
            CodexUnderTest::Stub(_) => None,
            CodexUnderTest::Real(real) | CodexUnderTest::Claude(real) => Some(real.sha256.clone()),
        };
        Self { words: codex.in_words(), kind: codex.kind(), release: Some(codex.release().clone()), sha256 }
    }
}

impl From<&CodexChoice> for Subject {
    fn from(choice: &CodexChoice) -> Self {
        let (words, kind, release) = match choice {
            CodexChoice::Stub(release) => (format!("the stub of Codex {release}"), "stub", Some(release)),
            CodexChoice::Real(release) => (format!("Codex {release}"), "real", Some(release)),
            CodexChoice::Claude(release) => (format!("Claude Code {release}"), "claude", Some(release)),
            CodexChoice::File(path) => (path.display().to_string(), "real", None),
        };
        Self { words, kind, release: release.cloned(), sha256: None }
    }
}

impl Subject {
    /// The release, as a column of a table is called.
    pub fn column(&self) -> String {
        self.release.as_ref().map_or_else(|| self.words.clone(), Version::to_string)
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// Everything was as expected.
    Passed,
    /// Something was not as expected.
    Failed,
    /// It began, and could not be run to its end.
    Broke,
    /// The run ended before it did.
    NotRun,
}

/// A check of a suite, and its result if there is one.
#[derive(Debug, Clone, Copy)]
pub struct Row<'o> {
    /// The check.
    pub check: &'o Planned,
    /// Its result.
    pub result: Option<&'o CheckResult>,
}

impl Row<'_> {
    /// How it ended.
    pub fn end(&self) -> End {
        match self.result {
            None => End::NotRun,
            Some(CheckResult { ran: false, .. }) => End::Broke,
            Some(CheckResult { status: Status::Pass, .. }) => End::Passed,
            Some(_) => End::Failed,
        }
    }
}

impl Suite {
    /// A suite of which nothing has run yet.
    pub fn new(codex: Subject, planned: Vec<Planned>) -> Self {
        Self { codex, planned, not_applicable: Vec::new(), results: Vec::new(), leaks: Vec::new() }
    }

    /// Every check with its result, in the order of the checks. A check that runs several times has a result for each.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let mut left: Vec<&CheckResult> = self.results.iter().collect();
        let mut rows = Vec::with_capacity(self.planned.len());
        for check in &self.planned {
            let at = left.iter().position(|result| result.id == check.id);
            rows.push(Row { check, result: at.map(|at| left.remove(at)) });
        }
        rows
    }

    /// How many checks ended in this way.
    pub fn count(&self, end: End) -> usize {
        self.rows().iter().filter(|row| row.end() == end).count()
    }

    /// The time that its checks took, one after the other.
    pub fn work(&self) -> Duration {
        self.results.iter().map(|result| result.elapsed).sum()
    }
}

impl Outcome {
    /// Whether every check ran and passed, and no secret was seen.
    pub fn holds(&self) -> bool {
        self.stopped.is_none()
            && self.suites.iter().all(|suite| {
                suite.leaks.is_empty() && suite.rows().iter().all(|row| row.end() == End::Passed)
            })
    }

    /// How many checks ended in this way.
    pub fn count(&self, end: End) -> usize {
        self.suites.iter().map(|suite| suite.count(end)).sum()
    }

    /// Why a check that did not run was not run.
    pub fn why_not_run(&self) -> &str {
        self.stopped.as_deref().unwrap_or("the run ended before it")
    }
}
