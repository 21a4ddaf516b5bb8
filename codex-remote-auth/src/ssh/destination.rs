//! A host with all that its configuration says of how to reach it.

use std::path::PathBuf;
use std::time::Duration;

use super::{Algorithms, Endpoint, KeyRule};

/// A host as a person named it, and what the SSH configuration makes of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The name as the person wrote it; what reports call the host.
    pub name: String,
    /// Where that leads: `HostName`, `Port`, `User`.
    pub endpoint: Endpoint,
    /// Which keys the server may show.
    pub host_keys: HostKeyRule,
    /// Which algorithms the connection may use.
    pub algorithms: Algorithms,
    /// What is tried to log in.
    pub credentials: Credentials,
    /// Through what the connection goes.
    pub via: Via,
    /// `ConnectTimeout`: how long the connection may take until the handshake is done.
    pub connect_timeout: Option<Duration>,
    /// `AddressFamily`.
    pub family: AddressFamily,
    /// `BindAddress`: the address of this machine that the connection comes from.
    pub bind_address: Option<String>,
    /// What the configuration says that this program does not do, in words for a person.
    pub warnings: Vec<String>,
}

/// Which keys a server may show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostKeyRule {
    /// `UserKnownHostsFile`; a new key is appended to the first.
    pub user_files: Vec<PathBuf>,
    /// `GlobalKnownHostsFile`.
    pub global_files: Vec<PathBuf>,
    /// `HashKnownHosts`: whether a new key's host is written as a hash.
    pub hash: bool,
    /// `StrictHostKeyChecking`.
    pub strictness: Strictness,
    /// `HostKeyAlias`: the name that the server has in the files, in place of its own.
    pub alias: Option<String>,
    /// `RevokedHostKeys`: keys that no server may show.
    pub revoked: Option<PathBuf>,
}

/// What is done about a server that no known host entry names. A key that has changed is refused under all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Strictness {
    /// A person is asked; where there is nobody to ask it is refused.
    #[default]
    Ask,
    /// It is taken, and written down.
    AcceptNew,
    /// It is refused.
    Refuse,
}

/// What is tried to log in, in OpenSSH's order: the agent's keys, key files, questions of the server, a password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// `IdentityAgent`.
    pub agent: Agent,
    /// `IdentityFile`, each expanded; those that do not exist are passed over.
    pub identities: Vec<PathBuf>,
    /// `CertificateFile`, each expanded, beside those that stand next to the identities.
    pub certificates: Vec<PathBuf>,
    /// `IdentitiesOnly`: of the agent's keys only those that `identities` names.
    pub identities_only: bool,
    /// Which keys may be used.
    pub key_rule: KeyRule,
    /// `PubkeyAuthentication`.
    pub no_keys: bool,
    /// `KbdInteractiveAuthentication`.
    pub no_questions: bool,
    /// `PasswordAuthentication`.
    pub no_password: bool,
    /// `BatchMode`: nobody is asked anything.
    pub batch: bool,
}

/// Where the SSH agent is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Agent {
    /// Where `SSH_AUTH_SOCK` says, if it says so.
    #[default]
    Environment,
    /// At this socket.
    At(PathBuf),
    /// There is none.
    None,
}

/// Through what a connection goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Via {
    /// Straight to the host.
    #[default]
    Direct,
    /// `ProxyJump`: through these, the nearest first.
    Jumps(Vec<Destination>),
    /// `ProxyCommand`, its tokens expanded: a shell command whose input and output are the connection.
    Command(String),
}

/// `AddressFamily`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AddressFamily {
    /// Either.
    #[default]
    Any,
    /// IPv4 alone.
    V4,
    /// IPv6 alone.
    V6,
}
