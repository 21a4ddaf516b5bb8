//! Accounts that act as hosts, and a folder with the files that `ssh` and other programs need to reach them.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use harness::cloud::{Claims, Credential, CredentialKind, CredentialState, Knowledge, chatgpt};
use harness::run::TestEnvironment;
use harness::target::{AccountSpec, Container, HomeFile, Proxy, write_private};

/// The `ssh` configuration in the folder: one block for all hosts.
pub(super) const CONFIG: &str = "config";

/// The same settings, with a block for each host.
pub(super) const CONFIG_BY_HOST: &str = "config-by-host";

/// Far in the future, so that no token expires during a benchmark.
const YEAR_2100: i64 = 4_102_444_800;

/// Stops the process watcher, which checks every process a hundred times a second. No real host runs it.
const END_WATCHER: &str = "for process in /proc/[0-9]*; do \
    if [ \"$(cat \"$process/comm\" 2>/dev/null)\" = procwatch ]; then kill \"${process#/proc/}\"; fi; done\n";

/// A container that is reached with some delay, and a folder to run programs in.
pub(super) struct Accounts<'c> {
    container: &'c Container<'c>,
    folder: PathBuf,
    port: u16,
    /// Adds the delay, if there is one. It listens on every address of this machine.
    proxy: Option<Proxy>,
    /// What the fake cloud accepts: the login in `auth.json`.
    knowledge: Knowledge,
}

impl<'c> Accounts<'c> {
    /// If `round_trip` is zero, the accounts are reached directly, at the container's own address.
    pub(super) fn open(
        test_environment: &TestEnvironment,
        container: &'c Container<'c>,
        round_trip: Duration,
    ) -> anyhow::Result<Self> {
        container.as_root(END_WATCHER, b"")?;
        let (mut port, mut proxy) = (container.address().1, None);
        if !round_trip.is_zero() {
            // On all addresses of this machine, so that each account can have its own address.
            let started = Proxy::on(Ipv4Addr::UNSPECIFIED, container.address())?;
            started.delay(round_trip);
            port = started.port();
            proxy = Some(started);
        }
        // Inside the folder of the test environment, which is removed at the end.
        let folder = tempfile::tempdir_in(test_environment.folder())?.keep();
        let login = chatgpt(Claims { expires_at: YEAR_2100, last_refresh: SystemTime::now() });
        write_private(&folder.join("auth.json"), login.file.expose())?;
        write_private(&folder.join("key"), container.client_key().private.expose())?;
        let mut knowledge = Knowledge::default();
        let accepted = Credential { kind: CredentialKind::Chatgpt, state: CredentialState::Accepted };
        knowledge.credentials.insert(login.credential.sha256(), accepted);
        let accounts = Self { container, folder, port, proxy, knowledge };
        accounts.write_files(&[])?;
        Ok(accounts)
    }

    /// The folder to run programs in. It has `auth.json`, `key`, `known_hosts`, the configurations, and `hosts`, which lists the
    /// newest accounts.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The port to reach the accounts at.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Creates this many new accounts with these files. If there is a delay, each has its own address. Returns their names as
    /// `USER@ADDRESS`.
    pub(super) fn make(&self, count: usize, files: Vec<HomeFile>) -> anyhow::Result<Vec<String>> {
        let spec = AccountSpec { shell: "/bin/bash".to_owned(), files, codex_on_path: true };
        let made: Vec<_> = (0..count).map(|_| (self.container.reserve(), spec.clone())).collect();
        self.container.create(&made, &self.knowledge)?;
        let address = |number: usize| match self.proxy {
            Some(_) => format!("127.1.{}.{}", number / 250, number % 250 + 1),
            None => self.container.address().0.to_owned(),
        };
        let hosts: Vec<String> = made
            .iter()
            .enumerate()
            .map(|(at, (account, _))| format!("{}@{}", account.name, address(at)))
            .collect();
        self.write_files(&hosts)?;
        Ok(hosts)
    }

    fn write_files(&self, hosts: &[String]) -> std::io::Result<()> {
        let (port, key) = (self.port, self.container.host_key_line());
        let addresses = || hosts.iter().filter_map(|host| host.split('@').nth(1));
        let settings = format!(
            "  Port {port}\n  IdentityFile {}\n  IdentitiesOnly yes\n  IdentityAgent none\n  UserKnownHostsFile {}\n  \
             GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n  LogLevel ERROR\n  BatchMode yes\n",
            self.folder.join("key").display(),
            self.folder.join("known_hosts").display(),
        );
        let known: String = std::iter::once(self.container.address().0)
            .chain(addresses())
            .map(|address| format!("[{address}]:{port} {key}\n"))
            .collect();
        let by_host: String = addresses().map(|address| format!("Host {address}\n{settings}")).collect();
        let write = |name: &str, text: String| std::fs::write(self.folder.join(name), text);
        write("hosts", hosts.iter().map(|host| format!("{host}\n")).collect())?;
        write("known_hosts", known)?;
        write(CONFIG, format!("Host *\n{settings}"))?;
        write(CONFIG_BY_HOST, by_host)
    }
}
