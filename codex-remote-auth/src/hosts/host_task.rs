//! One host of many: from its name to what became of it, in its time.

use std::time::{Duration, Instant};

use thiserror::Error;

use super::prompt_time::Counted;
use super::{PromptTime, Unfinished};
use crate::remote::{RemoteError, RemoteState};
use crate::ssh::{Ask, Deadline, Resolver, Session, SshProblem, connect};

/// How hosts are reached, and how long each may take.
#[derive(Debug)]
pub struct Reach {
    /// What makes destinations of their names.
    pub resolver: Resolver,
    /// How long one host may take, the time apart in which a person is asked.
    pub limit: Duration,
}

/// What became of one host.
#[derive(Debug)]
pub struct HostReport<T> {
    /// The host as the person named it.
    pub host: String,
    /// What its configuration says that is not done here. A person was told before the host was connected to.
    pub warnings: Vec<String>,
    /// What was done, or why it was not.
    pub outcome: Result<T, HostError>,
    /// From the first look at its name to the end.
    pub elapsed: Duration,
}

/// Why a host has not what it should.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HostError {
    /// It was not reached, or what was to be done there failed.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The host did not end in its time, and nobody waits for it any more.
    #[error(
        "timed out after {} s and could not be stopped; {}. {LOOK_HERE}",
        .limit.as_secs(), .state
    )]
    GivenUp {
        /// The time it had.
        limit: Duration,
        /// What was left there.
        state: RemoteState,
    },
    /// It was under way when a person stopped the work.
    #[error("interrupted while under way; {state}. Run `doctor` to see what is there")]
    Interrupted {
        /// What was left there.
        state: RemoteState,
    },
    /// A person stopped the work before the host was begun.
    #[error("interrupted before it started; {}", RemoteState::Untouched)]
    NotBegun,
    /// The work on it panicked. What it said is not repeated: it may hold what the host or a login says.
    #[error("internal error at {place}; {state}. {OUR_FAULT}")]
    Panicked {
        /// Where in the source.
        place: String,
        /// What was left there.
        state: RemoteState,
    },
    /// This machine gave no thread for it.
    #[error("could not start a thread for this host: {reason}; {}. {FEWER}", RemoteState::Untouched)]
    NotStarted {
        /// What the system said.
        reason: String,
    },
}

/// What knows no deadline of ours.
const LOOK_HERE: &str =
    "Look at how this machine resolves its name, and at what its SSH configuration runs (Match exec)";

/// What to do about a panic.
const OUR_FAULT: &str = "This is a bug in codex-remote-auth: please report this line";

/// What to do where there are too many threads.
const FEWER: &str = "Try fewer hosts at once: --jobs";

impl HostError {
    /// Without what a deploy would have left there, for a verb that changes nothing.
    pub fn of_a_look(&self) -> String {
        match self {
            Self::Remote(RemoteError::Ssh { problem, .. }) => problem.to_string(),
            Self::GivenUp { limit, .. } => {
                format!("timed out after {} s and could not be stopped. {LOOK_HERE}", limit.as_secs())
            }
            Self::Interrupted { .. } => "interrupted while under way".to_owned(),
            Self::NotBegun => "interrupted before it started".to_owned(),
            Self::Panicked { place, .. } => format!("internal error at {place}. {OUR_FAULT}"),
            Self::NotStarted { reason } => {
                format!("could not start a thread for this host: {reason}. {FEWER}")
            }
            error => error.to_string(),
        }
    }

    /// Of a host of whose work nothing came, in the time that it had; `state` is what that work may have left.
    pub fn of(unfinished: Unfinished, limit: Duration, state: RemoteState) -> Self {
        match unfinished {
            Unfinished::GivenUp => Self::GivenUp { limit, state },
            Unfinished::Interrupted => Self::Interrupted { state },
            Unfinished::NotBegun => Self::NotBegun,
            Unfinished::Panicked(place) => Self::Panicked { place, state },
            Unfinished::NotStarted(reason) => Self::NotStarted { reason },
        }
    }

    /// The name that reports use for it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Remote(error) => error.code(),
            Self::GivenUp { .. } => "given-up",
            Self::Interrupted { .. } => "interrupted",
            Self::NotBegun => "not-begun",
            Self::Panicked { .. } => "internal-error",
            Self::NotStarted { .. } => "not-started",
        }
    }
}

impl<T> HostReport<T> {
    /// Of a host of whose work nothing came.
    pub fn without(host: &str, error: HostError, elapsed: Duration) -> Self {
        Self { host: host.to_owned(), warnings: Vec::new(), outcome: Err(error), elapsed }
    }
}

impl Reach {
    /// Does something on one host. One clock runs from the look at its name to the end of the work, and stands still while a
    /// person is asked anything, for this host or another.
    pub fn visit<T>(
        &self,
        host: &str,
        ask: &dyn Ask,
        prompt_time: &PromptTime,
        work: impl FnOnce(&Session, Deadline) -> Result<T, RemoteError>,
    ) -> HostReport<T> {
        let began = Instant::now();
        let deadline = Deadline::after(self.limit);
        let asked_before = prompt_time.spent();
        let deadline = || deadline.later_by(prompt_time.spent().saturating_sub(asked_before));
        let mut warnings = Vec::new();
        let outcome = self
            .session(host, &mut warnings, &Counted { ask, prompt_time }, deadline)
            .map_err(|problem| RemoteError::Ssh { problem, state: RemoteState::Untouched })
            .and_then(|session| work(&session, deadline()));
        HostReport {
            host: host.to_owned(),
            warnings,
            outcome: outcome.map_err(HostError::from),
            elapsed: began.elapsed(),
        }
    }

    fn session(
        &self,
        host: &str,
        warnings: &mut Vec<String>,
        ask: &dyn Ask,
        deadline: impl Fn() -> Deadline,
    ) -> Result<Session, SshProblem> {
        let destination = self.resolver.resolve(host)?;
        warnings.clone_from(&destination.warnings);
        connect(&destination, ask, deadline())
    }
}
