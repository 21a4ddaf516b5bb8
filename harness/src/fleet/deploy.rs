//! A deploy, or its undoing, on one host of many: from the host's name to what became of it.

use std::time::{Duration, Instant};

use thiserror::Error;

use super::Patience;
use super::patience::Counted;
use crate::auth::AuthFile;
use crate::deploy::{DeployError, DeployOptions, ProofOutcome, Receipt, RemoteState, deploy};
use crate::ssh::{Ask, Session, SshOptions, SshProblem, connect, resolve};

/// What is done on every host.
#[derive(Debug, Clone)]
pub struct DeployPlan {
    /// The login.
    pub auth: AuthFile,
    /// How hosts are reached.
    pub ssh: SshOptions,
    /// What is done there.
    pub options: DeployOptions,
    /// How long one host may take, the time apart in which a person is asked.
    pub limit: Duration,
}

/// What became of one host.
#[derive(Debug)]
pub struct HostReport {
    /// The host as the person named it.
    pub host: String,
    /// What its configuration says that is not done here.
    pub warnings: Vec<String>,
    /// What was done, or why it was not.
    pub outcome: Result<Receipt, HostError>,
    /// From the first look at its name to the end.
    pub elapsed: Duration,
}

/// Why a host has not what it should.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HostError {
    /// The deploy failed.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// The host did not end in its time, and nobody waits for it any more.
    #[error(
        "no end within {} s, and nothing that could be stopped; {}. Look at its name's resolution first",
        .limit.as_secs(), RemoteState::OldOrNew
    )]
    GivenUp {
        /// The time it had.
        limit: Duration,
    },
}

impl HostReport {
    /// Whether the host has the login, and has proven it where that was asked for.
    pub fn holds(&self) -> bool {
        self.outcome
            .as_ref()
            .is_ok_and(|receipt| matches!(receipt.proof, ProofOutcome::NotAsked) || receipt.proof.holds())
    }
}

impl HostError {
    /// The name that reports use for it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Deploy(error) => error.code(),
            Self::GivenUp { .. } => "given-up",
        }
    }
}

impl DeployPlan {
    /// Brings the login to one host.
    pub fn deploy_to(&self, host: &str, ask: &dyn Ask, patience: &Patience) -> HostReport {
        let clock = Clock::start(self.limit, patience);
        let mut warnings = Vec::new();
        let outcome = self
            .session(host, &mut warnings, &Counted { ask, patience }, &clock)
            .map_err(|problem| DeployError::Ssh { problem, state: RemoteState::Untouched })
            .and_then(|session| deploy(&session, &self.auth, &self.within(clock.left())));
        HostReport {
            host: host.to_owned(),
            warnings,
            outcome: outcome.map_err(HostError::from),
            elapsed: clock.began.elapsed(),
        }
    }

    fn session(
        &self,
        host: &str,
        warnings: &mut Vec<String>,
        ask: &dyn Ask,
        clock: &Clock<'_>,
    ) -> Result<Session, SshProblem> {
        let mut destination = resolve(host, &self.ssh)?;
        warnings.append(&mut destination.warnings);
        connect(&destination, ask, clock.left())
    }

    /// The options, with no deadline beyond what the host has left.
    fn within(&self, left: Duration) -> DeployOptions {
        let mut options = self.options.clone();
        options.deadline = options.deadline.min(left);
        if let Some(proof) = &mut options.proof {
            proof.deadline = proof.deadline.min(left);
        }
        options
    }
}

/// What is left of a host's time.
struct Clock<'a> {
    began: Instant,
    limit: Duration,
    patience: &'a Patience,
    asked_before: Duration,
}

impl<'a> Clock<'a> {
    fn start(limit: Duration, patience: &'a Patience) -> Self {
        Self { began: Instant::now(), limit, patience, asked_before: patience.spent() }
    }

    fn left(&self) -> Duration {
        let asked = self.patience.spent().saturating_sub(self.asked_before);
        (self.limit + asked).saturating_sub(self.began.elapsed())
    }
}
