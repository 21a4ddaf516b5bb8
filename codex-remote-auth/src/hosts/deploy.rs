//! A deploy to one of many hosts.

use super::{HostReport, PromptTime, Reach};
use crate::auth_json::AuthFile;
use crate::deploy::{DeployOptions, Receipt, deploy};
use crate::remote::ProofOutcome;
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

impl HostReport<Receipt> {
    /// Whether the host has the login, and the login is verified if that was asked for.
    pub fn holds(&self) -> bool {
        self.outcome
            .as_ref()
            .is_ok_and(|receipt| matches!(receipt.proof, ProofOutcome::NotAsked) || receipt.proof.holds())
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
