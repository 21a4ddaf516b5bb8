//! SSH authentication: the agent's keys, key files, answers, a password, in that order.

mod agent;
mod agent_relay;
mod answers;
mod key_file;
mod private_key;

use std::cell::Cell;
use std::fmt;

pub(super) use key_file::public_half;
use ssh2::ErrorCode;

use super::advice::account_hints;
use super::person::Person;
use super::printable::printable;
use super::transport::{Stopped, timed_out};
use super::{Credentials, Detail, Session, SshProblem};
use crate::message::{Hint, plain_words};

/// The authentication methods that this program has.
const METHODS: [&str; 3] = ["publickey", "keyboard-interactive", "password"];

/// How many times a passphrase or a password is asked for.
const TRIES: usize = 3;

/// libssh2's `LIBSSH2_ERROR_AUTHENTICATION_FAILED` and `LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED`: the server said no.
const REFUSALS: [ErrorCode; 2] = [ErrorCode::Session(-18), ErrorCode::Session(-19)];

/// libssh2's `LIBSSH2_ERROR_SOCKET_SEND`, `LIBSSH2_ERROR_SOCKET_DISCONNECT` and `LIBSSH2_ERROR_SOCKET_RECV`.
const HUNG_UP: [ErrorCode; 3] = [ErrorCode::Session(-7), ErrorCode::Session(-13), ErrorCode::Session(-43)];

/// The beginning of libssh2's message, under the code of a refusal, if the key made no signature.
const NO_SIGNATURE: &str = "Callback ";

/// The beginning of its message if the server first accepted the key and then did not let us in: it wants something
/// more, or refuses the account.
const SIGNED_IN_VAIN: &str = "Invalid signature for supplied public key";

/// The result of one try.
enum Try {
    /// Authenticated.
    In,
    /// The server accepted it and wants another method too, one of these.
    HalfWay(String),
    /// The server refused it.
    Refused,
    /// The server was not asked, for this reason.
    Failed(String),
}

/// The result of all keys.
enum Progress {
    /// Authenticated.
    In,
    /// A key was accepted, and the server wants another method too, one of these. Further keys would only count as tries.
    HalfWay(String),
    /// No key was accepted.
    Out,
}

/// What was tried, for the error message, and what to do about it.
#[derive(Debug, Default)]
struct Tried {
    all: Vec<String>,
    hints: Vec<Hint>,
    /// Whether the server said no to something.
    is_refused: Cell<bool>,
}

impl Tried {
    fn add(&mut self, what: impl Into<String>) {
        self.all.push(what.into());
    }

    /// Adds why the last one failed.
    fn but(&mut self, reason: &str) {
        if let Some(last) = self.all.last_mut() {
            *last = format!("{last} ({reason})");
        }
    }

    /// Adds what to do, once.
    fn hint(&mut self, hint: Hint) {
        if !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.all.is_empty() {
            return f.write_str("there was nothing to try: no agent has a key, and no IdentityFile exists");
        }
        for (index, same) in self.all.chunk_by(PartialEq::eq).enumerate() {
            f.write_str(if index == 0 { "tried " } else { "; " })?;
            // The comments of an agent and the output of programs may contain anything.
            f.write_str(&printable(&same[0]))?;
            if same.len() > 1 {
                write!(f, ", {} times", same.len())?;
            }
        }
        Ok(())
    }
}

impl Session {
    /// Authenticates with the credentials that the server accepts.
    pub(super) fn log_in_with(
        &self,
        credentials: &Credentials,
        person: &Person<'_>,
    ) -> Result<(), SshProblem> {
        let mut tried = Tried::default();
        let mut progress = Progress::Out;
        if !credentials.no_keys {
            progress = self.try_agent(credentials, person, &mut tried)?;
            if matches!(progress, Progress::Out) {
                progress = self.try_key_files(credentials, person, &mut tried)?;
            }
        }
        let offered = match progress {
            Progress::In => None,
            Progress::HalfWay(offered) => Some(offered),
            // Asked only now, because it costs a round trip and counts as a try.
            Progress::Out => self.offered(person, &tried)?,
        };
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
        let others: Vec<&str> = offered.split(',').filter(|method| !METHODS.contains(method)).collect();
        if !others.is_empty() {
            let ours: Vec<&str> = offered.split(',').filter(|method| METHODS.contains(method)).collect();
            let instead = match ours.is_empty() {
                true => "let the server accept a key or a password".to_owned(),
                false => format!("use {}", ours.join(" or ")),
            };
            tried
                .hint(Hint::words(format!("this program does not support {}: {instead}", others.join(", "))));
        }
        Err(self.refused(&tried, &format!("the server accepts {}", offered.replace(',', ", "))))
    }

