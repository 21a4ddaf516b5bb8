//! Options of a login.

use std::time::Duration;

use crate::remote::Proof;

/// Options of a login.
#[derive(Debug, Clone)]
pub struct LoginOptions {
    /// Replace an existing login, after the new one has succeeded. The old one is not revoked.
    pub force: bool,
    /// Use the browser login, even if codex supports the device login.
    pub browser: bool,
    /// Use another issuer than Codex's own: `--experimental_issuer`. Releases up to at least 0.163.0 ignore it in the
    /// browser login.
    pub issuer: Option<String>,
    /// How long the host may take until its codex begins to log in.
    pub start: Duration,
    /// How long a person has to approve. A device code is valid for 15 minutes.
    pub deadline: Duration,
    /// The `codex exec` on the host that verifies the login; `None` skips it.
    pub proof: Option<Proof>,
}

impl Default for LoginOptions {
    fn default() -> Self {
        Self {
            force: false,
            browser: false,
            issuer: None,
            start: Duration::from_secs(60),
            deadline: Duration::from_secs(15 * 60),
            proof: Some(Proof::default()),
        }
    }
}
