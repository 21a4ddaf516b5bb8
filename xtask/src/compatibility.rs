//! `cargo xtask drift --write` and `--check`: docs/compatibility.md, which says which lesson holds on which release.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use codex_remote_auth::lessons::{Catalogue, Statements};
use codex_remote_auth::tell_line;
use harness::report::check_statements;
use harness::report::compatibility::{Compatibility, Sources, disagreements, first_difference, page};
use harness::run::{
    Cell, CellStatus, Check, Progress, ReleaseDrift, Runner, RunnerOptions, SMOKE_TESTS, Status,
    TestEnvironment,
};
use harness::target::CodexUnderTest;

use crate::workspace;
use codex_remote_auth::cli::exit::Verdict;

/// What to run if the record differs from the runs.
const RUN_AGAIN: &str = "run `cargo xtask drift --write` to regenerate it on every release, or \
    `cargo xtask drift --write RELEASE…` on these only";

/// What to run if only the page is out of date.
const RENDER_AGAIN: &str = "run `cargo xtask drift --page` to regenerate it";

/// The sources of the page, other than its record.
#[derive(Debug)]
pub(crate) struct CompatibilityPage<'a> {
    catalogue: &'a Catalogue,
    statements: Statements,
}

impl<'a> CompatibilityPage<'a> {
    /// Reads the guide's statements.
    pub(crate) fn open(catalogue: &'a Catalogue) -> anyhow::Result<Self> {
        let statements = workspace::statements()?;
        check_statements(&statements, catalogue)?;
        Ok(Self { catalogue, statements })
    }

    /// Writes the page and its record from these runs. Results of other releases are kept, unless `all` is set.
    pub(crate) fn write(&self, drifts: &[ReleaseDrift], all: bool) -> anyhow::Result<()> {
        let mut record = if all || !record_file().exists() { Compatibility::new() } else { read()? };
        for drift in drifts {
            record.take(drift, self.catalogue).context("docs/compatibility.md was not changed")?;
        }
        let lessons = self.catalogue.lessons().iter().map(|lesson| lesson.id.as_str());
        record.keep(&lessons.chain(SMOKE_TESTS.iter().map(|test| test.id)).collect::<Vec<_>>());
        put(&record_file(), &record.to_json())?;
        put(&page_file(), &self.render(&record))?;
        tell_line!("wrote docs/compatibility.md and docs/compatibility.json");
        Ok(())
    }

    /// Writes the page from the existing record.
    pub(crate) fn write_page(&self) -> anyhow::Result<()> {
        put(&page_file(), &self.render(&read()?))
    }

    /// Checks that the page is up to date, and that the record agrees with these runs.
    pub(crate) fn check(&self, drifts: &[ReleaseDrift]) -> anyhow::Result<Verdict> {
        let record = read()?;
        let file = page_file();
        let shown =
            std::fs::read_to_string(&file).with_context(|| format!("{}: {RENDER_AGAIN}", file.display()))?;
        let behind = first_difference(&shown, &self.render(&record));
        if let Some(difference) = &behind {
            tell_line!(
                "error: docs/compatibility.md is out of date: it differs from its record, the lessons and \
                 fixtures/guide.toml, {difference}\n  hint: {RENDER_AGAIN}"
            );
        }
        let mut apart = Vec::new();
        for drift in drifts {
            apart.extend(disagreements(&record, drift, self.catalogue)?);
        }
        if !apart.is_empty() {
            tell_line!(
                "error: docs/compatibility.json disagrees with these runs\n{}\n  hint: {RUN_AGAIN}",
                apart.join("\n")
            );
        }
        Ok((behind.is_none() && apart.is_empty()).into())
    }

    /// Whether the page is up to date.
    pub(crate) fn is_current(&self) -> anyhow::Result<bool> {
        Ok(std::fs::read_to_string(page_file())? == self.render(&read()?))
    }

    fn render(&self, record: &Compatibility) -> String {
        page(Sources { record, catalogue: self.catalogue, statements: &self.statements })
    }
}

fn page_file() -> PathBuf {
    workspace::root().join("docs/compatibility.md")
}

fn record_file() -> PathBuf {
    workspace::root().join("docs/compatibility.json")
}

/// Reads the existing record.
pub(crate) fn read() -> anyhow::Result<Compatibility> {
    let file = record_file();
    let text = std::fs::read_to_string(&file).with_context(|| format!("{}: {RUN_AGAIN}", file.display()))?;
    Compatibility::from_json(&text).with_context(|| format!("{}: {RUN_AGAIN}", file.display()))
}

fn put(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// Runs the guide's seven smoke tests in a separate container, and adds them to a run of the lessons.
pub(crate) fn with_smoke_tests(
    mut drift: ReleaseDrift,
    test_environment: &TestEnvironment,
    jobs: usize,
    live: &dyn Progress,
) -> anyhow::Result<ReleaseDrift> {
    if matches!(drift.codex, CodexUnderTest::Claude(_)) {
        return Ok(drift);
    }
    let checks = SMOKE_TESTS.iter().map(|test| Check::smoke(test, drift.release().clone())).collect();
    // Account names repeat in every container, so the files with their logins on this machine need a separate folder.
    let folder = test_environment.folder().join(format!("smoke-{}", drift.release()));
    std::fs::create_dir(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let container = test_environment.container_with(&drift.codex)?;
    let result = {
        let options = RunnerOptions::new(jobs, folder).with(&drift.codex);
        let runner = Runner::new(&container, options);
        let batch = runner.prepare(checks)?;
        runner.run(&batch, live)?
    };
    container.stop()?;
    drift.leaks.extend(result.leaks);
    drift.elapsed += result.elapsed;
    drift.cells.extend(result.checks.into_iter().map(|check| {
        let status = match (check.ran, check.status) {
            (false, _) => CellStatus::Error,
            (true, Status::Pass) => CellStatus::Holds,
            (true, Status::Fail) => CellStatus::Drifted,
        };
        let seen = check.failures.first().map_or(&check.summary, |failure| &failure.seen).clone();
        Cell { lesson: check.id.clone(), status, seen, result: Some(check) }
    }));
    Ok(drift)
}
