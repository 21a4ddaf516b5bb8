//! Everything that can go wrong between here and a command running on the host.

use std::time::Duration;

use thiserror::Error;

use super::Endpoint;

/// Why a session could not be had, or did not last. None of them shows what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SshProblem {
    /// What a person wrote is not a valid host.
    #[error(
        "`{written}` is not a valid host: {reason}; nothing was run or sent. A host is an alias of the SSH configuration, or \
         HOST, USER@HOST, USER@HOST:PORT, ssh://USER@HOST:PORT, USER@[IPV6]:PORT"
    )]
    HostName {
        /// As it was written.
        written: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The user name of the command line is not valid.
    #[error("{host}: `{written}` is not a valid user name: {reason}; nothing was run or sent")]
    UserName {
        /// The host as it was named.
        host: String,
        /// The name as it was written.
        written: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The configuration sets a command, which would run in place of ours.
    #[error(
        "{host}: Cannot execute command-line and remote command: the SSH configuration sets RemoteCommand for this host; \
         nothing was connected to. hint: -o RemoteCommand=none"
    )]
    RemoteCommand {
        /// The host as it was named.
        host: String,
    },
    /// The SSH configuration cannot be used.
    #[error("{host}: the SSH configuration cannot be used: {reason}; nothing was connected to")]
    Config {
        /// The host as it was named.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The name has no address.
    #[error("{endpoint}: the host name cannot be resolved: {reason}; check its spelling")]
    NoSuchHost {
        /// Whom we wanted to reach.
        endpoint: Endpoint,
        /// What the system said.
        reason: String,
    },
    /// Nothing listens there, or no way leads there.
    #[error("{endpoint}: cannot connect: {reason}; is sshd running there, and is it this port?")]
    Unreachable {
        /// Whom we wanted to reach.
        endpoint: Endpoint,
        /// What the system said.
        reason: String,
    },
    /// Something answers there that does not complete an SSH handshake.
    #[error(
        "{endpoint}: the SSH handshake failed: {reason}; nothing was sent. Is it an SSH server that answers there?"
    )]
    Handshake {
        /// Whom we wanted to reach.
        endpoint: Endpoint,
        /// What libssh2 said.
        reason: String,
    },
    /// The server takes no algorithm of some kind that is allowed and supported here.
    #[error(
        "{endpoint}: no agreement with the server on algorithms: it supports none of one kind that was offered to it ({offered}), or \
         it ended the connection; nothing was sent. hint: `ssh -vv` shows what the server supports, below \"peer server KEXINIT \
         proposal\"; -o KexAlgorithms=+NAME allows one more"
    )]
    NoCommonAlgorithm {
        /// Whom we wanted to reach.
        endpoint: Endpoint,
        /// What was offered, by the names of the options.
        offered: String,
    },
    /// The known hosts cannot be read, or a new key cannot be written to them.
    #[error(
        "the known hosts {reason}; nothing was sent. Mend the file, or name another: -o UserKnownHostsFile=FILE"
    )]
    KnownHosts {
        /// What was wrong with them.
        reason: String,
    },
    /// No known host entry names this server.
    #[error(
        "{endpoint}: the host key is not known ({fingerprint}); nothing was sent.{} \
         Compare it with the server's own (there: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then call this from \
         a terminal and agree, or take new keys by -o StrictHostKeyChecking=accept-new",
        if *.authority {
            " A certificate authority is known for it, but certificates of servers are not checked here."
        } else {
            ""
        }
    )]
    HostKeyUnknown {
        /// Whom we wanted to reach.
        endpoint: Endpoint,
        /// Type and SHA-256 fingerprint of the key that the server showed.
        fingerprint: String,
        /// Whether a certificate authority is known for it.
        authority: bool,
    },
    /// The server shows another key than the one that is known for it.
    #[error(
        "{endpoint}: the host key is NOT the one known for it (it shows {fingerprint}; known: {at}); nothing was sent. \
         Somebody may be in between, or the server was set up anew: find out which. If it was: {mend}"
    )]
    HostKeyChanged {
        /// Whom we wanted to reach.
        endpoint: Endpoint,
        /// Type and SHA-256 fingerprint of the key that the server showed.
        fingerprint: Box<str>,
        /// The lines that know another key.
        at: Box<str>,
        /// The command that forgets what is known.
        mend: Box<str>,
    },
    /// A known host entry says that the server's key must not be trusted any more.
    #[error(
        "{endpoint}: the host key is marked as revoked ({fingerprint}; {at}); nothing was sent. Somebody else may have \
         it: ask the server's administrator for a new one"
    )]
    HostKeyRevoked {
        /// Whom we wanted to reach.
        endpoint: Endpoint,
        /// Type and SHA-256 fingerprint of the key that the server showed.
        fingerprint: String,
        /// The line that says so.
        at: String,
    },
    /// The SSH configuration does not allow such a connection.
    #[error(
        "{endpoint}: the SSH configuration does not allow this: {reason}; nothing was sent. hint: {hint}"
    )]
    Forbidden {
        /// Whom we wanted to reach.
        endpoint: Endpoint,
        /// Which option, and what it does not allow.
        reason: String,
        /// The option that allows it.
        hint: String,
    },
    /// The keys that no server may show cannot be read, so that none can be accepted.
    #[error(
        "{endpoint}: the host key cannot be checked against RevokedHostKeys: {reason}; nothing was sent. Correct the file, or do \
         without it: hint: -o RevokedHostKeys=none"
    )]
    RevokedHostKeys {
        /// Whom we wanted to reach.
        endpoint: Endpoint,
        /// Which file, and what is wrong with it.
        reason: String,
    },
    /// The host in between does not lead on.
    #[error(
        "{endpoint}: it does not pass the connection on to {to}: {reason}; nothing was sent. May the account forward \
         there (AllowTcpForwarding), and does that host answer?"
    )]
    NoWayOn {
        /// The host in between.
        endpoint: Endpoint,
        /// Where it should have led.
        to: String,
        /// What libssh2 said.
        reason: String,
    },
    /// A local port that should lead to the host is unavailable.
    #[error("local port {port} is unavailable: {reason}")]
    PortTaken {
        /// The port.
        port: u16,
        /// What the system said.
        reason: String,
    },
    /// The `ProxyCommand` cannot be started.
    #[error(
        "{endpoint}: the ProxyCommand cannot be started: {reason}; nothing was sent. `sh` runs it: is that on the PATH here?"
    )]
    ProxyCommand {
        /// Whom we wanted to reach.
        endpoint: Endpoint,
        /// What the system said.
        reason: String,
    },
    /// The server does not let us in.
    #[error(
        "{endpoint}: the server refused the login: {reason}; nothing was sent. Does the account take this key \
         (authorized_keys), and may it log in (AllowUsers, locked, expired)? The server does not say; sshd's log there does"
    )]
    LoginRefused {
        /// Whom we wanted to reach.
        endpoint: Endpoint,
        /// What libssh2 said.
        reason: String,
    },
    /// The server has let us in, and runs no command for us.
    #[error(
        "{endpoint}: the server starts no command: {reason}; nothing was sent. May the account run commands, and does the \
         server allow a session (MaxSessions)?"
    )]
    NoCommand {
        /// Whom we wanted to reach.
        endpoint: Endpoint,
        /// What libssh2 said.
        reason: String,
    },
    /// A deadline passed.
    #[error(
        "{endpoint}: {doing} timed out after {} s. {}",
        (.waited.as_secs_f64() * 10.0).round() / 10.0,
        what_to_look_at(.doing)
    )]
    TimedOut {
        /// Whom we wanted to reach.
        endpoint: Endpoint,
        /// What was waited for.
        doing: &'static str,
        /// How long the deadline was set for.
        waited: Duration,
    },
    /// The connection broke after the handshake.
    #[error(
        "{endpoint}: the connection was lost while {doing}: {reason}. Try again; if it is lost again, sshd's log there says why"
    )]
    Lost {
        /// Whom we wanted to reach.
        endpoint: Endpoint,
        /// What was going on.
        doing: &'static str,
        /// What libssh2 said.
        reason: String,
    },
}

/// What may be what was waited for.
fn what_to_look_at(doing: &str) -> &'static str {
    match doing {
        "the agent's answer" => {
            "Does it wait for somebody to agree, or to touch something? IdentityAgent=none does without it"
        }
        "the deploy" | "the rollback" | "the examination" | "the look at its codex" => {
            "Does an rc file of the account wait for something, or is that machine overloaded? Then try again"
        }
        _ => "Is that machine up, reachable and not overloaded? Then try again",
    }
}

impl SshProblem {
    /// The name that lessons and reports use for it.
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
