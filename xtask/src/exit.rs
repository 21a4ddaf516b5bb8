//! What a verb's end means to the shell: 0 holds, 1 does not, 2 the call is wrong, 3 the machine lacks something, 130 interrupted.

use std::process::ExitCode;

use harness::fleet::HostsProblem;
use harness::lesson::CatalogueProblem;
#[cfg(feature = "rig")]
use harness::run::ChoiceProblem;
use harness::ssh::printable;
#[cfg(feature = "rig")]
use harness::target::{Lacks, RigProblem};

use crate::say;

/// What the shell gives for a program that Ctrl-C has ended.
pub(crate) const INTERRUPTED: u8 = 130;

/// Whether what was asked holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Holds,
    Fails,
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
pub(crate) struct WrongCall(pub(crate) String);

/// What clap says of the command line: help, the version, or what is wrong.
pub(crate) fn of_the_command_line(said: &clap::Error) -> ExitCode {
    // It repeats arguments, which may come from anywhere.
    match said.use_stderr() {
        true => say::tell(format_args!("{}", said.render())),
        false => say!("{}", said.render()),
    }
    ExitCode::from(u8::try_from(said.exit_code()).unwrap_or(2))
}

pub(crate) fn code(result: anyhow::Result<Verdict>) -> ExitCode {
    if let Some(why) = say::lost() {
        tell_line!(
            "error: the standard output could not be written to: {why}; what was to be done is done, and not all is told"
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
    ExitCode::from(status(&error))
}

fn status(error: &anyhow::Error) -> u8 {
    if error.is::<WrongCall>() || error.is::<CatalogueProblem>() {
        return 2;
    }
    status_of_rig(error)
}

#[cfg(not(feature = "rig"))]
fn status_of_rig(_error: &anyhow::Error) -> u8 {
    1
}

#[cfg(feature = "rig")]
fn status_of_rig(error: &anyhow::Error) -> u8 {
    let release = match error.downcast_ref() {
        Some(ChoiceProblem::Release(problem)) => Some(problem),
        _ => error.downcast_ref(),
    };
    if let Some(problem) = release {
        return match problem {
            problem if problem.is_wrong_call() => 2,
            problem if problem.is_lack() => 3,
            _ => 1,
        };
    }
    let choice: Option<&ChoiceProblem> = error.downcast_ref();
    if matches!(choice, Some(ChoiceProblem::NoCodex { .. })) {
        return 2;
    }
    let rig = match choice {
        Some(ChoiceProblem::Rig(problem)) => Some(problem),
        _ => error.downcast_ref(),
    };
    let lacks = error.is::<Lacks>() || matches!(rig, Some(RigProblem::Lacks(_) | RigProblem::Start { .. }));
    if lacks { 3 } else { 1 }
}
