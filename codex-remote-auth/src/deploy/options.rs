//! What a caller may choose about a deploy.

use std::time::Duration;

use crate::remote::Force;

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
    /// How long the connection may take to bring the file there.
    pub deadline: Duration,
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
            deadline: Duration::from_secs(30),
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

/// How the login is verified: `codex exec` on the host, with its stdin closed.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The program: a path, `~/` at its start for the remote home; `None` looks on the PATH and in the usual places.
    pub program: Option<String>,
    /// What is asked of it.
    pub prompt: String,
    /// What the answer has to contain.
    pub answer: String,
    /// How long it may take before it is killed.
    pub deadline: Duration,
}

impl Default for Proof {
    fn default() -> Self {
        Self {
            program: None,
            prompt: "Respond: auth OK".to_owned(),
            answer: "auth OK".to_owned(),
            deadline: Duration::from_secs(45),
        }
    }
}
