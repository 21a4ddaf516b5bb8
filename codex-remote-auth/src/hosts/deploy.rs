//! A deploy on one host of many.

use super::{HostReport, PromptTime, Reach};
use crate::auth_json::AuthFile;
use crate::deploy::{DeployOptions, Receipt, deploy};
use crate::remote::ProofOutcome;
use crate::ssh::Ask;

/// What is done on every host.
#[derive(Debug)]
pub struct DeployPlan {
    /// The login.
    pub auth: AuthFile,
    /// How hosts are reached.
    pub reach: Reach,
    /// What is done there.
    pub options: DeployOptions,
}

impl HostReport<Receipt> {
    /// Whether the host has the login, and has proven it where that was asked for.
    pub fn holds(&self) -> bool {
        self.outcome
            .as_ref()
            .is_ok_and(|receipt| matches!(receipt.proof, ProofOutcome::NotAsked) || receipt.proof.holds())
    }
}

impl DeployPlan {
    /// Brings the login to one host.
    pub fn deploy_to(&self, host: &str, ask: &dyn Ask, prompt_time: &PromptTime) -> HostReport<Receipt> {
        self.reach.visit(host, ask, prompt_time, |session, deadline| {
            deploy(session, &self.auth, &self.options, deadline)
        })
    }
}
