//! One authenticated SSH connection.

use ssh2::ErrorCode;

use super::advice::account_hints;
use super::algorithms::{Algorithms, Offer, in_words};
use super::host_keys::Name;
use super::proxy_command::ProxyCommand;
use super::transport::{Route, Stopped, Transport, timed_out};
use super::{Deadline, Endpoint, HostKeys, KeyCheck, Peer, SshProblem, Variable, printable};
use crate::auth_json::Secret;
use crate::message::plain_words;

/// libssh2's `LIBSSH2_ERROR_CHANNEL_FAILURE` and `LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED`.
pub(super) const DENIALS: [ErrorCode; 2] = [ErrorCode::Session(-21), ErrorCode::Session(-22)];

/// libssh2's `LIBSSH2_ERROR_BANNER_RECV`.
const NO_GREETING: ErrorCode = ErrorCode::Session(-2);

/// libssh2's `LIBSSH2_ERROR_KEX_FAILURE`: the lists of both sides have nothing in common, or the server ended the
/// connection instead of sending its list.
const NO_AGREEMENT: ErrorCode = ErrorCode::Session(-5);

/// libssh2's `LIBSSH2_ERROR_PROTO`.
const WRONG_PROTOCOL: ErrorCode = ErrorCode::Session(-14);

/// What OpenSSH's server says before it closes a connection because of `MaxStartups` and `PerSourcePenalties`.
const FULL: &str = "Exceeded MaxStartups";
const PENALTY: &str = "Not allowed at this time";

/// What OpenSSH's client says if a server closed the connection before its greeting.
const HUNG_UP: &str = "kex_exchange_identification: ";

/// SSH authentication with one fixed method.
#[derive(Debug, Clone)]
pub enum Login {
    /// A private key in OpenSSH's format, held in memory.
    PrivateKey(Secret),
}

/// An authenticated connection. One thread uses it at a time.
pub struct Session {
    endpoint: Endpoint,
    pub(super) transport: Transport,
    pub(super) inner: ssh2::Session,
    /// What every command on the host gets, if the server allows it.
    pub(super) variables: Vec<Variable>,
    // Held only to keep it alive as long as the connection.
    _proxy: Option<ProxyCommand>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({})", self.endpoint)
    }
}

impl Session {
    /// Connects, checks the host key, and authenticates, all before `deadline`.
    ///
    /// # Errors
    /// Any [`SshProblem`]. The host key is checked before anything of ours is sent.
    pub fn open(
        endpoint: &Endpoint,
        host_keys: &HostKeys,
        login: &Login,
        deadline: Deadline,
    ) -> Result<Self, SshProblem> {
        let transport = Transport::connect(endpoint, Route::default(), deadline)?;
        let name = Name::of(&endpoint.host, endpoint.port);
        let offer = Algorithms::default().offer(&host_keys.known_types(&name));
        let offer = offer.map_err(|left| left.problem(endpoint))?;
        let session = Self::shake_hands(endpoint, transport, None, &offer, deadline)?;
        let (key, kind) = session.host_key()?;
        match host_keys.verdict(&name, &key) {
            KeyCheck::Known => {}
            other => return Err(session.host_key_problem(other, &kind, &name, None)),
        }
        session.log_in(login, deadline)?;
        Ok(session)
    }

