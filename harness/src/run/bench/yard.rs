//! Accounts that stand for hosts, all accepting one login, and what programs need to reach them.

use std::fmt::Write as _;
use std::net::ToSocketAddrs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::cloud::{Claims, Credential, CredentialKind, CredentialState, Knowledge, chatgpt};
use crate::run::Lab;
use crate::target::{Account, AccountSpec, Container, DelayProxy, RigProblem, write_private};

/// Far from now: no token of a benchmark expires.
const YEAR_2100: i64 = 4_102_444_800;

/// A container that is reached over a link of some length, with a folder that has a login, a key and a configuration.
#[derive(Debug)]
pub struct Yard<'c> {
    container: &'c Container<'c>,
    folder: PathBuf,
    at: (String, u16),
    // For its life alone: what is reached through it is reached as long as it is there.
    _link: Option<DelayProxy>,
    login_digest: String,
}

impl<'c> Yard<'c> {
    /// One with this round trip; none at all leads straight to the container.
    ///
    /// # Errors
    /// [`RigProblem::Accounts`] where a file or a port is not to be had.
    pub fn open(lab: &Lab, container: &'c Container<'c>, round_trip: Duration) -> Result<Self, RigProblem> {
        let failed = |error: std::io::Error| RigProblem::Accounts { reason: error.to_string() };
        let (host, port) = container.address();
        let (at, link) = if round_trip.is_zero() {
            ((host.to_owned(), port), None)
        } else {
            let mut addresses = (host, port).to_socket_addrs().map_err(failed)?;
            let target =
                addresses.next().ok_or_else(|| failed(std::io::ErrorKind::AddrNotAvailable.into()))?;
            let link = DelayProxy::start(target, round_trip).map_err(failed)?;
            (("127.0.0.1".to_owned(), link.port()), Some(link))
        };
        // The lab's folder goes with all that is in it.
        let folder = tempfile::tempdir_in(lab.folder()).map_err(failed)?.keep();
        let minted = chatgpt(Claims { expires_at: YEAR_2100, last_refresh: SystemTime::now() });
        write_private(&folder.join("auth.json"), minted.file.expose()).map_err(failed)?;
        write_private(&folder.join("key"), container.client_key().private.expose()).map_err(failed)?;
        let known = format!("[{}]:{} {}\n", at.0, at.1, container.host_key_line());
        write_private(&folder.join("known_hosts"), known.as_bytes()).map_err(failed)?;
        let yard = Self {
            container,
            folder,
            at,
            _link: link,
            login_digest: access_token_digest(minted.file.expose()),
        };
        yard.configure(&[])?;
        Ok(yard)
    }

    /// The folder in which programs are run: `auth.json`, `config`, `hosts`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the accounts are reached.
    pub fn address(&self) -> (&str, u16) {
        (&self.at.0, self.at.1)
    }

    /// The container behind it.
    pub fn container(&self) -> &Container<'c> {
        self.container
    }

    /// Makes so many fresh accounts, and names them in `config` and `hosts`, by their own names.
    ///
    /// # Errors
    /// [`RigProblem::Accounts`].
    pub fn accounts(&self, count: usize) -> Result<Vec<Account>, RigProblem> {
        let mut knowledge = Knowledge::default();
        let accepted = Credential { kind: CredentialKind::Chatgpt, state: CredentialState::Accepted };
        knowledge.credentials.insert(self.login_digest.clone(), accepted);
        let spec =
            AccountSpec { shell: "/bin/bash".to_owned(), codex_on_path: true, ..AccountSpec::default() };
        let made: Vec<_> = (0..count).map(|_| (self.container.reserve(), spec.clone())).collect();
        self.container.create(&made, &knowledge)?;
        let accounts: Vec<Account> = made.into_iter().map(|(account, _)| account).collect();
        self.configure(&accounts)?;
        Ok(accounts)
    }

    fn configure(&self, accounts: &[Account]) -> Result<(), RigProblem> {
        let failed = |error: std::io::Error| RigProblem::Accounts { reason: error.to_string() };
        let (host, port) = self.address();
        let mut config = String::new();
        let mut hosts = String::new();
        for Account { name, .. } in accounts {
            let _ = writeln!(config, "Host {name}\n  User {name}");
            let _ = writeln!(hosts, "{name}");
        }
        let _ = writeln!(
            config,
            "Host *\n  HostName {host}\n  Port {port}\n  IdentityFile {key}\n  IdentitiesOnly yes\n  IdentityAgent none\n  \
             UserKnownHostsFile {known}\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n  LogLevel ERROR\n  \
             BatchMode yes",
            key = self.folder.join("key").display(),
            known = self.folder.join("known_hosts").display(),
        );
        std::fs::write(self.folder.join("config"), config).map_err(failed)?;
        std::fs::write(self.folder.join("hosts"), hosts).map_err(failed)
    }
}

fn access_token_digest(login: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_slice(login).unwrap_or_default();
    let token = value["tokens"]["access_token"].as_str().unwrap_or_default();
    crate::auth::Secret::new(token).sha256()
}
