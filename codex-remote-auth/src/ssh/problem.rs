//! What can go wrong on the way to a command that runs on the host.

use std::time::Duration;

use thiserror::Error;

use super::Endpoint;

/// Why there is no session, or why it ended. No message shows what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SshProblem {
    /// What a person wrote is not a valid host.
    #[error(
        "`{written}` is not a valid host: {reason}; nothing was run or sent. Expected an alias of the SSH configuration, \
         HOST, USER@HOST, USER@HOST:PORT, ssh://USER@HOST:PORT, USER@[IPV6]:PORT"
    )]
    HostName {
        /// The text as the person wrote it.
        written: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The user name of the command line is not valid.
    #[error("{host}: `{written}` is not a valid user name: {reason}; nothing was run or sent")]
    UserName {
        /// The host as the person wrote it.
        host: String,
        /// The name as the person wrote it.
        written: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The configuration sets a command, which would run instead of ours.
    #[error(
        "{host}: Cannot execute command-line and remote command: the SSH configuration sets RemoteCommand for this host; \
         nothing was connected to. hint: -o RemoteCommand=none"
    )]
    RemoteCommand {
        /// The host as the person wrote it.
        host: String,
    },
    /// The SSH configuration cannot be used.
    #[error("{host}: the SSH configuration cannot be used: {reason}; nothing was connected to")]
    Config {
        /// The host as the person wrote it.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The host name has no address.
    #[error("{endpoint}: the host name cannot be resolved: {reason}; check its spelling")]
    NoSuchHost {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The error of the system.
        reason: String,
    },
    /// Nothing listens on the port, or there is no route to the host.
    #[error("{endpoint}: could not connect: {reason}. Check that sshd is running and that the port is right")]
    Unreachable {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The error of the system.
        reason: String,
    },
    /// What listens on the port does not complete an SSH handshake.
    #[error(
        "{endpoint}: the SSH handshake failed: {reason}; nothing was sent. Check that this is the port of an SSH server"
    )]
    Handshake {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The error of libssh2.
        reason: String,
    },
    /// The server supports none of the algorithms of one kind that were offered.
    #[error(
        "{endpoint}: the server ended the connection, or supports none of the offered algorithms of one kind ({offered}); \
         nothing was sent. hint: `ssh -vv` shows what the server supports, below \"peer server KEXINIT \
         proposal\"; -o KexAlgorithms=+NAME allows one more"
    )]
    NoCommonAlgorithm {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The offered algorithms, by the names of the options.
        offered: String,
    },
    /// The known hosts cannot be read, or a new key cannot be written to them.
    #[error(
        "the known hosts {reason}; nothing was sent. Correct the file, or use another: -o UserKnownHostsFile=FILE"
    )]
    KnownHosts {
        /// What is wrong with them.
        reason: String,
    },
    /// No entry of the known hosts names this server.
    #[error(
        "{endpoint}: the host key is not known ({fingerprint}); nothing was sent.{} \
         Compare it with the server's own key (on the server: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then run this in \
         a terminal and confirm the key, or accept new keys with -o StrictHostKeyChecking=accept-new",
        if *.authority {
            " A certificate authority is known for it, but this program does not check certificates of servers."
        } else {
            ""
        }
    )]
    HostKeyUnknown {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// Type and SHA-256 fingerprint of the key that the server showed.
        fingerprint: String,
        /// Whether a certificate authority is known for it.
        authority: bool,
    },
    /// The server shows a key that differs from the known one.
    #[error(
        "{endpoint}: the host key is NOT the one known for it (it shows {fingerprint}; known: {at}); nothing was sent. \
         This may be a man-in-the-middle attack, or the host was reinstalled: find out which. If you trust the new key: {mend}"
    )]
    HostKeyChanged {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// Type and SHA-256 fingerprint of the key that the server showed.
        fingerprint: Box<str>,
        /// The lines with the known keys.
        at: Box<str>,
        /// The command that removes the known key.
        mend: Box<str>,
    },
    /// An entry of the known hosts marks the key as revoked.
    #[error(
        "{endpoint}: the host key is marked as revoked ({fingerprint}; {at}); nothing was sent. Someone else may have \
         it: ask the server's administrator for a new one"
    )]
    HostKeyRevoked {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// Type and SHA-256 fingerprint of the key that the server showed.
        fingerprint: String,
        /// That entry.
        at: String,
    },
    /// The SSH configuration does not allow such a connection.
    #[error(
        "{endpoint}: the SSH configuration does not allow this: {reason}; nothing was sent. hint: {hint}"
    )]
    Forbidden {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The option, and what it does not allow.
        reason: String,
        /// The option that allows it.
        hint: String,
    },
    /// The list of revoked keys cannot be read, so no key can be accepted.
    #[error(
        "{endpoint}: the host key cannot be checked against RevokedHostKeys: {reason}; nothing was sent. Correct the file. \
         hint: -o RevokedHostKeys=none checks without it"
    )]
    RevokedHostKeys {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The file, and what is wrong with it.
        reason: String,
    },
    /// A jump host does not forward the connection.
    #[error(
        "{endpoint}: this host did not forward the connection to {to}: {reason}; nothing was sent. Check that the account may \
         forward (AllowTcpForwarding) and that {to} is up"
    )]
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
    #[error(
        "{endpoint}: the ProxyCommand cannot be started: {reason}; nothing was sent. \
         Check that `sh`, which runs it, is on the PATH of this machine"
    )]
    ProxyCommand {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The error of the system.
        reason: String,
    },
    /// SSH authentication failed.
    #[error(
        "{endpoint}: SSH authentication failed: {reason}; nothing was sent. Check that the account has this key \
         (authorized_keys) and may log in (AllowUsers, locked, expired). The server does not say why; its sshd log does"
    )]
    LoginRefused {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The error of libssh2.
        reason: String,
    },
    /// SSH authentication succeeded, but the server runs no command.
    #[error(
        "{endpoint}: the server did not start a command: {reason}; nothing was sent. Check that the account may run commands, \
         and that the server allows a session (MaxSessions)"
    )]
    NoCommand {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// The error of libssh2.
        reason: String,
    },
    /// A deadline passed.
    #[error(
        "{endpoint}: {doing} timed out after {} s. {}",
        (.waited.as_secs_f64() * 10.0).round() / 10.0,
        what_to_look_at(.doing)
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
    #[error(
        "{endpoint}: the connection was lost while {doing}: {reason}. Try again. If it is lost again, see sshd's log on the host"
    )]
    Lost {
        /// The account and host that were to be reached.
        endpoint: Endpoint,
        /// What was going on.
        doing: &'static str,
        /// The error of libssh2.
        reason: String,
    },
}

/// What to check, given what was waited for.
fn what_to_look_at(doing: &str) -> &'static str {
    match doing {
        "the agent's answer" => {
            "Check whether the agent waits for a confirmation or a touch. IdentityAgent=none connects without it"
        }
        "the deploy" | "the rollback" | "the examination" | "the look at its codex" => {
            "Check whether an rc file of the account waits for something, or the host is overloaded, and try again"
        }
        _ => "Check that the host is up, reachable and not overloaded, and try again",
    }
}

impl SshProblem {
    /// The code that lessons and reports use.
    pub fn code(&self) -> &'static str {
        match self {
            Self::HostName { .. } => "ssh-host-name",
            Self::UserName { .. } => "ssh-user-name",
            Self::RemoteCommand { .. } => "ssh-remote-command",
            Self::Config { .. } => "ssh-config",
            Self::NoSuchHost { .. } => "ssh-no-such-host",
            Self::Unreachable { .. } => "ssh-unreachable",
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