    /// Does the key exchange. Nothing secret has been sent then, and all that is known of the server is the key that it
    /// has shown.
    pub(super) fn shake_hands(
        endpoint: &Endpoint,
        transport: Transport,
        proxy: Option<ProxyCommand>,
        offer: &Offer,
        deadline: Deadline,
    ) -> Result<Self, SshProblem> {
        let failed =
            |reason: String, peer| SshProblem::Handshake { endpoint: endpoint.clone(), reason, peer };
        let handshake_failed = |reason: String| failed(reason, Peer::Answered);
        let mut inner = ssh2::Session::new().map_err(|error| handshake_failed(error.message().to_owned()))?;
        inner.set_tcp_stream(transport.handle().map_err(|error| handshake_failed(plain_words(&error)))?);
        inner.set_blocking(false);
        for (method, list) in offer {
            let set = inner.method_pref(*method, list);
            set.map_err(|error| handshake_failed(format!("{}: {list}", error.message())))?;
        }

        let waiting = inner.clone();
        // What the server says first. libssh2 keeps only a greeting of SSH.
        let mut said_first = None;
        let step = || {
            said_first = said_first.take().or_else(|| transport.comes_first());
            // libssh2 would wait for more.
            if said_first
                .as_deref()
                .is_some_and(|said: &str| said.starts_with("SSH-1.") && !said.starts_with("SSH-1.99"))
            {
                return Err(ssh2::Error::new(
                    WRONG_PROTOCOL,
                    "the server has only version 1 of the SSH protocol",
                ));
            }
            inner.handshake()
        };
        let shaken = transport.hang_up_at(deadline, || transport.drive(&waiting, deadline, step));
        shaken.map_err(|stopped| match stopped.reason() {
            // Only an SSH server has such a list.
            _ if matches!(&stopped, Stopped::Refused(error) if error.code() == NO_AGREEMENT)
                && inner.banner().is_some_and(|banner| banner.starts_with("SSH-")) =>
            {
                SshProblem::NoCommonAlgorithm {
                    endpoint: endpoint.clone(),
                    offered: in_words(offer),
                    mismatch: None,
                }
            }
            Some(reason) if !deadline.passed() => {
                let is_ssh = inner.banner().is_some_and(|banner| banner.starts_with("SSH-"));
                let no_greeting = matches!(&stopped, Stopped::Refused(error) if error.code() == NO_GREETING);
                let said = proxy.as_ref().and_then(|proxy| proxy.said(transport.is_over()));
                let first = said_first.unwrap_or_default();
                let first = first.split(['\r', '\n']).next().unwrap_or_default().trim();
                let first = printable(if first.starts_with("SSH-") { "" } else { first });
                let quoted = match &*first {
                    "" => String::new(),
                    said => format!("; it said `{said}`"),
                };
                match (transport.is_over(), said) {
                    (true, _) if first.starts_with(FULL) => {
                        failed(format!("the server closed the connection{quoted}"), Peer::Full)
                    }
                    (true, _) if first.starts_with(PENALTY) => {
                        failed(format!("the server closed the connection{quoted}"), Peer::Penalty)
                    }
                    // It is what `ssh -W` prints if the server that it logs in to hangs up.
                    (true, Some(said)) if !is_ssh && said.contains(HUNG_UP) => {
                        failed(format!("the ProxyCommand said: {said}"), Peer::Closed { is_ssh: false })
                    }
                    (true, Some(said)) if !is_ssh => failed(
                        format!("the ProxyCommand said: {said}"),
                        Peer::ProxyEnded { is_silent: false },
                    ),
                    (true, None) if !is_ssh && proxy.is_some() => {
                        let peer = Peer::ProxyEnded { is_silent: true };
                        failed("the ProxyCommand closed the connection".to_owned(), peer)
                    }
                    (true, None) => {
                        let when = if is_ssh { "during the key exchange" } else { "without an SSH greeting" };
                        // A server that says something else is not an SSH server.
                        let peer = match first.is_empty() {
                            true => Peer::Closed { is_ssh },
                            false => Peer::Answered,
                        };
                        failed(format!("the server closed the connection {when}{quoted}"), peer)
                    }
                    (false, None) if no_greeting => {
                        handshake_failed(format!("the server sent no SSH greeting{quoted}"))
                    }
                    (false, None) => handshake_failed(reason),
                    (_, Some(said)) => handshake_failed(format!("{reason}; the ProxyCommand said: {said}")),
                }
            }
            _ => timed_out(endpoint, "the SSH handshake", deadline),
        })?;
        Ok(Self { endpoint: endpoint.clone(), transport, inner, variables: Vec::new(), _proxy: proxy })
    }

    fn log_in(&self, login: &Login, deadline: Deadline) -> Result<(), SshProblem> {
        let refused = |reason: &str| SshProblem::LoginRefused {
            endpoint: self.endpoint.clone(),
            reason: reason.to_owned(),
            hints: account_hints().to_vec(),
        };
        let Login::PrivateKey(key) = login;
        let key = std::str::from_utf8(key.expose()).map_err(|_| refused("the private key is not text"))?;
        let user = self.endpoint.user.as_str();
        self.transport
            .drive(&self.inner, deadline, || self.inner.userauth_pubkey_memory(user, None, key, None))
            .map_err(|stopped| match stopped {
                Stopped::Deadline => timed_out(&self.endpoint, "the login", deadline),
                Stopped::Io(error) => self.lost("logging in", plain_words(&error)),
                // libssh2 has the same code for a refusal and for an answer that never came.
                Stopped::Refused(error) if self.transport.is_over() => {
                    self.lost("logging in", error.message())
                }
                Stopped::Refused(error) => refused(error.message()),
            })
    }

    /// The account and host of this session.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Like [`drive`](Self::drive), for calls that a server may refuse.
    pub(super) fn step<T>(
        &self,
        doing: &'static str,
        deadline: Deadline,
        step: impl FnMut() -> Result<T, ssh2::Error>,
    ) -> Result<T, SshProblem> {
        self.transport.drive(&self.inner, deadline, step).map_err(|stopped| match stopped {
            Stopped::Deadline => timed_out(&self.endpoint, doing, deadline),
            Stopped::Io(error) => self.lost(doing, plain_words(&error)),
            Stopped::Refused(error) if DENIALS.contains(&error.code()) => {
                SshProblem::NoCommand { endpoint: self.endpoint.clone(), reason: error.message().to_owned() }
            }
            Stopped::Refused(error) => self.lost(doing, error.message()),
        })
    }

    pub(super) fn drive<T>(
        &self,
        doing: &'static str,
        deadline: Deadline,
        step: impl FnMut() -> Result<T, ssh2::Error>,
    ) -> Result<T, SshProblem> {
        self.transport.drive(&self.inner, deadline, step).map_err(|stopped| match stopped.reason() {
            None => timed_out(&self.endpoint, doing, deadline),
            Some(reason) => self.lost(doing, reason),
        })
    }

    pub(super) fn lost(&self, doing: &'static str, reason: impl Into<String>) -> SshProblem {
        SshProblem::Lost { endpoint: self.endpoint.clone(), doing, reason: reason.into() }
    }
}
