//! The exit status for errors of the harness.

use harness::run::ChoiceProblem;
use harness::target::{MissingPrerequisite, RigProblem};

/// 2 if the command line is wrong, 3 if the machine lacks something, and none for all other errors.
pub(crate) fn of_an_error(error: &anyhow::Error) -> Option<u8> {
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
    if matches!(choice, Some(ChoiceProblem::NoCodex { .. } | ChoiceProblem::NotForContainers { .. })) {
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
