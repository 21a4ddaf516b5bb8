//! One check of a run, and its result.

use std::time::Duration;

use semver::Version;

use super::failure::{About, Failure};
use super::smoke_tests::SmokeTest;
use super::state_diff::Observed;
use super::transcript::Transcript;
use crate::target::ERAS;
use codex_remote_auth::lessons::{Action, Field, FurtherCall, Lesson, Mutant, MutantName, Step};

/// One check of a run.
#[derive(Debug, Clone)]
pub struct Check<'a> {
    /// What it checks.
    pub kind: Kind<'a>,
    /// The release of the codex under test.
    pub release: Version,
    /// The mutant that it runs under. Then it has to fail.
    pub mutant: Option<MutantName>,
    /// The step, by its heading, and the field that must fail under the mutant. `None` for a smoke test, which has
    /// neither.
    pub target: Option<(&'a str, Field)>,
}

/// What a check is about.
#[derive(Debug, Clone, Copy)]
pub enum Kind<'a> {
    /// One of the guide's seven smoke tests.
    Smoke(&'static SmokeTest),
    /// A lesson.
    Lesson(&'a Lesson),
    /// A call without expectations, which is only observed.
    Call(&'a FurtherCall),
}

impl<'a> Check<'a> {
    fn of(kind: Kind<'a>, release: Version) -> Self {
        Self { kind, release, mutant: None, target: None }
    }

    /// A lesson without a mutant.
    pub fn lesson(lesson: &'a Lesson, release: Version) -> Self {
        Self::of(Kind::Lesson(lesson), release)
    }

    /// A lesson under one of its mutants.
    pub fn mutant(lesson: &'a Lesson, release: Version, mutant: &'a Mutant) -> Self {
        let target = Some((mutant.step.as_str(), mutant.field));
        Self { mutant: Some(mutant.id.clone()), target, ..Self::lesson(lesson, release) }
    }

    /// A lesson without a mutant and under each of its mutants, in each era that it applies to.
    pub fn under_mutants(lesson: &'a Lesson) -> Vec<Self> {
        let eras = || ERAS.into_iter().filter(|release| lesson.codex.contains(release));
        let healthy = eras().map(|release| Self::lesson(lesson, release));
        let mutated = lesson.mutants.iter();
        let mutated =
            mutated.flat_map(|mutant| eras().map(move |release| Self::mutant(lesson, release, mutant)));
        healthy.chain(mutated).collect()
    }

    /// A call that is only observed.
    pub fn call(call: &'a FurtherCall, release: Version) -> Self {
        Self::of(Kind::Call(call), release)
    }

    /// A smoke test.
    pub fn smoke(test: &'static SmokeTest, release: Version) -> Self {
        Self::of(Kind::Smoke(test), release)
    }

    /// A smoke test under a mutant, which need not be one of its own.
    pub fn smoke_mutant(test: &'static SmokeTest, release: Version, mutant: MutantName) -> Self {
        Self { mutant: Some(mutant), ..Self::smoke(test, release) }
    }

    /// A smoke test without a mutant and under each of its mutants.
    pub fn smoke_under_mutants(test: &'static SmokeTest, release: &Version) -> Vec<Self> {
        let healthy = std::iter::once(Self::smoke(test, release.clone()));
        let mutated = test.mutants().map(|mutant| Self::smoke_mutant(test, release.clone(), mutant));
        healthy.chain(mutated).collect()
    }

    /// Whether the result is what the mutant must cause: a failure in the step and field that it targets.
    pub(super) fn is_killed_by(&self, result: &CheckResult) -> bool {
        let hits = |failure: &Failure| match self.target {
            Some((step, field)) => failure.step == step && failure.about == About::Expect(field),
            None => true,
        };
        self.mutant.is_some() && result.ran && result.failures.iter().any(hits)
    }

    /// Its name.
    pub fn id(&self) -> &'a str {
        match self.kind {
            Kind::Smoke(test) => test.id,
            Kind::Lesson(lesson) => &lesson.id,
            Kind::Call(call) => &call.id,
        }
    }

    /// What it checks, in one line.
    pub fn title(&self) -> &'a str {
        match self.kind {
            Kind::Smoke(test) => test.title,
            Kind::Lesson(lesson) => &lesson.title,
            Kind::Call(call) => &call.about,
        }
    }

    /// How long it takes compared with other checks. The unit is a step over one of our own sessions. OpenSSH's
    /// programs take several times as long, and a hang takes its complete deadline.
    pub(super) fn weight(&self) -> usize {
        const LONG: usize = 4;

        let of_step = |step: &Step| {
            let hangs = step.expect.iter().any(|expect| expect.hangs);
            if hangs || matches!(step.action, Action::Local(_)) { LONG } else { 1 }
        };
        match self.kind {
            Kind::Smoke(test) => {
                if test.needs_local {
                    2 * LONG
                } else {
                    1
                }
            }
            Kind::Lesson(lesson) => lesson.steps().map(|(_, step)| of_step(step)).sum(),
            Kind::Call(_) => 1,
        }
    }

    /// Whether it has an account for the machine that deploys.
    pub(super) fn needs_local(&self) -> bool {
        match self.kind {
            Kind::Smoke(test) => test.needs_local,
            Kind::Lesson(lesson) => lesson.needs_local_machine(),
            Kind::Call(_) => false,
        }
    }

    /// How often the harness itself logs in for it: once to each of its accounts.
    pub fn logins(&self) -> usize {
        1 + usize::from(self.needs_local())
    }

    /// `smoke`, `lesson` or `call`.
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Smoke(_) => "smoke",
            Kind::Lesson(_) => "lesson",
            Kind::Call(_) => "call",
        }
    }
}

