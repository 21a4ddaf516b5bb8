//! The keys of an SSH agent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest as _, Sha256};
use ssh2::PublicKey;

use super::key_file::public_keys;
use super::{Tried, Try};
use crate::ssh::person::Person;
use crate::ssh::{Agent, Credentials, Session, SshProblem};

impl Session {
    /// Tries the agent's keys: first those that the configuration names, then, unless it wants these alone, the others.
    pub(super) fn try_agent(
        &self,
        credentials: &Credentials,
        person: &Person<'_>,
        tried: &mut Tried,
    ) -> Result<bool, SshProblem> {
        let Ok(mut agent) = self.inner.agent() else { return Ok(false) };
        match &credentials.agent {
            Agent::None => return Ok(false),
            Agent::Environment
                if std::env::var_os("SSH_AUTH_SOCK").is_none_or(|socket| socket.is_empty()) =>
            {
                return Ok(false);
            }
            Agent::Environment => {}
            Agent::At(socket) => {
                if let Err(error) = agent.set_identity_path(socket) {
                    tried.add(format!("the agent at {}: {}", socket.display(), error.message()));
                    return Ok(false);
                }
            }
        }
        let listed = agent.connect().and_then(|()| agent.list_identities()).and_then(|()| agent.identities());
        let keys = match listed {
            Ok(keys) => keys,
            Err(error) => {
                tried.add(format!("the agent, which does not answer ({})", error.message()));
                return Ok(false);
            }
        };
        let named = public_keys(&credentials.identities);
        let (mut ordered, others): (Vec<PublicKey>, Vec<PublicKey>) =
            keys.into_iter().partition(|key| named.iter().any(|named| named == key.blob()));
        if !credentials.identities_only {
            ordered.extend(others);
        }
        let user = &self.endpoint().user;
        for key in &ordered {
            let what = format!("the agent's key {} ({})", fingerprint(key), key.comment());
            tried.add(&what);
            match self.one_try(person, tried, || agent.userauth(user, key))? {
                Try::In => return Ok(true),
                Try::Refused => {}
                Try::Failed(reason) => tried.add(format!("{what} did not sign ({reason})")),
            }
        }
        Ok(false)
    }
}

fn fingerprint(key: &PublicKey) -> String {
    format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(key.blob())))
}
