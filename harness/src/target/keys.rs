//! The SSH keys of one container. They are made for it and never kept.

use ssh_key::rand_core::OsRng;
use ssh_key::{Algorithm, LineEnding, PrivateKey};

use super::MissingPrerequisite;
use codex_remote_auth::auth_json::Secret;

/// An ed25519 key pair.
#[derive(Debug, Clone)]
pub struct KeyPair {
    /// The private half in OpenSSH's format.
    pub private: Secret,
    /// The public half as one line of authorized_keys: `ssh-ed25519 …`.
    pub public: String,
}

impl KeyPair {
    /// Makes a new pair.
    ///
    /// # Errors
    /// [`MissingPrerequisite`] if the system has no random numbers.
    pub fn generate() -> Result<Self, MissingPrerequisite> {
        let lacks =
            |error: ssh_key::Error| MissingPrerequisite::new(format!("an SSH key cannot be made: {error}"));
        let key = PrivateKey::random(&mut OsRng, Algorithm::Ed25519).map_err(lacks)?;
        let private = key.to_openssh(LineEnding::LF).map_err(lacks)?;
        let public = key.public_key().to_openssh().map_err(lacks)?;
        Ok(Self { private: Secret::new(private.as_bytes()), public })
    }
}