    /// The methods that the server accepts now; `None` if we are authenticated already.
    fn offered(&self, person: &Person<'_>, tried: &Tried) -> Result<Option<String>, SshProblem> {
        let user = &self.endpoint().user;
        let asked = self
            .transport
            .drive(&self.inner, person.deadline(), || self.inner.auth_methods(user).map(str::to_owned));
        match asked {
            Ok(methods) => Ok(Some(methods)),
            Err(_) if self.inner.authenticated() => Ok(None),
            Err(Stopped::Deadline) => Err(timed_out(self.endpoint(), "the login", person.deadline())),
            Err(_) => Err(self.hung_up(tried)),
        }
    }

    /// One try. A connection that ends is an error and not a refusal.
    fn one_try(
        &self,
        person: &Person<'_>,
        tried: &Tried,
        step: impl FnMut() -> Result<(), ssh2::Error>,
    ) -> Result<Try, SshProblem> {
        let what = tried.all.last().map_or("", String::as_str);
        let result = self.transport.drive(&self.inner, person.deadline(), step);
        let accepted = if result.is_ok() { "accepted" } else { "not accepted" };
        person.detail(Detail::Connection, self.endpoint(), &format!("offered {what}: {accepted}"));
        match result {
            Ok(()) if self.inner.authenticated() => Ok(Try::In),
            Ok(()) => self.half_way(person, tried),
            Err(Stopped::Deadline) => Err(timed_out(self.endpoint(), "the login", person.deadline())),
            Err(Stopped::Io(error)) => Err(self.lost("logging in", plain_words(&error))),
            Err(Stopped::Refused(error)) if self.transport.is_over() || hung_up(&error) => {
                Err(self.hung_up(tried))
            }
            Err(Stopped::Refused(error)) if error.message().starts_with(NO_SIGNATURE) => {
                Ok(Try::Failed(error.message().to_owned()))
            }
            Err(Stopped::Refused(error)) if error.message().starts_with(SIGNED_IN_VAIN) => {
                self.half_way(person, tried)
            }
            Err(Stopped::Refused(error)) if REFUSALS.contains(&error.code()) => {
                tried.is_refused.set(true);
                Ok(Try::Refused)
            }
            Err(Stopped::Refused(error)) => Ok(Try::Failed(error.message().to_owned())),
        }
    }

    /// Restricts the next key to the signatures that the configuration allows, since libssh2 chooses one of several for RSA.
    fn restrict_signatures(&self, credentials: &Credentials, key: Option<&[u8]>) {
        if let Some(signatures) = key.and_then(|key| credentials.key_rule.rsa_signatures(key)) {
            // libssh2 accepts any list.
            let _ = self.inner.method_pref(ssh2::MethodType::SignAlgo, &signatures);
        }
    }

    /// A key was accepted, but the authentication is not complete. libssh2 does not say whether the server refused the signature or wants
    /// another method too; the methods that the server still accepts tell.
    fn half_way(&self, person: &Person<'_>, tried: &Tried) -> Result<Try, SshProblem> {
        tried.is_refused.set(true);
        Ok(match self.offered(person, tried)? {
            None => Try::In,
            Some(offered) if offered.split(',').any(|method| method == "publickey") => Try::Refused,
            Some(offered) => Try::HalfWay(offered),
        })
    }

    fn hung_up(&self, tried: &Tried) -> SshProblem {
        if tried.all.is_empty() {
            return self.lost("logging in", "the server closed it");
        }
        tried.is_refused.set(true);
        let mut problem = self.refused(tried, "then the server closed the connection");
        if let SshProblem::LoginRefused { hints, .. } = &mut problem
            && tried.all.len() > 1
        {
            hints.insert(
                0,
                Hint::words(
                    "if these were too many tries for the server, name the right key: -i FILE -o IdentitiesOnly=yes",
                ),
            );
        }
        problem
    }

    fn refused(&self, tried: &Tried, then: &str) -> SshProblem {
        let mut hints = tried.hints.clone();
        if tried.all.is_empty() {
            hints.insert(0, Hint::words("name a key with -i, or start an agent that has one"));
        }
        if tried.is_refused.get() {
            hints.extend(account_hints());
        }
        let reason = format!("{tried}; {then}");
        SshProblem::LoginRefused { endpoint: self.endpoint().clone(), reason, hints }
    }
}

/// Whether libssh2 found that the connection ended while it waited for an answer. The socket may not show it yet.
fn hung_up(error: &ssh2::Error) -> bool {
    HUNG_UP.contains(&error.code()) || error.message().starts_with("Waiting for")
}
