//! `cargo xtask mutants`: runs every lesson and smoke test under each of its mutants, and shows whether each mutant is killed.

use std::time::Instant;

use clap::Args;
use codex_remote_auth::lessons::{Catalogue, Tool};
use codex_remote_auth::{say, say_line};
use harness::report;
use harness::run::{
    Check, MutantVerdict, Runner, RunnerOptions, SMOKE_TESTS, TestEnvironment, TestEnvironmentOptions,
    catalogue, newest_release,
};
use harness::target::CodexUnderTest;

use crate::progress::{Count, Lines, Live};
use crate::selection::Part;
use crate::session::{self, default_jobs};
use crate::status::Refused;
use crate::{help, names, terminal, workspace};
use codex_remote_auth::cli::exit::Verdict;
use codex_remote_auth::cli::terminal::colours;

/// Run every lesson and smoke test under each of its mutants; each has to fail there
#[derive(Debug, Args)]
#[command(after_help = help::MUTANTS)]
pub(crate) struct Mutants {
    /// Lessons and smoke tests to run, by name, by glob, as in 'path-*', or by section, as in @troubleshooting
    /// (default: all)
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    part: Part,
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
        let live = Live::new(Lines::None, Count::Runs, colours());
        let test_environment = session::open(&TestEnvironmentOptions::default(), &|what| live.say(what))?;
        live.expect(checks.len(), 0);
        let verdicts = run(&test_environment, checks, self.jobs, &live)?;
        live.finish();
        say!("{}", report::mutant_lines(&verdicts, terminal::width(), colours()));
        say_line!("\n{}", report::mutant_summary(&verdicts, began.elapsed().as_secs_f64(), colours()));
        Ok(verdicts.iter().all(|verdict| verdict.killed).into())
    }

    fn checks<'c>(&self, catalogue: &'c Catalogue) -> anyhow::Result<Vec<Check<'c>>> {
        let of_claude = |id: &&String| catalogue.get(id).is_some_and(|lesson| lesson.tool == Tool::Claude);
        if let Some(id) = self.ids.iter().find(of_claude) {
            let what =
                format!("the lesson {id} is about Claude Code, which has no stub, so no mutant can be run");
            return Err(Refused::new(what).into());
        }
        let lessons = || catalogue.lessons().iter().filter(|lesson| lesson.tool == Tool::Codex);
        let known: Vec<&str> = SMOKE_TESTS
            .iter()
            .map(|test| test.id)
            .chain(lessons().map(|lesson| lesson.id.as_str()))
            .collect();
        let chosen = names::select_checks(
            "lesson or smoke test",
            &self.ids,
            &known,
            catalogue,
            "cargo xtask smoke --list",
        )?;
        let chosen = self.part.of(if self.ids.is_empty() { known } else { chosen }, |id| id)?;
        let wanted = |id: &str| chosen.contains(&id);
        let release = newest_release();
        let smoke = SMOKE_TESTS.iter().filter(|test| wanted(test.id));
        let smoke = smoke.flat_map(|test| Check::smoke_under_mutants(test, &release));
        let lessons = lessons().filter(|lesson| wanted(&lesson.id));
        Ok(smoke.chain(lessons.flat_map(Check::under_mutants)).collect())
    }
}

fn run(
    test_environment: &TestEnvironment,
    checks: Vec<Check<'_>>,
    jobs: usize,
    live: &Live,
) -> anyhow::Result<Vec<MutantVerdict>> {
    let container = test_environment.container()?;
    let runner = Runner::new(&container, RunnerOptions::new(jobs, test_environment.folder().to_owned()));
    let batch = runner.prepare(checks)?;
    let result = runner.run(&batch, live)?;
    let verdicts = batch.mutant_verdicts(&result.checks);
    container.stop()?;
    Ok(verdicts)
}
