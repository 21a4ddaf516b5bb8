//! What proves to the server that we are who we say.

use crate::auth::Secret;

/// How to log in.
#[derive(Debug, Clone)]
pub enum Login {
    /// A private key in OpenSSH's format, held in memory.
    PrivateKey(Secret),
}
