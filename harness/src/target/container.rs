//! A running container with sshd in it, the session that rules it, and the accounts on it.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;
use tempfile::NamedTempFile;
use testcontainers::bollard::container::LogOutput;
use testcontainers::bollard::models::{HostConfig, PortBinding, PortMap};
use testcontainers::bollard::query_parameters::{
    InspectContainerOptions, LogsOptionsBuilder, RemoveContainerOptionsBuilder,
};
use testcontainers::core::{AccessMode, IntoContainerPort, Mount, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, CopyTargetOptions, GenericImage, ImageExt};
use thiserror::Error;

use super::account::Roll;
use super::cleanup;
use super::closed_network;
use super::engine::causes;
use super::image::ImageRef;
use super::keys::KeyPair;
use super::lifetime::Lifetime;
use super::reach::{RIG_PORT, SSH_PORT, START, addresses, first_session, reaches_containers};
use super::ticket::{Numbers, Ticket};
use super::{Account, AccountSpec, Engine, MissingPrerequisite, RunId, Subject};
use crate::cloud::{self, Knowledge, Record};
use codex_remote_auth::ssh::{Deadline, End, Endpoint, HostKeys, Login, Output, Session, SshProblem, Stdin};

/// How long a call of the rig's own may take.
const CALL: Duration = Duration::from_secs(30);

/// Where the container keeps what its processes were seen with.
const PROCESS_LOG: &str = "/run/procwatch.log";

/// Where sshd writes its log: in the container, since the engine copies each line that it prints three times over.
const SSHD_LOG: &str = "/run/sshd.log";

/// Where the cloud in the container records what it was asked, a line for each request.
const RECORDS: &str = "/run/cloud/records.jsonl";

/// How long a container that is up may take to let us in.
const JOIN: Duration = Duration::from_secs(10);

/// What a container needs to start.
#[derive(Debug, Clone, Copy)]
pub struct ContainerSpec<'a> {
    /// The image, from [`image::ensure`](super::image::ensure).
    pub image: &'a ImageRef,
    /// The folder with the static programs, from [`static_programs`](super::static_programs).
    pub programs: &'a Path,
    /// The codex under test, and where one is, the claude.
    pub under_test: &'a Subject,
    /// A folder on this machine for the container's keys.
    pub folder: &'a Path,
    /// The run it belongs to.
    pub run: &'a RunId,
    /// When it ends.
    pub lifetime: Lifetime,
}

/// Why the rig does not do what it should.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RigProblem {
    /// The machine lacks something.
    #[error(transparent)]
    MissingPrerequisite(#[from] MissingPrerequisite),
    /// The engine would not start the container.
    #[error("the container cannot be started: {reason}; `docker system df` and `docker info` say more")]
    Start {
        /// What the engine said.
        reason: String,
    },
    /// The container started, and its sshd did not let the rig in.
    #[error("sshd in the container does not answer: {problem}; its log ends with:\n{log}")]
    NoSshd {
        /// What came of the last try.
        problem: Box<SshProblem>,
        /// The end of the container's log.
        log: Box<str>,
    },
    /// The container does not answer any more.
    #[error("the container died or was removed while the run went on: {problem}")]
    Died {
        /// What came of the call.
        problem: SshProblem,
    },
    /// The cloud in the container is not as it has to be.
    #[error("the fake cloud in the container does not work: {reason}")]
    Cloud {
        /// What it said.
        reason: String,
    },
    /// Something that has to be searched for secrets cannot be read.
    #[error("{what} cannot be read: {reason}")]
    Unread {
        /// What.
        what: &'static str,
        /// What was said.
        reason: String,
    },
    /// Accounts could not be made.
    #[error("accounts cannot be made in the container: {reason}")]
    Accounts {
        /// What was said.
        reason: String,
    },
}

/// A running container. [`stop`](Self::stop) removes it, unless other processes use it too; so does the next run's sweep.
#[derive(Debug)]
pub struct Container<'e> {
    engine: &'e Engine,
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
    homes: Mutex<Vec<String>>,
    /// How long its files were when this process began to use it: nothing before that is ours.
    began: Lengths,
    /// Marks one look at the processes.
    next_mark: AtomicU32,
}

