//! Why a check did not run to its end.

use thiserror::Error;

use crate::target::RigProblem;
use codex_remote_auth::ssh::SshProblem;

/// Why a check did not run to its end. It then shows nothing.
#[derive(Debug, Error)]
pub(super) enum Interruption {
    /// A session broke.
    #[error(transparent)]
    Session(#[from] SshProblem),
    /// The account's files could not be read.
    #[error("the account's files cannot be looked at: {reason}")]
    Files {
        /// What the account answered.
        reason: String,
    },
    /// The test environment failed.
    #[error(transparent)]
    Rig(#[from] RigProblem),
}
