//! A running container with sshd in it, the session that rules it, and the accounts on it.

use std::io;
use std::sync::atomic::AtomicU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use testcontainers::bollard::query_parameters::{InspectContainerOptions, RemoveContainerOptionsBuilder};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt};

use super::account::Roll;
use super::cleanup;
use super::closed_network;
use super::container_request::{ContainerSpec, Keys, request};
use super::engine::causes;
use super::keys::KeyPair;
use super::reach::{addresses, first_session};
use super::rig_problem::{RigProblem, or_ended};
use super::ticket::{Numbers, Ticket};
use super::{Account, AccountSpec, Engine, MissingPrerequisite};
use crate::cloud::{self, Knowledge};
use codex_remote_auth::ssh::{Deadline, End, Endpoint, HostKeys, Login, Output, Session, SshProblem, Stdin};

/// How long a call of the rig's own may take.
const CALL: Duration = Duration::from_secs(30);

/// How long a container that is up may take to let us in.
const JOIN: Duration = Duration::from_secs(10);

/// A running container. [`stop`](Self::stop) removes it, unless other processes use it too; so does the next run's sweep.
#[derive(Debug)]
pub struct Container<'e> {
    pub(super) engine: &'e Engine,
    id: String,
    /// What removes it. `None` if it ends by itself.
    inner: Option<ContainerAsync<GenericImage>>,
    address: (String, u16),
    rig: (String, u16),
    rule: Mutex<Session>,
    host_keys: HostKeys,
    client_key: KeyPair,
    host_key_line: String,
    canary: String,
    numbers: Numbers,
    /// The accounts that this process reserved.
    pub(super) homes: Mutex<Vec<String>>,
    /// How long its files were when this process began to use it: nothing before that is ours.
    pub(super) began: Lengths,
    /// Marks one look at the processes.
    pub(super) next_mark: AtomicU32,
}

/// The lengths of the files that the container writes, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lengths {
    pub(super) sshd: u64,
    pub(super) processes: u64,
    pub(super) records: u64,
}

impl<'e> Container<'e> {
    /// Starts a container, and waits until its sshd lets us in.
    ///
    /// # Errors
    /// [`RigProblem::MissingPrerequisite`], [`RigProblem::Start`] and [`RigProblem::NoSshd`].
    pub fn start(engine: &'e Engine, spec: ContainerSpec<'_>) -> Result<Self, RigProblem> {
        let host_key = KeyPair::generate()?;
        let client_key = KeyPair::generate()?;
        let began = Instant::now();
        let labels = cleanup::labels(spec.run, spec.lifetime)?;
        let keys = Keys::of(spec.folder, &host_key, &client_key).map_err(|error| {
            let place = spec.folder.display();
            MissingPrerequisite::new(format!("{place}: keys cannot be written: {error}"))
                .remedy("free some space there")
        })?;
        let network = closed_network::of(engine, spec.under_test.trust)?;
        let request = request(engine, spec, &keys, network).with_labels(labels);
        let inner = engine
            .block_on(request.start())
            .map_err(|error| or_ended(engine, RigProblem::Start { reason: causes(&error) }))?;

        let found = engine.block_on(addresses(engine, &inner));
        let [ssh, rig] = match found {
            Ok(found) => found,
            Err(reason) => {
                let log = last_lines(&engine.block_on(log_of(&inner)), 20);
                let _ = engine.block_on(inner.rm());
                return Err(RigProblem::Start { reason: format!("{reason}; it printed: {log}") });
            }
        };
        let host_keys = known([&ssh, &rig], &host_key.public);
        let rule = match first_session(&rig, &host_keys, &client_key, began) {
            Ok(session) => session,
            Err(problem) => {
                let log = engine.block_on(log_of(&inner));
                let _ = engine.block_on(inner.rm());
                return Err(RigProblem::NoSshd { problem: problem.into(), log: last_lines(&log, 20).into() });
            }
        };
        Ok(Self {
            engine,
            id: inner.id().to_owned(),
            inner: Some(inner),
            address: ssh,
            rig,
            rule: Mutex::new(rule),
            host_keys,
            client_key,
            host_key_line: host_key.public,
            canary: cloud::canary(),
            numbers: Numbers::own(),
            homes: Mutex::default(),
            began: Lengths::default(),
            next_mark: AtomicU32::new(1),
        })
    }

