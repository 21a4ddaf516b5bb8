//! Why the container of a run does not do what it should.

use thiserror::Error;

use super::{Engine, MissingPrerequisite};
use codex_remote_auth::ssh::SshProblem;

/// Why the container of a run does not do what it should.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RigProblem {
    /// The machine lacks something.
    #[error(transparent)]
    MissingPrerequisite(#[from] MissingPrerequisite),
    /// The engine would not start the container.
    #[error("the container cannot be started: {reason}; `docker system df` and `docker info` say more")]
    Start {
        /// What the engine said.
        reason: String,
    },
    /// The container started, and its sshd did not let the rig in.
    #[error("sshd in the container does not answer: {problem}; its log ends with:\n{log}")]
    NoSshd {
        /// What came of the last try.
        problem: Box<SshProblem>,
        /// The end of the container's log.
        log: Box<str>,
    },
    /// The container does not answer any more.
    #[error("the container died or was removed while the run went on: {problem}")]
    Died {
        /// What came of the call.
        problem: SshProblem,
    },
    /// The cloud in the container is not as it has to be.
    #[error("the fake cloud in the container does not work: {reason}")]
    Cloud {
        /// What it said.
        reason: String,
    },
    /// Something that has to be searched for secrets cannot be read.
    #[error("{what} cannot be read: {reason}")]
    Unread {
        /// What.
        what: &'static str,
        /// What was said.
        reason: String,
    },
    /// Accounts could not be made.
    #[error("accounts cannot be made in the container: {reason}")]
    Accounts {
        /// What was said.
        reason: String,
    },
}

/// The problem, or that the engine has ended: then everything else that failed only follows from it.
pub(super) fn or_ended(engine: &Engine, problem: RigProblem) -> RigProblem {
    engine.ended().map_or(problem, RigProblem::MissingPrerequisite)
}
