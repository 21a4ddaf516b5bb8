//! What a caller may choose about a deploy.

use crate::remote::{Force, Proof};

/// How a login is deployed.
#[derive(Debug, Clone)]
pub struct DeployOptions {
    /// Which guards are overridden.
    pub force: Force,
    /// Keep the file that is replaced, as `auth.json.before` beside the new one, in place of what an earlier deploy kept.
    pub backup: bool,
    /// Look, and say what would be done; nothing is sent, and nothing changes.
    pub dry_run: bool,
    /// What to do where the remote auth.json is a symbolic link.
    pub on_symlink: OnSymlink,
    /// The remote `codex exec` that proves the login; `None` leaves it out.
    pub proof: Option<Proof>,
}

impl Default for DeployOptions {
    fn default() -> Self {
        Self {
            force: Force::default(),
            backup: false,
            dry_run: false,
            on_symlink: OnSymlink::Refuse,
            proof: Some(Proof::default()),
        }
    }
}

/// What to do where the remote auth.json is a symbolic link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnSymlink {
    /// Leave everything as it is, and say so.
    Refuse,
    /// Put a file in the link's place; what it pointed at stays as it is.
    Replace,
}
