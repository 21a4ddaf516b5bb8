//! From a destination to a session: through what it goes, which keys it may show, what logs in.

use std::time::Duration;

use super::{Ask, Deadline, Destination, HostKeys, Login, Session, SshProblem};
use crate::auth::Secret;

/// Connects to a destination and logs in. `patience` is how long that may take, the time apart in which a person is asked;
/// the destination's own `ConnectTimeout` is kept besides.
///
/// # Errors
/// Any [`SshProblem`]. The host key is checked before anything of ours is sent.
pub fn connect(destination: &Destination, _ask: &dyn Ask, patience: Duration) -> Result<Session, SshProblem> {
    let mut known = String::new();
    for file in &destination.host_keys.user_files {
        known.push_str(&std::fs::read_to_string(file).unwrap_or_default());
    }
    let refused = |reason: &str| SshProblem::LoginRefused {
        endpoint: destination.endpoint.clone(),
        reason: reason.to_owned(),
    };
    let file = destination.credentials.identities.first().ok_or_else(|| refused("no key was given"))?;
    let key = std::fs::read(file).map_err(|error| refused(&error.to_string()))?;
    let login = Login::PrivateKey(Secret::new(key));
    Session::open(&destination.endpoint, &HostKeys::from_text(&known), &login, Deadline::after(patience))
}
