//! A deploy to one of many hosts.

use super::{HostError, HostReport, PromptTime, Reach};
use crate::auth_json::AuthFile;
use crate::deploy::{DeployOptions, Done, Receipt, deploy};
use crate::remote::{ProofOutcome, Refusal, RemoteError};
use crate::ssh::Ask;

/// What to do on every host.
#[derive(Debug)]
pub struct DeployPlan {
    /// The login.
    pub auth: AuthFile,
    /// How to reach the hosts.
    pub reach: Reach,
    /// The options of each deploy.
    pub options: DeployOptions,
}

/// What a deploy came to on a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The login is there, and verified if that was asked for. In a dry run: it would be copied.
    Done,
    /// The host had it already, or has a newer login of the same account.
    NothingToDo,
    /// The login is there, but nothing verified it.
    Unproven,
    /// The host does not have it.
    Failed,
}

impl HostReport<Receipt> {
    /// What the deploy came to.
    pub fn standing(&self) -> Standing {
        match &self.outcome {
            Err(HostError::Remote(RemoteError::Refused(Refusal::RemoteIsNewer { .. }))) => {
                Standing::NothingToDo
            }
            Err(_) => Standing::Failed,
            Ok(receipt) if !matches!(receipt.proof, ProofOutcome::NotAsked) && !receipt.proof.holds() => {
                Standing::Unproven
            }
            Ok(receipt) if receipt.done == Done::AlreadyThere => Standing::NothingToDo,
            Ok(_) => Standing::Done,
        }
    }

    /// Whether the host has the login, or a newer one of the same account, and it is verified if that was asked for.
    /// `strict` counts it as a failure if there was nothing to do.
    pub fn holds(&self, strict: bool) -> bool {
        match self.standing() {
            Standing::Done => true,
            Standing::NothingToDo => !strict,
            Standing::Unproven | Standing::Failed => false,
        }
    }
}

impl DeployPlan {
    /// Deploys the login to one host.
    pub fn deploy_to(&self, host: &str, ask: &dyn Ask, prompt_time: &PromptTime) -> HostReport<Receipt> {
        self.reach.visit(host, ask, prompt_time, |session, deadline| {
            deploy(session, &self.auth, &self.options, deadline)
        })
    }
}
