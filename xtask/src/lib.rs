//! The command line of the checkout: commands that start containers, commands that read and write the project's own files, and
//! the commands of the installed program.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod accept_lesson;
mod bench;
mod ci;
mod clean;
mod compatibility;
mod dist;
mod drift;
mod flavours;
mod guide;
mod help;
mod interruption;
mod kept;
mod last_run;
mod lessons;
mod mutants;
mod names;
mod new_lesson;
mod picture;
mod progress;
mod releases;
mod reports;
mod repro;
mod selection;
mod session;
mod smoke;
mod sources;
mod status;
mod terminal;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use codex_remote_auth::cli::exit::{self, Verdict};
use codex_remote_auth::cli::{self, ColourArgs, help as installed_help, is_run_in_a_checkout, report_panics};

/// How users run this program: by cargo's alias.
const NAME: &str = "cargo xtask";

/// Copy your Codex CLI login to hosts over SSH, verify that it works, and explain what is wrong if it does not.
#[derive(Debug, Parser)]
#[command(
    name = NAME,
    bin_name = NAME,
    version,
    arg_required_else_help = true,
    styles = installed_help::STYLES,
    max_term_width = installed_help::WIDEST,
    after_help = help::PROGRAM
)]
struct Cli {
    #[command(flatten)]
    colour: ColourArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    #[command(flatten)]
    Installed(cli::Verb),
    Smoke(smoke::Smoke),
    Repro(repro::Repro),
    Lessons(lessons::Lessons),
    Mutants(mutants::Mutants),
    Drift(drift::Drift),
    Guide(guide::Guide),
    Releases(releases::Releases),
    Bench(bench::Bench),
    Picture(picture::Picture),
    Clean(clean::Clean),
    Ci(ci::Ci),
    Dist(dist::Dist),
}

impl Verb {
    fn run(self) -> anyhow::Result<Verdict> {
        match self {
            Self::Installed(verb) => verb.run(),
            Self::Smoke(smoke) => smoke.run(),
            Self::Repro(repro) => repro.run(),
            Self::Lessons(lessons) => lessons.run(),
            Self::Mutants(mutants) => mutants.run(),
            Self::Drift(drift) => drift.run(),
            Self::Guide(guide) => guide.run(),
            Self::Releases(releases) => releases.run(),
            Self::Bench(bench) => bench.run(),
            Self::Picture(picture) => picture.run(),
            Self::Clean(clean) => clean.run(),
            Self::Ci(ci) => ci.run(),
            Self::Dist(dist) => dist.run(),
        }
    }
}

/// Runs the command given on the command line.
pub fn main() -> ExitCode {
    is_run_in_a_checkout(NAME);
    report_panics();
    let result = match Cli::try_parse() {
        Ok(cli) => {
            cli.colour.apply();
            cli.verb.run()
        }
        Err(said) => return exit::of_the_command_line(&said),
    };
    interruption::wait_if_it_came();
    exit::code(result, status::of_an_error)
}
