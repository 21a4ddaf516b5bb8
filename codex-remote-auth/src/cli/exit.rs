//! The exit status of a command: 0 success, 1 failure, 2 wrong arguments, 3 this machine lacks something, 130
//! interrupted.

use std::process::ExitCode;

use crate::hosts::HostsProblem;
use crate::lessons::CatalogueProblem;
use crate::message::Failure;
use crate::ssh::printable;

use crate::cli::{colour, say};
use crate::output::Colours;

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

/// A file or a name in the call cannot be used. Nothing was started.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Unusable {
    what: String,
    more: Vec<String>,
}

impl Unusable {
    /// What is wrong, and the next steps, each in words.
    pub fn new(what: impl Into<String>, hints: &[&str]) -> Self {
        Self { what: what.into(), more: hints.iter().map(|hint| format!("hint: {hint}")).collect() }
    }

    /// The same for what was to be sent.
    pub fn unsent(what: impl Into<String>, hints: &[&str]) -> Self {
        let mut unusable = Self::new(what, hints);
        unusable.more.insert(0, "nothing was sent".to_owned());
        unusable
    }

    /// The same for an error that says it all itself.
    pub fn of(failure: &impl Failure) -> Self {
        Self { what: failure.to_string(), more: below(failure) }
    }
}

/// The state of things and the next steps, each on a line.
fn below(failure: &impl Failure) -> Vec<String> {
    let hints = failure.hints().into_iter().map(|hint| format!("hint: {hint}"));
    failure.state().map(|state| state.into_owned()).into_iter().chain(hints).collect()
}

/// Prints clap's answer to the command line (help, the version, or an error), and returns the exit status.
pub fn of_the_command_line(said: &clap::Error) -> ExitCode {
    colour::applies_to_clap(std::env::args_os());
    let text = match say::colours(said.use_stderr()) {
        Colours::On => said.render().ansi().to_string(),
        Colours::Off => said.render().to_string(),
    };
    // The answer repeats arguments, which may come from anywhere.
    match said.use_stderr() {
        true => say::tell(format_args!("{text}")),
        false => say!("{text}"),
    }
    ExitCode::from(u8::try_from(said.exit_code()).unwrap_or(2))
}

/// Prints an error, and returns the exit status. `other` knows the status of errors that this crate does not know.
pub fn code(result: anyhow::Result<Verdict>, other: impl FnOnce(&anyhow::Error) -> Option<u8>) -> ExitCode {
    if let Some(why) = say::lost() {
        tell_line!("error: could not write to the standard output: {why}");
        tell_line!("  the work is finished, but part of the report is lost");
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
    let more = match error.downcast_ref::<Unusable>() {
        Some(unusable) => Some(unusable.more.clone()),
        None => error.downcast_ref::<HostsProblem>().map(below),
    };
    let one_line = more.is_some() || error.is::<WrongCall>();
    tell_line!("{}", if one_line { printable(&text) } else { text });
    more.unwrap_or_default().iter().for_each(|line| tell_line!("  {}", printable(line)));
    ExitCode::from(status(&error).or_else(|| other(&error)).unwrap_or(1))
}

fn status(error: &anyhow::Error) -> Option<u8> {
    (error.is::<WrongCall>() || error.is::<Unusable>() || error.is::<CatalogueProblem>()).then_some(2)
}
