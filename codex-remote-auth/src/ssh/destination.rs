//! A host, and how its configuration says to reach it.

use std::path::PathBuf;
use std::time::Duration;

use super::{Algorithms, Endpoint, KeyRule, Variable};

/// A host as a person wrote it, and what the SSH configuration says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The name as the person wrote it, which reports use.
    pub name: String,
    /// `HostName`, `Port` and `User`.
    pub endpoint: Endpoint,
    /// Which keys the server may show.
    pub host_keys: HostKeyRule,
    /// Which algorithms the connection may use.
    pub algorithms: Algorithms,
    /// What SSH authentication may use.
    pub credentials: Credentials,
    /// The route of the connection.
    pub via: Via,
    /// `ConnectTimeout`: how long the connection may take until the handshake is done.
    pub connect_timeout: Option<Duration>,
    /// `AddressFamily`.
    pub family: AddressFamily,
    /// `BindAddress`: the address of this machine that the connection comes from.
    pub bind_address: Option<String>,
    /// `SetEnv` and `SendEnv`: what every command on the host gets, if the server allows it.
    pub variables: Vec<Variable>,
    /// What `ssh -G` says about the host, for a person: settings that are not the default, none of which can contain a secret.
    pub settings: Vec<String>,
    /// Warnings for a person about settings that this program does not support.
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
    /// `HostKeyAlias`: the name of the server in the files, instead of its own.
    pub alias: Option<String>,
    /// `RevokedHostKeys`: keys that no server may show.
    pub revoked: Option<PathBuf>,
}

/// What to do with a server that no entry names. A changed key is always refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Strictness {
    /// Ask a person; refuse it if there is nobody to ask.
    #[default]
    Ask,
    /// Accept the key and write it to the file.
    AcceptNew,
    /// Refuse it.
    Refuse,
}

/// What SSH authentication may use, in OpenSSH's order: the agent's keys, key files, questions of the server, a password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// `IdentityAgent`.
    pub agent: Agent,
    /// `IdentityFile`, each expanded. Files that do not exist are skipped.
    pub identities: Vec<PathBuf>,
    /// `CertificateFile`, each expanded, in addition to those next to the identities.
    pub certificates: Vec<PathBuf>,
    /// `IdentitiesOnly`: use only those keys of the agent that `identities` names.
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
    /// At the socket in `SSH_AUTH_SOCK`, if it is set.
    #[default]
    Environment,
    /// At this socket.
    At(PathBuf),
    /// No agent.
    None,
}

/// The route of a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Via {
    /// Directly to the host.
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
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}
