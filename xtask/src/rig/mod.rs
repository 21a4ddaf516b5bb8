//! The verbs of the checkout: what starts containers, and what reads and writes the project's own files.

mod bench;
mod bench_deploy;
mod bench_real;
mod ci;
mod clean;
mod compatibility;
mod drift;
mod lessons;
mod mutants;
mod progress;
mod releases;
mod session;
mod smoke;
mod sources;
mod workspace;

use clap::Subcommand;

pub(crate) use session::wait_if_interrupted;

use crate::exit::Verdict;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Smoke(smoke::Smoke),
    Lessons(lessons::Lessons),
    Mutants(mutants::Mutants),
    Drift(drift::Drift),
    Releases(releases::Releases),
    Bench(bench::Bench),
    Clean(clean::Clean),
    Ci(ci::Ci),
}

impl Verb {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        match self {
            Self::Smoke(smoke) => smoke.run(),
            Self::Lessons(lessons) => lessons.run(),
            Self::Mutants(mutants) => mutants.run(),
            Self::Drift(drift) => drift.run(),
            Self::Releases(releases) => releases.run(),
            Self::Bench(bench) => bench.run(),
            Self::Clean(clean) => clean.run(),
            Self::Ci(ci) => ci.run(),
        }
    }
}