    /// Joins a container that another process started. Dropping it does not remove the container, which ends by itself.
    ///
    /// # Errors
    /// [`RigProblem::Died`] if it does not answer.
    pub fn join(engine: &'e Engine, ticket: &Ticket, numbers: Numbers) -> Result<Self, RigProblem> {
        let host_keys = known([&ticket.ssh, &ticket.rig], &ticket.host_key);
        let client_key = ticket.client_key();
        let endpoint = Endpoint::new("root", &ticket.rig.0, ticket.rig.1);
        let login = Login::PrivateKey(client_key.private.clone());
        let rule = Session::open(&endpoint, &host_keys, &login, Deadline::after(JOIN))
            .map_err(|problem| RigProblem::Died { problem })?;
        let mut container = Self {
            engine,
            id: ticket.container.clone(),
            inner: None,
            address: ticket.ssh.clone(),
            rig: ticket.rig.clone(),
            rule: Mutex::new(rule),
            host_keys,
            client_key,
            host_key_line: ticket.host_key.clone(),
            canary: ticket.canary.clone(),
            numbers,
            homes: Mutex::default(),
            began: Lengths::default(),
            // Another process must not take our mark for its own.
            next_mark: AtomicU32::new(std::process::id().wrapping_mul(1_000)),
        };
        container.began = container.lengths()?;
        Ok(container)
    }

    /// What another process needs to join it.
    pub fn ticket(&self) -> Ticket {
        let addresses = [&self.address, &self.rig];
        Ticket::new(self.id(), addresses, &self.host_key_line, &self.client_key, &self.canary)
    }

    /// Shares it with the processes that join it. Their accounts have the numbers that `numbers` gives out.
    #[must_use]
    pub fn shared(mut self, numbers: Numbers) -> Self {
        if let Some(inner) = self.inner.take() {
            // Its drop would remove the container.
            std::mem::forget(inner);
        }
        self.numbers = numbers;
        self
    }

    /// A name and a number for an account that [`create`](Self::create) will make.
    pub fn reserve(&self) -> Account {
        let account = Account::numbered(self.numbers.next());
        self.homes.lock().unwrap_or_else(PoisonError::into_inner).push(account.home.clone());
        account
    }

    /// Makes fresh accounts, all in one call, and tells the cloud in the container of their logins.
    ///
    /// # Errors
    /// [`RigProblem::Accounts`] and [`RigProblem::Died`].
    pub fn create(
        &self,
        accounts: &[(Account, AccountSpec)],
        knowledge: &Knowledge,
    ) -> Result<(), RigProblem> {
        let output = self.as_root("rig-accounts", &self.archive(accounts, knowledge)?)?;
        if output.end == End::Exit(0) {
            return Ok(());
        }
        Err(RigProblem::Accounts { reason: String::from_utf8_lossy(&output.stderr).trim().to_owned() })
    }

