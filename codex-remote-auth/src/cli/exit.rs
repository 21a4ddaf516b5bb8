//! What a verb's end means to the shell: 0 holds, 1 does not, 2 the call is wrong, 3 the machine lacks something, 130 interrupted.

use std::process::ExitCode;

use crate::hosts::HostsProblem;
use crate::lessons::CatalogueProblem;
use crate::ssh::printable;

use crate::cli::say;

/// What the shell gives for a program that Ctrl-C has ended.
pub const INTERRUPTED: u8 = 130;

/// Whether what was asked holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Holds,
    /// It does not.
    Fails,
    /// Ctrl-C came before that was known.
    Interrupted,
}

impl From<bool> for Verdict {
    fn from(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Fails }
    }
}

/// The call itself is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WrongCall(pub String);

/// What clap says of the command line: help, the version, or what is wrong.
pub fn of_the_command_line(said: &clap::Error) -> ExitCode {
    // It repeats arguments, which may come from anywhere.
    match said.use_stderr() {
        true => say::tell(format_args!("{}", said.render())),
        false => say!("{}", said.render()),
    }
    ExitCode::from(u8::try_from(said.exit_code()).unwrap_or(2))
}

/// Tells an error, and gives the exit status. `other` knows the status of errors that this crate does not know.
pub fn code(result: anyhow::Result<Verdict>, other: impl FnOnce(&anyhow::Error) -> Option<u8>) -> ExitCode {
    if let Some(why) = say::lost() {
        tell_line!(
            "error: could not write to the standard output: {why}. The work is finished, but part of the report is lost"
        );
        return ExitCode::from(1);
    }
    let error = match result {
        Ok(Verdict::Holds) => return ExitCode::SUCCESS,
        Ok(Verdict::Fails) => return ExitCode::from(1),
        Ok(Verdict::Interrupted) => return ExitCode::from(INTERRUPTED),
        Err(error) => error,
    };
    // A file's name in it may hold line ends; what the rig says has its own.
    let text = format!("error: {error:#}");
    let one_line = error.is::<WrongCall>() || error.is::<HostsProblem>();
    tell_line!("{}", if one_line { printable(&text) } else { text });
    ExitCode::from(status(&error).or_else(|| other(&error)).unwrap_or(1))
}

fn status(error: &anyhow::Error) -> Option<u8> {
    (error.is::<WrongCall>() || error.is::<CatalogueProblem>()).then_some(2)
}
