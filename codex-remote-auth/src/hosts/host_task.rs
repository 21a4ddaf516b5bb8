//! One of many hosts: from its name to its result, within its time limit.

use std::time::{Duration, Instant};

use thiserror::Error;

use super::prompt_time::Counted;
use super::{PromptTime, Reached, Unfinished};
use crate::remote::{RemoteError, RemoteState};
use crate::ssh::{Ask, Connector, Deadline, Resolver, Session, SshProblem};

/// How to reach hosts, and the time limit of each.
#[derive(Debug)]
pub struct Reach {
    /// Resolves the names of hosts to destinations.
    pub resolver: Resolver,
    /// Connects to the hosts.
    pub connector: Connector,
    /// The time limit of one host. Time during which a person is asked does not count.
    pub limit: Duration,
    /// The hosts that were reached.
    pub reached: Reached,
}

/// The result for one host.
#[derive(Debug)]
pub struct HostReport<T> {
    /// The host as the person named it.
    pub host: String,
    /// Settings of the SSH configuration that are not supported. A person was told about them before the connection was
    /// made.
    pub warnings: Vec<String>,
    /// The result of the work, or why there is none.
    pub outcome: Result<T, HostError>,
    /// From resolving the name to the end.
    pub elapsed: Duration,
}

/// Why the work on a host failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HostError {
    /// The host was not reached, or the work on it failed.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The work did not end in time, and nobody waits for it any more.
    #[error("timed out after {} s and could not be stopped", .limit.as_secs())]
    GivenUp {
        /// The time limit.
        limit: Duration,
        /// The state of the remote file.
        state: RemoteState,
    },
    /// The work was in progress when a person interrupted it.
    #[error("interrupted while in progress")]
    Interrupted {
        /// The state of the remote file.
        state: RemoteState,
    },
    /// A person interrupted the work before this host was started.
    #[error("interrupted before it started")]
    NotBegun,
    /// The work panicked. The panic message is not shown, since it may contain text from the host or the login.
    #[error("internal error at {place}")]
    Panicked {
        /// The place in the source.
        place: String,
        /// The state of the remote file.
        state: RemoteState,
    },
    /// The system did not start a thread for this host.
    #[error("could not start a thread for this host: {reason}")]
    NotStarted {
        /// The system's error message.
        reason: String,
    },
}

impl HostError {
    /// The error for a host whose work did not end normally. `limit` is its time limit, and `state` the state in which
    /// the work may have left the remote file.
    pub fn of(unfinished: Unfinished, limit: Duration, state: RemoteState) -> Self {
        match unfinished {
            Unfinished::GivenUp => Self::GivenUp { limit, state },
            Unfinished::Interrupted => Self::Interrupted { state },
            Unfinished::NotBegun => Self::NotBegun,
            Unfinished::Panicked(place) => Self::Panicked { place, state },
            Unfinished::NotStarted(reason) => Self::NotStarted { reason },
        }
    }

    /// The code that reports use for this error.
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
    /// The report for a host whose work did not end normally.
    pub fn without(host: &str, error: HostError, elapsed: Duration) -> Self {
        Self { host: host.to_owned(), warnings: Vec::new(), outcome: Err(error), elapsed }
    }
}

impl Reach {
    /// Runs `work` on one host. The time limit starts with resolving the name and covers everything. It does not count
    /// the time during which a person is asked, for this host or another.
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
            .and_then(|session| {
                self.reached.add(host);
                work(&session, deadline())
            });
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
        self.connector.connect(&destination, ask, deadline())
    }
}
