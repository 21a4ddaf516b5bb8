//! The keys of an SSH agent.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest as _, Sha256};
use ssh2::PublicKey;

use super::agent_relay::AgentRelay;
use super::key_file::public_keys;
use super::{Progress, Tried, Try};
use crate::message::{Hint, plain_words};
use crate::ssh::person::Person;
use crate::ssh::transport::timed_out;
use crate::ssh::{Agent, Credentials, Session, SshProblem};

impl Session {
    /// Tries the agent's keys: first those that the configuration names, then the others, unless `IdentitiesOnly` is set.
    pub(super) fn try_agent(
        &self,
        credentials: &Credentials,
        person: &Person<'_>,
        tried: &mut Tried,
    ) -> Result<Progress, SshProblem> {
        let Some(socket) = socket(&credentials.agent) else { return Ok(Progress::Out) };
        let (Ok(mut agent), deadline) = (self.inner.agent(), person.deadline()) else {
            return Ok(Progress::Out);
        };
        let listed =
            AgentRelay::to(&socket, deadline).map_err(|error| plain_words(&error)).and_then(|relay| {
                let said = |error: ssh2::Error| error.message().to_owned();
                agent.set_identity_path(&relay.path()).and_then(|()| agent.connect()).map_err(said)?;
                relay.serve(deadline).map_err(|error| plain_words(&error))?;
                agent.list_identities().and_then(|()| agent.identities()).map_err(said)
            });
        let too_late = || timed_out(self.endpoint(), "the agent's answer", deadline);
        let keys = match listed {
            Ok(keys) => keys,
            Err(_) if deadline.passed() => return Err(too_late()),
            Err(reason) => {
                tried.add(format!("the agent at {} (it does not answer: {reason})", socket.display()));
                tried.hint(Hint::words("start the agent again, or name a key file with -i"));
                return Ok(Progress::Out);
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
            tried.add(format!("the agent's key {} ({})", fingerprint(key), key.comment()));
            if let Some(reason) = credentials.key_rule.refuses(Some(key.blob())) {
                tried.but(&reason);
                continue;
            }
            self.restrict_signatures(credentials, Some(key.blob()));
            match self.one_try(person, tried, || agent.userauth(user, key))? {
                Try::In => return Ok(Progress::In),
                Try::HalfWay(offered) => return Ok(Progress::HalfWay(offered)),
                Try::Refused => {}
                Try::Failed(_) if deadline.passed() => return Err(too_late()),
                Try::Failed(reason) => {
                    tried.but(&format!("it did not sign: {reason}"));
                    tried.hint(Hint::words(
                        "check that the agent may use the key: it may be locked, or wait for a confirmation or a touch",
                    ));
                }
            }
        }
        Ok(Progress::Out)
    }
}

fn socket(agent: &Agent) -> Option<PathBuf> {
    match agent {
        Agent::None => None,
        Agent::Environment => {
            std::env::var_os("SSH_AUTH_SOCK").filter(|socket| !socket.is_empty()).map(PathBuf::from)
        }
        Agent::At(socket) => Some(socket.clone()),
    }
}

fn fingerprint(key: &PublicKey) -> String {
    format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(key.blob())))
}
