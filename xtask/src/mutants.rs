//! `cargo xtask mutants`: runs every lesson and smoke test under each of its mutants, and shows whether each mutant is killed.

use std::time::Instant;

use clap::Args;
use codex_remote_auth::lessons::{Catalogue, Tool};
use codex_remote_auth::{say, say_line, tell_line};
use harness::report;
use harness::run::{
    Check, MutantVerdict, Quiet, Runner, RunnerOptions, SMOKE_TESTS, TestEnvironment, TestEnvironmentOptions,
    catalogue, newest_release,
};
use harness::target::CodexUnderTest;

use crate::session::{self, default_jobs};
use crate::workspace;
use codex_remote_auth::cli::exit::{Verdict, WrongCall};
use codex_remote_auth::cli::terminal::colours;

/// Run every lesson and smoke test under each of its mutants; each has to fail there
#[derive(Debug, Args)]
pub(crate) struct Mutants {
    /// Lessons and smoke tests to run (default: all)
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Number of lessons in parallel
    #[arg(long, value_name = "N", default_value_t = default_jobs(&CodexUnderTest::newest_stub()), value_parser = session::jobs)]
    jobs: usize,
    #[command(flatten)]
    files: workspace::LessonFiles,
}

impl Mutants {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let began = Instant::now();
        let catalogue = catalogue(&self.files.folder())?;
        let checks = self.checks(&catalogue)?;
        let test_environment =
            session::open(&TestEnvironmentOptions::default(), &|what| tell_line!("{what}"))?;
        let verdicts = run(&test_environment, checks, self.jobs)?;
        say!("{}", report::mutant_lines(&verdicts, colours()));
        say_line!("\n{}", report::mutant_summary(&verdicts, began.elapsed().as_secs_f64(), colours()));
        Ok(verdicts.iter().all(|verdict| verdict.killed).into())
    }

    fn checks<'c>(&self, catalogue: &'c Catalogue) -> anyhow::Result<Vec<Check<'c>>> {
        let is_there = |id: &str| catalogue.get(id).is_some() || SMOKE_TESTS.iter().any(|test| test.id == id);
        if let Some(id) = self.ids.iter().find(|id| !is_there(id)) {
            let message = format!("unknown lesson {id}; see `cargo xtask lessons`");
            return Err(WrongCall(message).into());
        }
        let wanted = |id: &str| self.ids.is_empty() || self.ids.iter().any(|wanted| wanted == id);
        let release = newest_release();
        let smoke = SMOKE_TESTS.iter().filter(|test| wanted(test.id));
        let smoke = smoke.flat_map(|test| Check::smoke_under_mutants(test, &release));
        let lessons =
            catalogue.lessons().iter().filter(|lesson| wanted(&lesson.id) && lesson.tool == Tool::Codex);
        Ok(smoke.chain(lessons.flat_map(Check::under_mutants)).collect())
    }
}

fn run(
    test_environment: &TestEnvironment,
    checks: Vec<Check<'_>>,
    jobs: usize,
) -> anyhow::Result<Vec<MutantVerdict>> {
    let container = test_environment.container()?;
    let runner = Runner::new(&container, RunnerOptions::new(jobs, test_environment.folder().to_owned()));
    let batch = runner.prepare(checks)?;
    let result = runner.run(&batch, &Quiet)?;
    let verdicts = batch.mutant_verdicts(&result.checks);
    container.stop()?;
    Ok(verdicts)
}
