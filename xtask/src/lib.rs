//! The command line: one file a verb, and no logic that a test of the harness could not reach.
#![warn(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use harness::fleet::panics_tell_their_place;

#[macro_use]
mod say;

mod exit;
mod hosts;
mod interruption;
#[cfg(feature = "rig")]
mod rig;
mod terminal;

/// What the program is called: by cargo's alias in a checkout, by its own name where it is installed.
const NAME: &str = if cfg!(feature = "rig") { "cargo xtask" } else { "codex-remote-auth" };

/// Brings a Codex login to machines that are only reached over SSH, and says what is wrong there.
#[derive(Debug, Parser)]
#[command(name = NAME, bin_name = NAME, version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    #[command(flatten)]
    Hosts(hosts::Verb),
    #[cfg(feature = "rig")]
    #[command(flatten)]
    Rig(rig::Verb),
}

/// Runs the verb that the command line names.
pub fn main() -> ExitCode {
    panics_tell_their_place(|place| {
        tell_line!("error: internal error at {place}. This is a bug in {NAME}: please report this line");
    });
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(said) => return exit::of_the_command_line(&said),
    };
    let result = match cli.verb {
        Verb::Hosts(verb) => verb.run(),
        #[cfg(feature = "rig")]
        Verb::Rig(verb) => verb.run(),
    };
    #[cfg(feature = "rig")]
    rig::wait_if_interrupted();
    exit::code(result)
}
