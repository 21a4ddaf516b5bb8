//! Why a check could not be run to its end.

use thiserror::Error;

use crate::target::RigProblem;
use codex_remote_auth::ssh::SshProblem;

/// Why a check could not be run to its end. It then shows nothing of what it is about.
#[derive(Debug, Error)]
pub(super) enum Interruption {
    /// A session broke.
    #[error(transparent)]
    Session(#[from] SshProblem),
    /// The account's files could not be looked at.
    #[error("the account's files cannot be looked at: {reason}")]
    Files {
        /// What was said.
        reason: String,
    },
    /// The rig did not do its part.
    #[error(transparent)]
    Rig(#[from] RigProblem),
}
