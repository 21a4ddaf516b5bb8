//! The call of codex that verifies a login: what is asked, how long it may take, and what came of it.

use std::time::Duration;

use super::{Conversation, ConversationProblem, Look};
use crate::auth_json::Form;
use crate::codex::{Diagnosis, FoundCodex, Outcome, Settings, Verification, release_in};
use crate::ssh::Deadline;

/// How long codex may take to say its release.
const VERSION: Duration = Duration::from_secs(10);

/// How a login is verified: `codex exec` on the host, with its stdin closed.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The program: a path, `~/` at its start for the remote home; `None` looks on the PATH and in the usual places.
    pub program: Option<String>,
    /// What is asked of it.
    pub prompt: String,
    /// What the answer has to contain.
    pub answer: String,
    /// How long codex may take before it is stopped. The host's own deadline may come earlier.
    pub time_limit: Duration,
}

impl Default for Proof {
    fn default() -> Self {
        Self {
            program: None,
            prompt: "Respond: auth OK".to_owned(),
            answer: "auth OK".to_owned(),
            time_limit: Duration::from_secs(45),
        }
    }
}

impl Proof {
    /// What codex is called with. Whatever the prompt begins with, it is the prompt.
    fn arguments(&self) -> [&str; 4] {
        ["exec", "--skip-git-repo-check", "--", &self.prompt]
    }
}

/// What came of the proof.
#[derive(Debug, Clone)]
pub enum ProofOutcome {
    /// It was not asked for.
    NotAsked,
    /// It was asked for, and no codex was found on the host.
    NoCodex,
    /// Codex ran.
    Ran {
        /// What it printed, and how it ended.
        outcome: Outcome,
        /// What that means.
        diagnosis: Diagnosis,
        /// Why an answer says nothing about this login, if it says nothing.
        not_this_login: Option<String>,
    },
}

impl ProofOutcome {
    /// Whether codex answered as it was asked to, and used this login for it.
    pub fn holds(&self) -> bool {
        matches!(self, Self::Ran { diagnosis: Diagnosis::Works, not_this_login: None, .. })
    }
}

impl Look {
    /// The order to verify the login, or without a proof to ask codex for its release.
    pub(crate) fn proof_order(
        &self,
        codex: &FoundCodex,
        proof: Option<&Proof>,
        deadline: Deadline,
    ) -> String {
        match proof {
            Some(proof) => {
                let limit = deadline.or_within(proof.time_limit).left();
                self.call_order(codex, &proof.arguments(), limit)
            }
            None => self.call_order(codex, &["--version"], deadline.or_within(VERSION).left()),
        }
    }
}

impl Conversation<'_> {
    /// Follows a proof that was ordered, to its end or to its time limit, at which codex is stopped on the host. Gives the
    /// release as well, if codex names it. The settings and the form say whether the provider that answered uses the login.
    pub(crate) fn prove(
        &mut self,
        proof: &Proof,
        settings: &Settings,
        form: Form,
        deadline: Deadline,
    ) -> Result<(ProofOutcome, Option<String>), ConversationProblem> {
        let call = self.follow_call(deadline, deadline.or_within(proof.time_limit), |_, _| false)?;
        let outcome = self.end_call(&call)?.outcome;
        let release = release_in(&String::from_utf8_lossy(&outcome.stderr));
        let (diagnosis, not_this_login) = match Verification::of(&outcome, &proof.answer, settings, form) {
            Verification::Verified { .. } => (Diagnosis::Works, None),
            Verification::AnsweredWithoutThisLogin { why } => (Diagnosis::Works, Some(why.to_string())),
            Verification::Failed(diagnosis) => (diagnosis, None),
        };
        Ok((ProofOutcome::Ran { outcome, diagnosis, not_this_login }, release))
    }

    /// Follows a call that asks codex for its release. `None` if it does not say it in time.
    pub(crate) fn release(&mut self, deadline: Deadline) -> Result<Option<String>, ConversationProblem> {
        let call = self.follow_call(deadline, deadline.or_within(VERSION), |_, _| false)?;
        let outcome = self.end_call(&call)?.outcome;
        Ok(release_in(&String::from_utf8_lossy(&outcome.stdout)))
    }
}
