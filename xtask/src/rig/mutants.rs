//! `cargo xtask mutants`: every lesson under each of its mutants, and whether each is killed.

use std::time::Instant;

use clap::Args;
use harness::lesson::Catalogue;
use harness::report;
use harness::run::{Check, Lab, LabOptions, MutantVerdict, Quiet, Runner, RunnerOptions, catalogue};
use harness::target::CodexUnderTest;

use super::session::{self, default_jobs};
use super::workspace;
use crate::exit::{Verdict, WrongCall};
use crate::terminal::colours;

/// Run every lesson under each of its mutants, which it has to fail under
#[derive(Debug, Args)]
pub(crate) struct Mutants {
    /// The lessons whose mutants to run; all of them where none is named
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// How many lessons run at once
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
        let lab = session::open(&LabOptions::default(), &|what| tell_line!("{what}"))?;
        let verdicts = run(&lab, checks, self.jobs)?;
        say!("{}", report::mutant_lines(&verdicts, colours()));
        say_line!("\n{}", report::mutant_summary(&verdicts, began.elapsed().as_secs_f64(), colours()));
        Ok(verdicts.iter().all(|verdict| verdict.killed).into())
    }

    fn checks<'c>(&self, catalogue: &'c Catalogue) -> anyhow::Result<Vec<Check<'c>>> {
        if let Some(id) = self.ids.iter().find(|id| catalogue.get(id).is_none()) {
            let message = format!("no lesson is called {id}; `cargo xtask lessons` names them");
            return Err(WrongCall(message).into());
        }
        let wanted = |id: &String| self.ids.is_empty() || self.ids.contains(id);
        Ok(catalogue
            .lessons()
            .iter()
            .filter(|lesson| wanted(&lesson.id))
            .flat_map(Check::under_mutants)
            .collect())
    }
}

fn run(lab: &Lab, checks: Vec<Check<'_>>, jobs: usize) -> anyhow::Result<Vec<MutantVerdict>> {
    let container = lab.container()?;
    let runner = Runner::new(&container, RunnerOptions::new(jobs, lab.folder().to_owned()));
    let batch = runner.prepare(checks)?;
    let result = runner.run(&batch, &Quiet)?;
    let verdicts = batch.mutant_verdicts(&result);
    container.stop()?;
    Ok(verdicts)
}
