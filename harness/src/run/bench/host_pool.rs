//! Accounts that stand for hosts, each at an address of its own, all accepting one login, and what programs need to reach them.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::cloud::{Claims, Credential, CredentialKind, CredentialState, Knowledge, chatgpt};
use crate::run::TestEnvironment;
use crate::target::{Account, AccountSpec, Container, Proxy, RigProblem, write_private};
use codex_remote_auth::ssh::End;

/// Far from now: no token of a benchmark expires.
const YEAR_2100: i64 = 4_102_444_800;

/// A container that is reached over a link of some length, with a folder that has a login, a key and a configuration.
#[derive(Debug)]
pub struct HostPool<'c> {
    container: &'c Container<'c>,
    folder: PathBuf,
    at: At,
    port: u16,
    // For its life alone: what is reached through it is reached as long as it is there.
    _link: Option<Proxy>,
    login_digest: String,
}

/// Which of a container's sshds the accounts are reached by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sshd {
    /// The rig's own, which is spared what only takes time: no second exec of itself for a connection, no PAM.
    Lean,
    /// As Debian has it, with both: what people have on their hosts. Wants an engine on this machine.
    AsInstalled,
}

/// The configuration for `ssh`, in the folder in which programs are run: one block for all.
pub(super) const CONFIG: &str = "config";

/// The same with a block for each host.
pub(super) const CONFIG_BY_BLOCKS: &str = "config-by-blocks";

/// Starts the sshd that people have, beside the rig's own.
const AS_INSTALLED: &str = "set -e\n\
    sed '/^ListenAddress/d; s/^UsePAM no/UsePAM yes/' /etc/ssh/sshd_config >/run/sshd_config_as_installed\n\
    /usr/sbin/sshd -f /run/sshd_config_as_installed -p 22223 -E /run/sshd.log -o PidFile=none\n";

const AS_INSTALLED_PORT: u16 = 22223;

/// The watch over processes looks at all of them a hundred times a second, and no host of anybody's has it.
const NO_WATCH: &str = "for process in /proc/[0-9]*; do \
    if [ \"$(cat \"$process/comm\" 2>/dev/null)\" = procwatch ]; then kill \"${process#/proc/}\"; fi; done\n";

/// Where the accounts are reached.
#[derive(Debug)]
enum At {
    /// All at the container's own address.
    Container(String),
    /// Each at an address of its own of this machine's loopback: the link listens on all of them.
    Loopback,
}

/// An account that stands for a host.
#[derive(Debug)]
pub struct Host {
    /// The account.
    pub account: Account,
    /// Its address.
    pub address: String,
    /// What a person calls it: `USER@ADDRESS`.
    pub named: String,
}

impl<'c> HostPool<'c> {
    /// One with this round trip; none at all leads straight to the container.
    ///
    /// # Errors
    /// [`RigProblem::Accounts`] if a file or a port is not available.
    pub fn open(
        test_environment: &TestEnvironment,
        container: &'c Container<'c>,
        sshd: Sshd,
        round_trip: Duration,
    ) -> Result<Self, RigProblem> {
        let failed = |error: std::io::Error| RigProblem::Accounts { reason: error.to_string() };
        let (host, mut port) = container.address();
        container.as_root(NO_WATCH, b"")?;
        if sshd == Sshd::AsInstalled {
            port = AS_INSTALLED_PORT;
            let started = container.as_root(AS_INSTALLED, b"")?;
            if started.end != End::Exit(0) {
                let said = String::from_utf8_lossy(&started.stderr).trim().to_owned();
                return Err(RigProblem::Accounts { reason: format!("no second sshd: {said}") });
            }
        }
        let (at, port, link) = if round_trip.is_zero() {
            (At::Container(host.to_owned()), port, None)
        } else {
            // Each host has an address of its own.
            let link = Proxy::on(Ipv4Addr::UNSPECIFIED, (host, port)).map_err(failed)?;
            link.delay(round_trip);
            (At::Loopback, link.port(), Some(link))
        };
        // The test environment's folder goes with all that is in it.
        let folder = tempfile::tempdir_in(test_environment.folder()).map_err(failed)?.keep();
        let minted = chatgpt(Claims { expires_at: YEAR_2100, last_refresh: SystemTime::now() });
        write_private(&folder.join("auth.json"), minted.file.expose()).map_err(failed)?;
        write_private(&folder.join("key"), container.client_key().private.expose()).map_err(failed)?;
        let pool = Self {
            container,
            folder,
            at,
            port,
            _link: link,
            login_digest: access_token_digest(minted.file.expose()),
        };
        pool.configure().map_err(failed)?;
        Ok(pool)
    }

