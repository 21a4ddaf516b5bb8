//! The exit status of a command: 0 success, 1 failure, 2 wrong arguments, 3 this machine lacks something, 130
//! interrupted.

use std::process::ExitCode;

use crate::hosts::HostsProblem;
use crate::lessons::CatalogueProblem;
use crate::ssh::printable;

use crate::cli::say;

/// The status that a shell reports for a program ended by Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// The result of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It succeeded.
    Holds,
    /// It failed.
    Fails,
    /// It was interrupted before that was known.
    Interrupted,
}

impl From<bool> for Verdict {
    fn from(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Fails }
    }
}

/// The arguments are wrong.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WrongCall(pub String);

/// Prints clap's answer to the command line (help, the version, or an error), and returns the exit status.
pub fn of_the_command_line(said: &clap::Error) -> ExitCode {
    // The answer repeats arguments, which may come from anywhere.
    match said.use_stderr() {
        true => say::tell(format_args!("{}", said.render())),
        false => say!("{}", said.render()),
    }
    ExitCode::from(u8::try_from(said.exit_code()).unwrap_or(2))
}

/// Prints an error, and returns the exit status. `other` knows the status of errors that this crate does not know.
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
    // A file name in these errors may contain line breaks. Other errors have line breaks on purpose.
    let text = format!("error: {error:#}");
    let one_line = error.is::<WrongCall>() || error.is::<HostsProblem>();
    tell_line!("{}", if one_line { printable(&text) } else { text });
    ExitCode::from(status(&error).or_else(|| other(&error)).unwrap_or(1))
}

fn status(error: &anyhow::Error) -> Option<u8> {
    (error.is::<WrongCall>() || error.is::<CatalogueProblem>()).then_some(2)
}
