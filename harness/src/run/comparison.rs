//! Compares the stub with a real release: runs the same lessons and further calls on both.

use std::time::{Duration, Instant};

use semver::Version;

use super::check::{Check, CheckResult};
use super::drift::ReleaseDrift;
use super::equality::{Difference, Known, differences};
use super::failure::Failure;
use super::leak_scanner::Leak;
use super::{Progress, RunResult, Runner, RunnerOptions, TestEnvironment};
use crate::target::{CodexUnderTest, RealCodex, RigProblem};
use codex_remote_auth::lessons::{FurtherCall, KnownDifference, Lesson, Tool};

/// What to run on both.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The lessons.
    pub lessons: &'a [Lesson],
    /// The further calls.
    pub calls: &'a [FurtherCall],
    /// The known differences, with their reasons.
    pub known: &'a [KnownDifference],
}

/// One lesson or call on one release, on the stub and on the real Codex.
#[derive(Debug, Clone)]
pub struct ComparedCell {
    /// The lesson or call.
    pub id: String,
    /// What fails on the real Codex.
    pub failures: Vec<Failure>,
    /// The differences. Empty if both are equal.
    pub differences: Vec<Difference>,
    /// Why it did not run to its end on one of them.
    pub broke: Option<String>,
}

impl ComparedCell {
    /// Whether both showed the same.
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty() && self.broke.is_none()
    }
}

/// Every lesson and call on one release.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The release.
    pub release: Version,
    /// A cell for each lesson and call that applies to it.
    pub cells: Vec<ComparedCell>,
    /// The lessons on the real release alone.
    pub real: ReleaseDrift,
    /// Secrets that were seen where none is allowed.
    pub leaks: Vec<Leak>,
    /// The time from the first container's start to the last answer.
    pub elapsed: Duration,
}

impl Comparison {
    /// Whether the stub shows the same as the real Codex in all cells.
    pub fn is_equal(&self) -> bool {
        self.leaks.is_empty() && self.cells.iter().all(ComparedCell::is_equal)
    }

    /// How many cells are equal.
    pub fn equal(&self) -> usize {
        self.cells.iter().filter(|cell| cell.is_equal()).count()
    }
}

/// Runs everything on a real release, and on the stub as that release.
///
/// # Errors
/// Any [`RigProblem`].
pub fn compare(
    test_environment: &TestEnvironment,
    compared: Compared<'_>,
    real: &RealCodex,
    jobs: [usize; 2],
    progress: &dyn Progress,
) -> Result<Comparison, RigProblem> {
    let began = Instant::now();
    let [real_jobs, stub_jobs] = jobs;
    let release = CodexUnderTest::Real(real.clone());
    let theirs = observe(test_environment, compared, &release, real_jobs, progress)?;
    let their_time = began.elapsed();
    let ours = observe(
        test_environment,
        compared,
        &CodexUnderTest::Stub(real.release.clone()),
        stub_jobs,
        progress,
    )?;
    let cells = theirs
        .checks
        .iter()
        .zip(&ours.checks)
        .map(|(theirs, ours)| cell(theirs, ours, compared.known, &real.release))
        .collect();
    let leaks = theirs.leaks.iter().cloned().chain(ours.leaks).collect();
    let real_half = ReleaseDrift::of(&release, compared.lessons, theirs.checks, theirs.leaks, their_time);
    Ok(Comparison { release: real.release.clone(), cells, real: real_half, leaks, elapsed: began.elapsed() })
}

fn cell(
    theirs: &CheckResult,
    ours: &CheckResult,
    known: &[KnownDifference],
    release: &Version,
) -> ComparedCell {
    let known = Known::of(known, &theirs.id, release);
    let broken = [("real", theirs), ("stub", ours)].into_iter().find(|(_, result)| !result.ran);
    let broke = broken.map(|(which, result)| {
        let why = result.failures.first().map_or("", |failure| failure.seen.as_str());
        format!("on the {which} one: {why}")
    });
    let differences =
        if broke.is_some() { Vec::new() } else { differences(&theirs.observed, &ours.observed, &known) };
    ComparedCell { id: theirs.id.clone(), failures: theirs.failures.clone(), differences, broke }
}

fn observe(
    test_environment: &TestEnvironment,
    compared: Compared<'_>,
    codex: &CodexUnderTest,
    jobs: usize,
    progress: &dyn Progress,
) -> Result<RunResult, RigProblem> {
    let release = codex.release();
    let lessons = compared.lessons.iter().filter(|lesson| lesson.tool == Tool::Codex);
    let lessons = lessons.filter(|lesson| lesson.codex.contains(release));
    let calls = compared.calls.iter().filter(|call| call.codex.contains(release));
    let checks = lessons
        .map(|lesson| Check::lesson(lesson, release.clone()))
        .chain(calls.map(|call| Check::call(call, release.clone())))
        .collect();
    let container = test_environment.container_with(codex)?;
    let options = RunnerOptions {
        observe: true,
        ..RunnerOptions::new(jobs, test_environment.folder().to_owned()).with(codex)
    };
    let result = {
        let runner = Runner::new(&container, options);
        let batch = runner.prepare(checks)?;
        runner.run(&batch, progress)?
    };
    container.stop()?;
    Ok(result)
}
