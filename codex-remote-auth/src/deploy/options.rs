//! Options of a deploy.

use crate::remote::{Force, Proof};

/// Options of a deploy.
#[derive(Debug, Clone)]
pub struct DeployOptions {
    /// Which guards are overridden.
    pub force: Force,
    /// Keep the replaced file as `auth.json.before` beside the new one. This replaces the file that an earlier deploy
    /// kept.
    pub backup: bool,
    /// Only look and report what would be done. No login is sent, and nothing changes on the host.
    pub dry_run: bool,
    /// What to do if the remote auth.json is a symbolic link.
    pub on_symlink: OnSymlink,
    /// The `codex exec` on the host that verifies the login; `None` skips it.
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

/// What to do if the remote auth.json is a symbolic link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnSymlink {
    /// Change nothing and return an error.
    Refuse,
    /// Replace the link with a file. The link's target is unchanged.
    Replace,
}