/// Whether a check passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Everything was as expected.
    Pass,
    /// Something was not as expected.
    Fail,
}

impl Status {
    /// `pass` or `fail`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
        }
    }
}

/// How often a check was run, and how that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tries {
    /// How often it passed.
    pub passed: usize,
    /// How often it failed.
    pub failed: usize,
}

impl Tries {
    /// One run of a check.
    pub(super) fn once(status: Status) -> Self {
        match status {
            Status::Pass => Self { passed: 1, failed: 0 },
            Status::Fail => Self { passed: 0, failed: 1 },
        }
    }

    /// How often it was run.
    pub fn all(self) -> usize {
        self.passed + self.failed
    }

    /// Whether it passed at times and failed at times.
    pub fn is_flaky(self) -> bool {
        self.passed > 0 && self.failed > 0
    }
}

/// The result of a check. Of several tries, it is that of the first one that failed, or else of the first one.
#[derive(Debug, Clone)]
pub struct CheckResult {
    /// Its name.
    pub id: String,
    /// What it checks, in one line.
    pub title: String,
    /// The release of the codex under test.
    pub release: Version,
    /// `smoke`, `lesson` or `call`.
    pub kind: &'static str,
    /// Whether it passed.
    pub status: Status,
    /// How often it was run.
    pub tries: Tries,
    /// Whether it ran to its end. If not, it fails but shows nothing, so it kills no mutant.
    pub ran: bool,
    /// The time from its first login to its last answer. Of several tries, the longest.
    pub elapsed: Duration,
    /// What it showed, in one line.
    pub summary: String,
    /// What failed. Empty if it passed.
    pub failures: Vec<Failure>,
    /// If it failed, the files in its homes at the end, each with its kind and mode.
    pub files: Vec<String>,
    /// What was run, and its output.
    pub transcript: Transcript,
    /// What each step showed, and what it changed if the run observes.
    pub observed: Vec<Observed>,
}

impl CheckResult {
    /// Counts a further try of the same check.
    pub(super) fn add(&mut self, other: Self) {
        let tries = Tries {
            passed: self.tries.passed + other.tries.passed,
            failed: self.tries.failed + other.tries.failed,
        };
        let elapsed = self.elapsed.max(other.elapsed);
        if self.status == Status::Pass && other.status == Status::Fail {
            *self = other;
        }
        (self.tries, self.elapsed) = (tries, elapsed);
    }
}