    /// Gives accounts that exist the homes of these specs, with nothing of what was in them. What runs in them goes on.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn reset(
        &self,
        accounts: &[(Account, AccountSpec)],
        knowledge: &Knowledge,
    ) -> Result<(), RigProblem> {
        let failed = |error: io::Error| RigProblem::Accounts { reason: error.to_string() };
        let mut roll = Roll::new();
        for (account, spec) in accounts {
            roll.add_home(account, spec, &self.client_key.public).map_err(failed)?;
        }
        let homes: Vec<&str> = accounts.iter().map(|(account, _)| account.home.as_str()).collect();
        // The folders themselves stay: a shell may be in one of them.
        let command = format!("find {} -mindepth 1 -delete && rig-accounts", homes.join(" "));
        let output = self.as_root(&command, &roll.finish(knowledge).map_err(failed)?)?;
        if output.end == End::Exit(0) {
            return Ok(());
        }
        Err(RigProblem::Accounts { reason: String::from_utf8_lossy(&output.stderr).trim().to_owned() })
    }

    /// What the image's `rig-accounts` reads to make these accounts: homes with owners and modes, and their lines.
    fn archive(
        &self,
        accounts: &[(Account, AccountSpec)],
        knowledge: &Knowledge,
    ) -> Result<Vec<u8>, RigProblem> {
        let failed = |error: std::io::Error| RigProblem::Accounts { reason: error.to_string() };
        let mut roll = Roll::new();
        for (account, spec) in accounts {
            roll.add(account, spec, &self.client_key.public).map_err(failed)?;
        }
        roll.finish(knowledge).map_err(failed)
    }

    /// Opens a session as one of the accounts.
    ///
    /// # Errors
    /// Any [`SshProblem`].
    pub fn session(&self, account: &Account, deadline: Duration) -> Result<Session, SshProblem> {
        self.session_at(account, &self.address.0, self.address.1, deadline)
    }

    /// As [`session`](Self::session), over another way to the same sshd, such as a proxy.
    ///
    /// # Errors
    /// Any [`SshProblem`].
    pub fn session_at(
        &self,
        account: &Account,
        host: &str,
        port: u16,
        deadline: Duration,
    ) -> Result<Session, SshProblem> {
        let endpoint = Endpoint::new(&account.name, host, port);
        let known = HostKeys::from_text(&format!("[{host}]:{port} {}\n", self.host_key_line));
        let known = if self.address == (host.to_owned(), port) { &self.host_keys } else { &known };
        let login = Login::PrivateKey(self.client_key.private.clone());
        Session::open(&endpoint, known, &login, Deadline::after(deadline))
    }

    /// Runs a command as root.
    ///
    /// # Errors
    /// [`RigProblem::Died`].
    pub fn as_root(&self, command: &str, stdin: &[u8]) -> Result<Output, RigProblem> {
        let session = self.rule.lock().unwrap_or_else(PoisonError::into_inner);
        let deadline = Deadline::after(CALL);
        let output = session
            .run(command, Stdin::Bytes(stdin), deadline)
            .map_err(|problem| or_ended(self.engine, RigProblem::Died { problem }))?;
        if output.end == End::Deadline {
            let (endpoint, waited) = (session.endpoint().clone(), deadline.span());
            let problem = SshProblem::TimedOut { endpoint, doing: "a call of the rig's own", waited };
            return Err(RigProblem::Died { problem });
        }
        Ok(output)
    }

    /// What every token has that the cloud in the container issues to a device. All who share the container look for the same.
    pub fn canary(&self) -> &str {
        &self.canary
    }

    /// Where accounts are reached from this machine.
    pub fn address(&self) -> (&str, u16) {
        (&self.address.0, self.address.1)
    }

    /// The key that every account lets in.
    pub fn client_key(&self) -> &KeyPair {
        &self.client_key
    }

    /// The server's public key, as known_hosts has it after the host's name.
    pub fn host_key_line(&self) -> &str {
        &self.host_key_line
    }

    /// The engine's name for the container.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The number that the engine's system gives to the container's first process, its sshd.
    ///
    /// # Errors
    /// [`RigProblem::Unread`] where the engine does not say.
    pub fn pid(&self) -> Result<u64, RigProblem> {
        let unread =
            |reason| RigProblem::Unread { what: "the number of the container's first process", reason };
        let asked = self.engine.docker().inspect_container(self.id(), None::<InspectContainerOptions>);
        let answer = self.engine.block_on(asked).map_err(|error| unread(causes(&error)))?;
        let pid = answer.state.and_then(|state| state.pid).and_then(|pid| u64::try_from(pid).ok());
        pid.filter(|pid| *pid > 0).ok_or_else(|| unread("the engine names none".to_owned()))
    }

    /// Whether the engine says that the container runs. If it does not answer, the container counts as ended.
    pub fn is_running(&self) -> bool {
        let asked = self.engine.docker().inspect_container(self.id(), None::<InspectContainerOptions>);
        self.engine
            .block_on(asked)
            .is_ok_and(|answer| answer.state.and_then(|state| state.running) == Some(true))
    }

    /// Removes the container.
    ///
    /// # Errors
    /// [`RigProblem::Start`] where the engine will not; the next run's sweep tries again.
    pub fn stop(mut self) -> Result<(), RigProblem> {
        match self.inner.take() {
            Some(inner) => self
                .engine
                .block_on(inner.rm())
                .map_err(|error| or_ended(self.engine, RigProblem::Start { reason: causes(&error) })),
            None => Ok(()),
        }
    }

    /// Removes the container although it may still be in use. For test programs, which never drop their container.
    pub fn remove(&self) {
        if let Some(inner) = &self.inner {
            let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
            let _ = self.engine.block_on(self.engine.docker().remove_container(inner.id(), Some(options)));
        }
    }

    /// Lets the container live on after this run.
    pub fn leave(mut self) {
        if let Some(inner) = self.inner.take() {
            // Its drop would remove the container.
            std::mem::forget(inner);
        }
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            let _ = self.engine.block_on(inner.rm());
        }
    }
}

/// The key of the server, at these addresses.
fn known(addresses: [&(String, u16); 2], key: &str) -> HostKeys {
    let lines = addresses.map(|(host, port)| format!("[{host}]:{port} {key}\n"));
    HostKeys::from_text(&lines.concat())
}

async fn log_of(inner: &ContainerAsync<GenericImage>) -> Vec<u8> {
    let mut log = inner.stdout_to_vec().await.unwrap_or_default();
    log.extend(inner.stderr_to_vec().await.unwrap_or_default());
    log
}

fn last_lines(log: &[u8], count: usize) -> String {
    let text = String::from_utf8_lossy(log);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
