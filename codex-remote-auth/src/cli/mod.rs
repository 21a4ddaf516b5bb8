//! The command line: one file per command, and no logic that a test of the library could not reach.
#![warn(clippy::print_stdout, clippy::print_stderr)]

#[macro_use]
pub mod say;

mod caller;
mod colour;
mod completions;
mod deploy;
mod doctor;
pub mod exit;
mod explain;
pub mod help;
mod host_names;
mod interruption;
mod login;
mod login_file;
mod man;
mod many;
mod name;
mod reach;
mod rollback;
pub mod terminal;
mod verbosity;
pub mod width;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

pub use colour::ColourArgs;
pub use name::{is_run_in_a_checkout, program_name};

use crate::hosts::panics_tell_their_place;
use exit::Verdict;

/// Copy your Codex CLI login to hosts over SSH, verify that it works, and explain what is wrong if it does not.
#[derive(Debug, Parser)]
#[command(
    name = name::INSTALLED,
    bin_name = name::INSTALLED,
    version = VERSION,
    arg_required_else_help = true,
    styles = help::STYLES,
    max_term_width = help::WIDEST,
    after_help = help::short(""),
    after_long_help = help::PROGRAM.text()
)]
struct Cli {
    #[command(flatten)]
    colour: ColourArgs,
    #[command(subcommand)]
    command: Installed,
}

/// The version, with its commit if that is known.
const VERSION: &str = env!("CODEX_REMOTE_AUTH_VERSION");

/// The commands of the installed program.
#[derive(Debug, Subcommand)]
enum Installed {
    #[command(flatten)]
    Verb(Verb),
    Completions(completions::Completions),
    Man(man::Manual),
}

/// The commands for people's own hosts. None of them needs a container engine or the checkout.
#[derive(Debug, Subcommand)]
pub enum Verb {
    #[allow(missing_docs, reason = "clap takes the docs of the variant for those of the command")]
    Deploy(Box<deploy::Deploy>),
    #[allow(missing_docs, reason = "as above")]
    Rollback(Box<rollback::Rollback>),
    #[allow(missing_docs, reason = "as above")]
    Doctor(Box<doctor::Doctor>),
    #[allow(missing_docs, reason = "as above")]
    Login(Box<login::Login>),
    #[allow(missing_docs, reason = "as above")]
    Explain(explain::Explain),
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// The command could not run at all. The result for each host is printed, and is part of the verdict.
    pub fn run(self) -> anyhow::Result<Verdict> {
        match self {
            Self::Deploy(deploy) => deploy.run(),
            Self::Rollback(rollback) => rollback.run(),
            Self::Doctor(doctor) => doctor.run(),
            Self::Login(login) => login.run(),
            Self::Explain(explain) => explain.run(),
        }
    }
}

/// Runs the command that the command line names, as the installed program.
pub fn main() -> ExitCode {
    report_panics();
    if let Some(code) = completions::answer(Cli::command) {
        return code;
    }
    match Cli::try_parse() {
        Ok(cli) => {
            cli.colour.apply();
            let result = match cli.command {
                Installed::Verb(verb) => verb.run(),
                Installed::Completions(completions) => completions.run(),
                Installed::Man(manual) => manual.run(Cli::command()),
            };
            exit::code(result, |_| None)
        }
        Err(said) => exit::of_the_command_line(&said),
    }
}

/// From now on, a panic prints only its place: its message may contain text from a host or a login.
pub fn report_panics() {
    panics_tell_their_place(|place| {
        tell_line!(
            "error: internal error at {place}. This is a bug in {}: please report this line",
            program_name()
        );
    });
}