/// The lengths of the files that the container writes, in bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Lengths {
    sshd: u64,
    processes: u64,
    records: u64,
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

    fn lengths(&self) -> Result<Lengths, RigProblem> {
        let command =
            format!("for file in {SSHD_LOG} {PROCESS_LOG} {RECORDS}; do wc -c <$file || echo 0; done");
        let said = self.read("the lengths of the container's files", &command)?;
        let said = String::from_utf8_lossy(&said);
        let mut numbers = said.split_whitespace().map(str::parse::<u64>);
        match [numbers.next(), numbers.next(), numbers.next()] {
            [Some(Ok(sshd)), Some(Ok(processes)), Some(Ok(records))] => {
                Ok(Lengths { sshd, processes, records })
            }
            _ => Err(RigProblem::Unread {
                what: "the lengths of the container's files",
                reason: format!("it said {said:?}"),
            }),
        }
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

    /// What the cloud in the container was asked, in order: by these Unix users, or by anybody where none is named.
    ///
    /// # Errors
    /// [`RigProblem::Died`], and [`RigProblem::Cloud`] where the cloud is not there or said that something is wrong.
    pub fn cloud_records(&self, uids: &[u32]) -> Result<Vec<Record>, RigProblem> {
        let mut command = "cat /run/cloud/errors >&2; ".to_owned();
        match uids {
            [] => {
                let _ = write!(command, "tail -c +{} {RECORDS}", self.began.records + 1);
            }
            uids => {
                let wanted: Vec<String> = uids.iter().map(|uid| format!("-e '\"uid\":{uid},'")).collect();
                // No match is status 1, and no failure.
                let _ = write!(command, "grep {} {RECORDS} || [ $? = 1 ]", wanted.join(" "));
            }
        }
        let output = self.as_root(&command, b"")?;
        if output.end != End::Exit(0) || !output.stderr.is_empty() {
            return Err(RigProblem::Cloud {
                reason: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            });
        }
        let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let parsed: Result<Vec<Record>, _> = lines.map(serde_json::from_slice).collect();
        parsed.map_err(|error| RigProblem::Cloud { reason: format!("a record cannot be read: {error}") })
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

    /// What the container has printed, and sshd's own log.
    ///
    /// # Errors
    /// [`RigProblem::Died`], and [`RigProblem::Unread`] where one of the two cannot be read: an empty log shows no leak.
    pub fn log(&self) -> Result<Vec<u8>, RigProblem> {
        let mut log = self.read("sshd's log", &format!("tail -c +{} {SSHD_LOG}", self.began.sshd + 1))?;
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).build();
        let printed = self.engine.docker().logs(self.id(), Some(options));
        let printed: Vec<LogOutput> = self.engine.block_on(printed.try_collect()).map_err(|error| {
            let problem = RigProblem::Unread { what: "the container's own log", reason: causes(&error) };
            or_ended(self.engine, problem)
        })?;
        log.extend(printed.into_iter().flat_map(LogOutput::into_bytes));
        Ok(log)
    }

    /// The command lines and environments that its processes were seen with.
    ///
    /// # Errors
    /// [`RigProblem::Died`], and [`RigProblem::Unread`] where the watch over the processes does not run any more, or not
    /// yet: what it did not see shows nothing.
    pub fn process_log(&self) -> Result<Vec<u8>, RigProblem> {
        self.process_log_from(self.began.processes)
    }

    /// The same without the first bytes of it, which somebody has looked at already.
    ///
    /// # Errors
    /// As [`process_log`](Self::process_log).
    pub fn process_log_from(&self, offset: u64) -> Result<Vec<u8>, RigProblem> {
        let mark = format!("watched-{}", self.next_mark.fetch_add(1, Ordering::Relaxed));
        // The watch has to see this very shell, whose command line has the mark.
        let command = format!(
            "rest() {{ tail -c +{from} {PROCESS_LOG}; }}; tries=0; until rest | grep -aq {mark}; do \
             tries=$((tries + 1)); [ $tries -lt 200 ] || exit 9; sleep 0.02; done; rest",
            from = offset.saturating_add(1),
        );
        self.read("the watch over the container's processes", &command)
    }

    /// What the codex of every account witnessed, as JSON, one call after the other.
    ///
    /// # Errors
    /// As [`log`](Self::log).
    pub fn witnesses(&self) -> Result<Vec<u8>, RigProblem> {
        let homes = self.homes.lock().unwrap_or_else(PoisonError::into_inner).join("\n") + "\n";
        self.read_with(
            "the witness of a codex",
            "while read -r home; do for file in \"$home\"/.codex-stub/witness/*; do \
             [ ! -f \"$file\" ] || cat \"$file\" || exit; done; done",
            homes.as_bytes(),
        )
    }

    fn read(&self, what: &'static str, command: &str) -> Result<Vec<u8>, RigProblem> {
        self.read_with(what, command, b"")
    }

    fn read_with(&self, what: &'static str, command: &str, stdin: &[u8]) -> Result<Vec<u8>, RigProblem> {
        let output = self.as_root(command, stdin)?;
        if output.end != End::Exit(0) {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(RigProblem::Unread { what, reason: format!("{:?}: {said}", output.end) });
        }
        Ok(output.stdout)
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

/// The problem, or that the engine has ended: then everything else that failed only follows from it.
fn or_ended(engine: &Engine, problem: RigProblem) -> RigProblem {
    engine.ended().map_or(problem, RigProblem::MissingPrerequisite)
}

fn request(
    engine: &Engine,
    spec: ContainerSpec<'_>,
    keys: &Keys,
    network: Option<String>,
) -> testcontainers::ContainerRequest<GenericImage> {
    let (name, tag) = spec.image.name_and_tag();
    let direct = reaches_containers(engine);
    let idle = match spec.lifetime {
        Lifetime::Idle(idle) => Some(idle),
        Lifetime::Run | Lifetime::Kept => None,
    };
    let only_here = engine.is_local();
    let image = GenericImage::new(name, tag)
        .with_exposed_port(SSH_PORT.tcp())
        .with_exposed_port(RIG_PORT.tcp())
        // Readiness is a login, which the rig needs anyway; to wait for a log line first would only add to it.
        .with_wait_for(WaitFor::Nothing);
    let mut request = image
        // For the watch over processes alone: without it, root in a container sees nobody else's environment.
        .with_cap_add("SYS_PTRACE")
        .with_env_var("RIG_CLOSED", if network.is_some() { "yes" } else { "no" })
        .with_env_var("RIG_IDLE", idle.map(|idle| idle.as_secs().to_string()).unwrap_or_default())
        .with_host_config_modifier(move |host| {
            // The engine removes it when its first process ends.
            host.auto_remove = Some(idle.is_some());
            quick_files(host);
            if network.is_some() {
                // For the entrypoint alone, which takes the way to everywhere away; accounts are not given it.
                host.cap_add.get_or_insert_default().push("NET_ADMIN".to_owned());
                host.network_mode = network.clone();
                host.dns = Some(vec![closed_network::NO_NAMES.to_owned()]);
            }
            // A published port costs a proxy process and firewall rules, and nobody would use it.
            host.publish_all_ports = Some(false);
            if !direct {
                host.port_bindings = Some(published(only_here));
            }
        });
    let claude =
        spec.under_test.claude.iter().map(|path| (path.clone(), "/opt/codex-under-test/claude", 0o755));
    let files = [
        (spec.under_test.codex.clone(), "/opt/codex-under-test/codex", 0o755),
        (spec.programs.join("fake-cloud"), "/opt/rig/fake-cloud", 0o755),
        (spec.programs.join("procwatch"), "/opt/rig/procwatch", 0o755),
        (keys.host.path().to_owned(), "/opt/rig/ssh_host_ed25519_key", 0o600),
        (keys.rig.path().to_owned(), "/opt/rig/rig_authorized_keys", 0o600),
    ];
    for (here, path, mode) in files.into_iter().chain(claude) {
        request = if direct {
            let mount =
                Mount::bind_mount(here.to_string_lossy(), path).with_access_mode(AccessMode::ReadOnly);
            request.with_mount(mount)
        } else {
            request.with_copy_to(CopyTargetOptions::new(path).with_mode(mode), here)
        };
    }
    request.with_startup_timeout(START)
}

/// The key of the server, at these addresses.
fn known(addresses: [&(String, u16); 2], key: &str) -> HostKeys {
    let lines = addresses.map(|(host, port)| format!("[{host}]:{port} {key}\n"));
    HostKeys::from_text(&lines.concat())
}

/// The keys that a container needs when it starts, as files that go once it has.
struct Keys {
    host: NamedTempFile,
    rig: NamedTempFile,
}

impl Keys {
    fn of(folder: &Path, host_key: &KeyPair, client_key: &KeyPair) -> io::Result<Self> {
        // Temporary files are 0600 from their first moment on.
        let (mut host, mut rig) = (NamedTempFile::new_in(folder)?, NamedTempFile::new_in(folder)?);
        host.write_all(host_key.private.expose())?;
        writeln!(rig, "{}", client_key.public)?;
        Ok(Self { host, rig })
    }
}

/// Both ports, each at a port that the engine picks. Podman publishes none where all are asked for.
fn published(only_here: bool) -> PortMap {
    // Podman reports no address where none was asked for.
    let host_ip = if only_here { "127.0.0.1" } else { "0.0.0.0" };
    let binding = PortBinding { host_ip: Some(host_ip.to_owned()), host_port: Some(String::new()) };
    [SSH_PORT, RIG_PORT].map(|port| (port.tcp().to_string(), Some(vec![binding.clone()]))).into()
}

/// What is written goes to memory: an engine whose file system runs in user space pays for each look at a home.
fn quick_files(host: &mut HostConfig) {
    let options = "rw,exec,nosuid,mode=0755,size=256m".to_owned();
    let folders = ["/home", "/run", "/tmp"].map(str::to_owned);
    host.tmpfs = Some(folders.into_iter().map(|folder| (folder, options.clone())).collect());
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
