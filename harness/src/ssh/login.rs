//! What proves to the server that we are who we say: the agent's keys, key files, answers, a password, in that order.

mod agent;
mod answers;
mod key_file;

pub(super) use key_file::public_half;
use ssh2::ErrorCode;

use super::person::Person;
use super::wire::{Stopped, timed_out};
use super::{Credentials, Session, SshProblem};
use crate::auth::Secret;

/// How to log in where there is one way.
#[derive(Debug, Clone)]
pub enum Login {
    /// A private key in OpenSSH's format, held in memory.
    PrivateKey(Secret),
}

/// How often a passphrase or a password is asked for.
const TRIES: usize = 3;

/// libssh2's `LIBSSH2_ERROR_AUTHENTICATION_FAILED` and `LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED`: the server said no.
const REFUSALS: [ErrorCode; 2] = [ErrorCode::Session(-18), ErrorCode::Session(-19)];

/// What came of one try.
enum Try {
    /// We are in.
    In,
    /// The server wants something else.
    Refused,
    /// It did not come to asking the server.
    Failed(String),
}

/// What was tried, for the error where nothing did.
#[derive(Debug, Default)]
struct Tried(Vec<String>);

impl Tried {
    fn add(&mut self, what: impl Into<String>) {
        self.0.push(what.into());
    }
}

impl Session {
    /// Logs in by whatever of the credentials the server takes.
    pub(super) fn log_in_with(
        &self,
        credentials: &Credentials,
        person: &Person<'_>,
    ) -> Result<(), SshProblem> {
        let mut tried = Tried::default();
        if !credentials.no_keys
            && (self.try_agent(credentials, person, &mut tried)?
                || self.try_key_files(credentials, person, &mut tried)?)
        {
            return Ok(());
        }
        // Only now: it costs a round trip, and counts as a try.
        let offered = self.offered(person, &tried)?;
        let Some(offered) = offered else { return Ok(()) };
        let offers = |method: &str| offered.split(',').any(|offered| offered == method);
        if !credentials.no_questions
            && offers("keyboard-interactive")
            && self.try_answers(credentials, person, &mut tried)?
        {
            return Ok(());
        }
        if !credentials.no_password
            && offers("password")
            && self.try_password(credentials, person, &mut tried)?
        {
            return Ok(());
        }
        Err(self.refused(&tried, &format!("the server takes {}", offered.replace(',', ", "))))
    }

    /// What the server takes now; `None` where we are in already.
    fn offered(&self, person: &Person<'_>, tried: &Tried) -> Result<Option<String>, SshProblem> {
        let user = &self.endpoint().user;
        let asked = self
            .wire
            .drive(&self.inner, person.deadline(), || self.inner.auth_methods(user).map(str::to_owned));
        match asked {
            Ok(methods) => Ok(Some(methods)),
            Err(_) if self.inner.authenticated() => Ok(None),
            Err(Stopped::Deadline) => Err(timed_out(self.endpoint(), "the login", person.deadline())),
            Err(_) => Err(self.hung_up(tried)),
        }
    }

    /// One try, told apart from a connection that ends.
    fn one_try(
        &self,
        person: &Person<'_>,
        tried: &Tried,
        step: impl FnMut() -> Result<(), ssh2::Error>,
    ) -> Result<Try, SshProblem> {
        match self.wire.drive(&self.inner, person.deadline(), step) {
            Ok(()) if self.inner.authenticated() => Ok(Try::In),
            // One of several that the server wants.
            Ok(()) => Ok(Try::Refused),
            Err(Stopped::Deadline) => Err(timed_out(self.endpoint(), "the login", person.deadline())),
            Err(Stopped::Io(error)) => Err(self.lost("logging in", error.to_string())),
            Err(Stopped::Refused(_)) if self.wire.is_over() => Err(self.hung_up(tried)),
            Err(Stopped::Refused(error)) if REFUSALS.contains(&error.code()) => Ok(Try::Refused),
            Err(Stopped::Refused(error)) => Ok(Try::Failed(error.message().to_owned())),
        }
    }

    fn hung_up(&self, tried: &Tried) -> SshProblem {
        if tried.0.is_empty() {
            return self.lost("logging in", "the server hung up; some do that to refuse");
        }
        self.refused(
            tried,
            "then the server hung up, as it does after too many tries: name the right key, with IdentityFile (-i) and \
             IdentitiesOnly=yes",
        )
    }

    fn refused(&self, tried: &Tried, then: &str) -> SshProblem {
        let tried = match tried.0.as_slice() {
            [] => "there was nothing to try: no agent has a key, and no IdentityFile is there".to_owned(),
            tried => format!("tried: {}", tried.join("; ")),
        };
        SshProblem::LoginRefused { endpoint: self.endpoint().clone(), reason: format!("{tried}; {then}") }
    }
}
