//! Which lesson holds on which release. All lessons run in one container with that release.

use std::time::Duration;

use semver::Version;

use super::check::{Check, CheckResult, Status};
use super::leak_scanner::Leak;
use super::{Observed, Progress, Runner, RunnerOptions, TestEnvironment};
use crate::target::{CodexUnderTest, RigProblem};
use codex_remote_auth::lessons::{Lesson, Tool};

/// Whether a lesson holds on a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CellStatus {
    /// Everything is as the lesson says.
    Holds,
    /// The release shows something else.
    Drifted,
    /// The lesson does not apply to this release.
    NotApplicable,
    /// It did not run to its end, so it shows nothing.
    Error,
}

impl CellStatus {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Drifted => "drifted",
            Self::NotApplicable => "not-applicable",
            Self::Error => "error",
        }
    }
}

/// One lesson on one release.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The lesson.
    pub lesson: String,
    /// Whether it holds.
    pub status: CellStatus,
    /// What it showed, in one line.
    pub seen: String,
    /// The result of the run, with what failed or why it could not be run.
    pub result: Option<CheckResult>,
}

impl Cell {
    /// The cell of a lesson with this result. Without one, the lesson does not apply.
    pub fn of(lesson: &str, result: Option<CheckResult>) -> Self {
        let status = match &result {
            None => CellStatus::NotApplicable,
            Some(CheckResult { ran: false, .. }) => CellStatus::Error,
            Some(CheckResult { status: Status::Pass, .. }) => CellStatus::Holds,
            Some(_) => CellStatus::Drifted,
        };
        let seen = result.as_ref().map_or(String::new(), seen);
        Self { lesson: lesson.to_owned(), status, seen, result }
    }

    /// Its steps, as observed.
    pub fn steps(&self) -> &[Observed] {
        self.result.as_ref().map_or(&[], |result| &result.observed)
    }
}

/// Every lesson on one release.
#[derive(Debug, Clone)]
pub struct ReleaseDrift {
    /// The release.
    pub codex: CodexUnderTest,
    /// A cell for each lesson, in the lessons' order.
    pub cells: Vec<Cell>,
    /// Secrets that were seen where none is allowed.
    pub leaks: Vec<Leak>,
    /// The time from the container's start to the last answer.
    pub elapsed: Duration,
}

impl ReleaseDrift {
    /// The lessons with these results. There is a result for each lesson that applies, in the lessons' order; further
    /// results are ignored.
    pub(super) fn of(
        codex: &CodexUnderTest,
        lessons: &[Lesson],
        results: Vec<CheckResult>,
        leaks: Vec<Leak>,
        elapsed: Duration,
    ) -> Self {
        let mut results = results.into_iter();
        let applies = |lesson: &Lesson| lesson.codex.contains(codex.release());
        let cells = of_tool(lessons, codex)
            .map(|lesson| Cell::of(&lesson.id, if applies(lesson) { results.next() } else { None }));
        Self { codex: codex.clone(), cells: cells.collect(), leaks, elapsed }
    }

    /// Whether every lesson that applies holds.
    pub fn holds(&self) -> bool {
        let fine = |cell: &Cell| matches!(cell.status, CellStatus::Holds | CellStatus::NotApplicable);
        self.leaks.is_empty() && self.cells.iter().all(fine)
    }

    /// The release.
    pub fn release(&self) -> &Version {
        self.codex.release()
    }
}

/// Runs the lessons about this program in a separate container.
///
/// # Errors
/// Any [`RigProblem`].
pub fn drift(
    test_environment: &TestEnvironment,
    lessons: &[Lesson],
    codex: &CodexUnderTest,
    options: &RunnerOptions,
    progress: &dyn Progress,
) -> Result<ReleaseDrift, RigProblem> {
    let began = std::time::Instant::now();
    let container = test_environment.container_with(codex)?;
    let release = codex.release();
    let checks = of_tool(lessons, codex)
        .filter(|lesson| lesson.codex.contains(release))
        .map(|lesson| Check::lesson(lesson, release.clone()))
        .collect();
    let result = {
        let runner = Runner::new(&container, options.clone().with(codex));
        let batch = runner.prepare(checks)?;
        runner.run(&batch, progress)?
    };
    container.stop()?;
    Ok(ReleaseDrift::of(codex, lessons, result.checks, result.leaks, began.elapsed()))
}

/// The lessons about the program that this codex is.
fn of_tool<'l>(lessons: &'l [Lesson], codex: &CodexUnderTest) -> impl Iterator<Item = &'l Lesson> {
    let tool = tool_of(codex);
    lessons.iter().filter(move |lesson| lesson.tool == tool)
}

/// The program that a lesson must be about to run on this codex.
pub fn tool_of(codex: &CodexUnderTest) -> Tool {
    match codex {
        CodexUnderTest::Stub(_) | CodexUnderTest::Real(_) => Tool::Codex,
        CodexUnderTest::Claude(_) => Tool::Claude,
    }
}

/// What a lesson showed, in one line.
fn seen(result: &CheckResult) -> String {
    match result.failures.first() {
        None => result.summary.clone(),
        Some(failure) => failure.seen.replace('\n', " "),
    }
}
