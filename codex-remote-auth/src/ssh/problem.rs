//! What can go wrong on the way to a command that runs on the host.

use std::time::Duration;

use thiserror::Error;

use super::{Endpoint, TrustAnswer};
use crate::message::Hint;

/// What makes an SSH configuration usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigRemedy {
    /// The setting has to be corrected.
    Correct,
    /// This option, as `-o` takes it, does without the setting.
    Without(&'static str),
    /// Only OpenSSH can read it, and it is not installed on this machine.
    InstallOpenSsh,
    /// The account on the host has to be named.
    NameAccount,
    /// There have to be fewer jump hosts.
    FewerJumps,
}

/// What the other side of a failed handshake did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// It answered, but not as an SSH server does.
    Answered,
    /// It closed the connection.
    Closed {
        /// Whether it showed before that it is an SSH server.
        is_ssh: bool,
    },
    /// It said that too many logins are in progress (`MaxStartups`), and closed the connection.
    Full,
    /// It said that it turns this machine away for a while (`PerSourcePenalties`), and closed the connection.
    Penalty,
    /// The `ProxyCommand` ended before it passed on an SSH greeting.
    ProxyEnded {
        /// Whether it did not say why.
        is_silent: bool,
    },
}

/// A kind of algorithm of which both sides support nothing in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The option of ssh_config and sshd_config.
    pub option: &'static str,
    /// What the server supports, made safe to show.
    pub server: Vec<String>,
    /// What was offered to it.
    pub ours: Vec<String>,
}

/// Why there is no session, or why it ended. No message shows what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SshProblem {
    /// What a person wrote is not a valid host.
    #[error("`{written}` is not a valid host: {reason}")]
    HostName {
        /// The text as the person wrote it.
        written: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The user name of the command line is not valid.
    #[error("`{written}` is not a valid user name: {reason}")]
    UserName {
        /// The name as the person wrote it.
        written: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The configuration sets a command, which would run instead of ours.
    #[error("cannot run a command on {host}: the SSH configuration sets RemoteCommand for this host")]
    RemoteCommand {
        /// The host as the person wrote it.
        host: String,
    },
    /// `ssh` does not know an option of the command line, or its value.
    #[error("-o {written}: {reason}")]
    Option {
        /// The option as the person wrote it.
        written: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The SSH configuration cannot be used.
    #[error("the SSH configuration of {host} cannot be used: {reason}")]
    Config {
        /// The host as the person wrote it.
        host: String,
        /// What is wrong with it.
        reason: String,
        /// What makes it usable.
        remedy: ConfigRemedy,
    },
    /// The host name has no address.
    #[error("could not find the address of {}: {reason}", .endpoint.host)]
    NoSuchHost {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The error of the system.
        reason: String,
        /// Whether it has an address that `AddressFamily` does not allow.
        other_family: bool,
    },
    /// Nothing listens on the port, or there is no route to the host.
    #[error("could not connect to {endpoint}: {reason}")]
    Unreachable {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The error of the system.
        reason: String,
    },
    /// The connection cannot be made from the address that `BindAddress` names.
    #[error("could not connect to {endpoint} from the BindAddress {address}: {reason}")]
    BindAddress {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The address on this machine.
        address: String,
        /// The error of the system.
        reason: String,
    },
    /// What listens on the port does not complete an SSH handshake.
    #[error("the SSH handshake with {endpoint} failed: {reason}")]
    Handshake {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// What happened, or the error of libssh2.
        reason: String,
        /// What the other side did.
        peer: Peer,
    },
    /// The server supports none of the algorithms of one kind that were offered.
    #[error(
        "{}",
        match .mismatch {
            Some(found) => format!(
                "{endpoint} and this program have no {} in common: the server has {}; this program offers {}",
                found.option,
                found.server.join(", "),
                found.ours.join(", ")
            ),
            None => format!(
                "{endpoint} ended the connection, or supports none of the offered algorithms of one kind ({offered})"
            ),
        }
    )]
    NoCommonAlgorithm {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The offered algorithms, by the names of the options.
        offered: String,
        /// What both sides have, if the server could be asked.
        mismatch: Option<Box<Mismatch>>,
    },
    /// The known hosts cannot be read, or a new key cannot be written to them.
    #[error("the known hosts {reason}")]
    KnownHosts {
        /// What is wrong with them.
        reason: String,
    },
    /// No entry of the known hosts names this server.
    #[error(
        "the host key of {endpoint} is not known ({fingerprint}){}",
        if *.answer == Some(TrustAnswer::No) { ", and you did not accept it" } else { "" }
    )]
    HostKeyUnknown {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// Type and SHA-256 fingerprint of the key that the server showed.
        fingerprint: String,
        /// Whether a certificate authority is known for it.
        authority: bool,
        /// What the person said; `None` if the configuration does not let anybody be asked.
        answer: Option<TrustAnswer>,
    },
    /// The server shows a key that differs from the known one.
    #[error("the host key of {endpoint} is NOT the one known for it (it shows {fingerprint}; known: {at})")]
    HostKeyChanged {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// Type and SHA-256 fingerprint of the key that the server showed.
        fingerprint: Box<str>,
        /// The lines with the known keys.
        at: Box<str>,
        /// How the known key is removed.
        mend: Box<Hint>,
    },
    /// An entry of the known hosts marks the key as revoked.
    #[error("the host key of {endpoint} is marked as revoked ({fingerprint}; {at})")]
    HostKeyRevoked {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// Type and SHA-256 fingerprint of the key that the server showed.
        fingerprint: String,
        /// That entry.
        at: String,
    },
    /// The SSH configuration does not allow such a connection.
    #[error("the SSH configuration does not allow the connection to {endpoint}: {reason}")]
    Forbidden {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The option, and what it does not allow.
        reason: String,
        /// The option that allows it, as `-o` takes it.
        option: String,
        /// Whether the server was reached before.
        is_reached: bool,
    },
    /// The list of revoked keys cannot be read, so no key can be accepted.
    #[error("the host key of {endpoint} cannot be checked against RevokedHostKeys: {reason}")]
    RevokedHostKeys {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The file, and what is wrong with it.
        reason: String,
        /// Whether OpenSSH is missing, which is needed to read the file.
        needs_openssh: bool,
    },
    /// A jump host does not forward the connection.
    #[error("{endpoint} did not forward the connection to {to}: {reason}")]
    NoWayOn {
        /// The jump host.
        endpoint: Endpoint,
        /// The host to which it should have forwarded.
        to: String,
        /// The error of libssh2.
        reason: String,
    },
    /// A local port that should lead to the host is unavailable.
    #[error("local port {port} is unavailable: {reason}")]
    PortTaken {
        /// The port.
        port: u16,
        /// The error of the system.
        reason: String,
    },
    /// The `ProxyCommand` cannot be started.
    #[error("the ProxyCommand for {endpoint} cannot be started: {reason}")]
    ProxyCommand {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The error of the system.
        reason: String,
    },
    /// SSH authentication failed.
    #[error("SSH authentication as {endpoint} failed: {reason}")]
    LoginRefused {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// What was tried, and what the server accepts.
        reason: String,
        /// What to do about it.
        hints: Vec<Hint>,
    },
    /// SSH authentication succeeded, but the server runs no command.
    #[error("{endpoint} did not start a command: {reason}")]
    NoCommand {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The error of libssh2.
        reason: String,
    },
    /// A deadline passed.
    #[error(
        "{doing} timed out after {} s ({endpoint})",
        (.waited.as_secs_f64() * 10.0).round() / 10.0
    )]
    TimedOut {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// What was waited for.
        doing: &'static str,
        /// The time limit.
        waited: Duration,
    },
    /// The connection broke after the handshake.
    #[error("the connection to {endpoint} was lost while {doing}: {reason}")]
    Lost {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// What was going on.
        doing: &'static str,
        /// The error of libssh2.
        reason: String,
    },
}

