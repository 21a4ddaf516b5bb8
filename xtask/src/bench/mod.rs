//! `cargo xtask bench`: measures the figures in docs/performance.md, and compares each with its bound.

mod accounts;
mod deploy;
mod smoke;
mod table;

use clap::{Args, Subcommand};
use codex_remote_auth::cli::exit::Verdict;

/// Measure the figures in docs/performance.md, and compare each with its bound
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Bench {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    smoke: smoke::BenchSmoke,
}

#[derive(Debug, Subcommand)]
enum Part {
    Deploy(deploy::BenchDeploy),
}

impl Bench {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        match self.part {
            Some(Part::Deploy(deploy)) => deploy.run(),
            None => self.smoke.run(),
        }
    }
}