    /// The folder in which programs are run: `auth.json`, `config`, `known_hosts`, `hosts`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The port at which the accounts are reached.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The container behind it.
    pub fn container(&self) -> &Container<'c> {
        self.container
    }

    /// Makes so many fresh accounts, and names them in `hosts` and their addresses in `known_hosts`.
    ///
    /// # Errors
    /// [`RigProblem::Accounts`].
    pub fn hosts(&self, count: usize) -> Result<Vec<Host>, RigProblem> {
        let mut knowledge = Knowledge::default();
        let accepted = Credential { kind: CredentialKind::Chatgpt, state: CredentialState::Accepted };
        knowledge.credentials.insert(self.login_digest.clone(), accepted);
        let spec =
            AccountSpec { shell: "/bin/bash".to_owned(), codex_on_path: true, ..AccountSpec::default() };
        let made: Vec<_> = (0..count).map(|_| (self.container.reserve(), spec.clone())).collect();
        self.container.create(&made, &knowledge)?;
        let hosts: Vec<Host> = made
            .into_iter()
            .enumerate()
            .map(|(number, (account, _))| {
                let address = self.address(number);
                let named = format!("{}@{address}", account.name);
                Host { account, address, named }
            })
            .collect();
        self.name(&hosts).map_err(|error| RigProblem::Accounts { reason: error.to_string() })?;
        Ok(hosts)
    }

    fn address(&self, number: usize) -> String {
        match &self.at {
            At::Container(address) => address.clone(),
            At::Loopback => format!("127.1.{}.{}", number / 250, number % 250 + 1),
        }
    }

    fn name(&self, hosts: &[Host]) -> std::io::Result<()> {
        let (mut names, mut known) = (String::new(), String::new());
        for Host { named, address, .. } in hosts {
            let _ = writeln!(names, "{named}");
            let _ = writeln!(known, "[{address}]:{} {}", self.port, self.container.host_key_line());
        }
        std::fs::write(self.folder.join("hosts"), names)?;
        std::fs::write(self.folder.join("known_hosts"), known)?;
        let settings = self.settings();
        let blocks = hosts.iter().map(|host| format!("Host {}\n{settings}", host.address));
        std::fs::write(self.folder.join(CONFIG_BY_BLOCKS), blocks.collect::<String>())
    }

    fn configure(&self) -> std::io::Result<()> {
        std::fs::write(self.folder.join(CONFIG), format!("Host *\n{}", self.settings()))
    }

    fn settings(&self) -> String {
        format!(
            "  Port {port}\n  IdentityFile {key}\n  IdentitiesOnly yes\n  IdentityAgent none\n  \
             UserKnownHostsFile {known}\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n  LogLevel ERROR\n  \
             BatchMode yes\n",
            port = self.port,
            key = self.folder.join("key").display(),
            known = self.folder.join("known_hosts").display(),
        )
    }
}

fn access_token_digest(login: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_slice(login).unwrap_or_default();
    let token = value["tokens"]["access_token"].as_str().unwrap_or_default();
    codex_remote_auth::auth_json::Secret::new(token).sha256()
}
