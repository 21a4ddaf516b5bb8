//! The command line: one file a verb, and no logic that a test of the harness could not reach.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod bench_real;
mod ci;
mod clean;
mod compatibility;
mod drift;
mod exit;
mod lessons;
mod mutants;
mod progress;
mod releases;
mod session;
mod smoke;
mod sources;
mod workspace;

/// Proves the codex-remote-auth guide on real sshd containers.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Smoke(smoke::Smoke),
    Lessons(lessons::Lessons),
    Mutants(mutants::Mutants),
    Drift(drift::Drift),
    Releases(releases::Releases),
    Bench(bench::Bench),
    Clean(clean::Clean),
    Ci(ci::Ci),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.verb {
        Verb::Smoke(smoke) => smoke.run(),
        Verb::Lessons(lessons) => lessons.run(),
        Verb::Mutants(mutants) => mutants.run(),
        Verb::Drift(drift) => drift.run(),
        Verb::Releases(releases) => releases.run(),
        Verb::Bench(bench) => bench.run(),
        Verb::Clean(clean) => clean.run(),
        Verb::Ci(ci) => ci.run(),
    };
    session::wait_if_interrupted();
    exit::code(result)
}
