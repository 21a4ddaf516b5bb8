//! Questions for a person.

use std::time::Duration;

use super::Endpoint;
use crate::auth_json::Secret;

/// A server's key that no entry of the known hosts names.
#[derive(Debug, Clone)]
pub struct UnknownKey<'a> {
    /// The server.
    pub endpoint: &'a Endpoint,
    /// The name under which it would be written to known_hosts.
    pub name: &'a str,
    /// The key's type, such as `ssh-ed25519`.
    pub kind: &'a str,
    /// `SHA256:…`, as OpenSSH shows it.
    pub fingerprint: &'a str,
}

/// The kinds of details about a connection. A person who asks for a kind gets those before it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Addresses, host keys, and what was tried for the SSH authentication.
    Connection,
    /// The server's software, and the algorithms that both sides agreed on.
    Algorithms,
    /// What `ssh -G` says about the host.
    Configuration,
}

/// The answer to whether a server's key is the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustAnswer {
    /// It is.
    Yes,
    /// It is not, or the person does not know.
    No,
    /// There is nobody to ask.
    Nobody,
}

/// Somebody who can be asked. Several hosts may ask at once; one question is shown at a time.
pub trait Ask: Sync {
    /// Shows a line about a host at once: a warning before the connection is made, or what a `ProxyCommand` prints, such as a link
    /// to open. The line may contain anything, so an implementation has to make it safe for a terminal.
    fn tell(&self, host: &str, line: &str);

    /// Shows a detail about a host, if the person asked for details of this kind. It contains no secret. It may contain anything else,
    /// like a line of [`tell`](Self::tell).
    fn detail(&self, _kind: Detail, _host: &str, _line: &str) {}

    /// Whether a server's key is the right one. The person is asked if there is one.
    fn trust(&self, key: &UnknownKey<'_>) -> TrustAnswer;

    /// A passphrase, a password or the answer to a server's question, without echo unless `echo` is set. `None` if there is nobody to
    /// ask.
    fn secret(&self, question: &str, echo: bool) -> Option<Secret>;

    /// How long people have been asked so far, for any host. A host may wait for another's question.
    fn asked(&self) -> Duration {
        Duration::ZERO
    }
}

/// There is nobody to ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Ask for Nobody {
    fn tell(&self, _host: &str, _line: &str) {}

    fn trust(&self, _key: &UnknownKey<'_>) -> TrustAnswer {
        TrustAnswer::Nobody
    }

    fn secret(&self, _question: &str, _echo: bool) -> Option<Secret> {
        None
    }
}
