//! The call of codex that verifies a login, and what came of it.

use std::time::Duration;

use super::{Proof, ProofOutcome};
use crate::auth_json::Form;
use crate::codex::{Diagnosis, Settings, Verification, release_in};
use crate::remote::{Conversation, RemoteProblem};
use crate::ssh::Deadline;

/// How long the script may take to start codex.
const BEGINS: Duration = Duration::from_secs(10);

impl Proof {
    /// What codex is called with. Whatever the prompt begins with, it is the prompt.
    pub(crate) fn arguments(&self) -> [&str; 4] {
        ["exec", "--skip-git-repo-check", "--", &self.prompt]
    }
}

/// Follows a call that was ordered, to its end or to its time limit, at which it is stopped on the host. Gives the release as
/// well, where codex names it. The settings and the form say whether the provider that answered uses the login.
pub(crate) fn prove(
    talk: &mut Conversation<'_>,
    proof: &Proof,
    settings: &Settings,
    form: Form,
) -> Result<(ProofOutcome, Option<String>), RemoteProblem> {
    let deadline = Deadline::after(proof.deadline);
    let call = talk.follow_call(Deadline::after(BEGINS), deadline, |_, _| false)?;
    let outcome = talk.end_call(&call)?.outcome;
    let release = release_in(&String::from_utf8_lossy(&outcome.stderr));
    let (diagnosis, not_this_login) = match Verification::of(&outcome, &proof.answer, settings, form) {
        Verification::Verified { .. } => (Diagnosis::Works, None),
        Verification::AnsweredWithoutThisLogin { why } => (Diagnosis::Works, Some(why.to_string())),
        Verification::Failed(diagnosis) => (diagnosis, None),
    };
    Ok((ProofOutcome::Ran { outcome, diagnosis, not_this_login }, release))
}

/// Follows a call that asks codex for its release. `None` where it does not say it in time.
pub(crate) fn release(talk: &mut Conversation<'_>, limit: Duration) -> Result<Option<String>, RemoteProblem> {
    let call = talk.follow_call(Deadline::after(BEGINS), Deadline::after(limit), |_, _| false)?;
    let outcome = talk.end_call(&call)?.outcome;
    Ok(release_in(&String::from_utf8_lossy(&outcome.stdout)))
}