impl SshProblem {
    /// The code that lessons and reports use.
    pub fn code(&self) -> &'static str {
        match self {
            Self::HostName { .. } => "ssh-host-name",
            Self::UserName { .. } => "ssh-user-name",
            Self::Option { .. } => "ssh-option",
            Self::RemoteCommand { .. } => "ssh-remote-command",
            Self::Config { .. } => "ssh-config",
            Self::NoSuchHost { .. } => "ssh-no-such-host",
            Self::Unreachable { .. } | Self::BindAddress { .. } => "ssh-unreachable",
            Self::Handshake { .. } => "ssh-handshake",
            Self::KnownHosts { .. } => "ssh-known-hosts",
            Self::HostKeyUnknown { .. } => "ssh-host-key-unknown",
            Self::HostKeyChanged { .. } => "ssh-host-key-changed",
            Self::HostKeyRevoked { .. } => "ssh-host-key-revoked",
            Self::NoCommonAlgorithm { .. } => "ssh-no-common-algorithm",
            Self::Forbidden { .. } => "ssh-forbidden",
            Self::RevokedHostKeys { .. } => "ssh-revoked-host-keys",
            Self::NoWayOn { .. } => "ssh-no-way-on",
            Self::PortTaken { .. } => "ssh-port-taken",
            Self::ProxyCommand { .. } => "ssh-proxy-command",
            Self::LoginRefused { .. } => "ssh-login-refused",
            Self::NoCommand { .. } => "ssh-no-command",
            Self::TimedOut { .. } => "ssh-timed-out",
            Self::Lost { .. } => "ssh-lost",
        }
    }
}
