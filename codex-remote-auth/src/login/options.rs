//! What a caller may choose about a login.

use std::time::Duration;

use crate::remote::Proof;

/// How a login is made.
#[derive(Debug, Clone)]
pub struct LoginOptions {
    /// Make one in the place of a login that is there, which the service then takes back, with every copy of it.
    pub force: bool,
    /// By the browser login, even where codex has the device login.
    pub browser: bool,
    /// Use another issuer than Codex's own: `--experimental_issuer`. Releases up to 0.163.0 at least ignore it in the browser login.
    pub issuer: Option<String>,
    /// How long the other machine may take until its codex begins.
    pub start: Duration,
    /// How long a person has to agree. A device code is good for 15 minutes.
    pub deadline: Duration,
    /// The remote `codex exec` that proves the login; `None` leaves it out.
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
