//! The command line: one file per command, and no logic that a test of the library could not reach.
#![warn(clippy::print_stdout, clippy::print_stderr)]

#[macro_use]
pub mod say;

mod deploy;
mod doctor;
pub mod exit;
mod explain;
mod interruption;
mod login;
mod login_file;
mod many;
mod name;
mod reach;
mod rollback;
pub mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use name::{is_run_in_a_checkout, program_name};

use crate::hosts::panics_tell_their_place;
use exit::Verdict;

/// Copy your Codex CLI login to hosts over SSH, verify that it works, and explain what is wrong if it does not.
#[derive(Debug, Parser)]
#[command(name = name::INSTALLED, bin_name = name::INSTALLED, version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
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
    match Cli::try_parse() {
        Ok(cli) => exit::code(cli.verb.run(), |_| None),
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
