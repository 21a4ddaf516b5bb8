//! The exit status for errors of the harness.

use codex_remote_auth::ssh::printable;
use harness::report::SkillProblem;
use harness::run::ChoiceProblem;
use harness::target::{MissingPrerequisite, RigProblem};
use thiserror::Error;

use crate::names::NothingSelected;

/// The call is wrong. Says what is wrong with it, and what would be right.
#[derive(Debug, Error)]
#[error("{}{}", printable(what), hints.iter().map(|hint| format!("\n  hint: {}", printable(hint))).collect::<String>())]
pub(crate) struct Refused {
    what: String,
    hints: Vec<String>,
}

impl Refused {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), hints: Vec::new() }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

/// 2 if the command line is wrong, 3 if the machine lacks something, 4 if a filter selects nothing, and none for all other errors.
pub(crate) fn of_an_error(error: &anyhow::Error) -> Option<u8> {
    if error.is::<NothingSelected>() {
        return Some(4);
    }
    if error.is::<Refused>() || error.is::<SkillProblem>() {
        return Some(2);
    }
    let release = match error.downcast_ref() {
        Some(ChoiceProblem::Release(problem)) => Some(problem),
        _ => error.downcast_ref(),
    };
    if let Some(problem) = release {
        return match problem {
            problem if problem.is_wrong_call() => Some(2),
            problem if problem.is_lack() => Some(3),
            _ => None,
        };
    }
    let choice: Option<&ChoiceProblem> = error.downcast_ref();
    if matches!(
        choice,
        Some(
            ChoiceProblem::NoStub { .. }
                | ChoiceProblem::NoCodex { .. }
                | ChoiceProblem::NotForContainers { .. }
        )
    ) {
        return Some(2);
    }
    let rig = match choice {
        Some(ChoiceProblem::Rig(problem)) => Some(problem),
        _ => error.downcast_ref(),
    };
    let lacks = error.is::<MissingPrerequisite>()
        || matches!(rig, Some(RigProblem::MissingPrerequisite(_) | RigProblem::Start { .. }));
    lacks.then_some(3)
}
