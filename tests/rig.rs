//! What the tests of one program share: a container, started on first use, and the leak scanner that checks it at the end.

use std::fmt::{Debug, Display};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use codex_remote_auth::auth_json::{AuthFile, Secret};
use codex_remote_auth::ssh::End;
use harness::cloud::{Claims, canary, chatgpt};
use harness::run::{LeakScanner, Runner, RunnerOptions, TestEnvironment, TestEnvironmentOptions};
use harness::target::image::ImageOptions;
use harness::target::{Account, CodexUnderTest, Container, Flavour};

use crate::account::AccountBuilder;
use crate::home::Home;
use crate::person::Person;

/// A moment in the year 2100.
const FAR_AWAY: i64 = 4_102_444_800;

/// How long the container of a nextest run waits for the next test. After the last one, it ends by itself.
const BETWEEN_TESTS: Duration = Duration::from_secs(30);

/// The ports of the servers that tests start. They end below those that the system gives to connections.
const FIRST_PORT: u16 = 23_000;
const PORTS: u32 = 9_000;

/// A test environment and a container in it.
#[derive(Debug, Default)]
pub struct Rig {
    flavour: Flavour,
    alone: bool,
    test_environment: OnceLock<&'static TestEnvironment>,
    container: Mutex<Option<&'static Container<'static>>>,
    leak_scanner: LeakScanner,
    canary: OnceLock<String>,
}

impl Rig {
    /// A rig whose container has this server.
    pub fn of(flavour: Flavour) -> Self {
        Self { flavour, ..Self::default() }
    }

    /// A rig whose container is never shared with another test, for tests that look at everything that runs in it, or damage it.
    pub fn alone() -> Self {
        Self { alone: true, ..Self::default() }
    }

    /// The test environment. If the machine lacks something, the test fails and prints the remedy.
    pub fn test_environment(&self) -> &'static TestEnvironment {
        self.test_environment.get_or_init(|| {
            let image = ImageOptions { flavour: self.flavour, ..ImageOptions::default() };
            let options = TestEnvironmentOptions { image, ..TestEnvironmentOptions::default() };
            let test_environment = TestEnvironment::open(&options, &|what| eprintln!("{what}"));
            Box::leak(Box::new(test_environment.unwrap_or_else(|lacks| panic!("{lacks}"))))
        })
    }

    /// The container. With nextest, each test is a process, and the processes of a run share one container, unless the rig is
    /// [alone](Self::alone).
    pub fn container(&self) -> &'static Container<'static> {
        let mut container = self.container.lock().unwrap_or_else(PoisonError::into_inner);
        container.get_or_insert_with(|| {
            let container = match std::env::var("NEXTEST_RUN_ID") {
                Ok(run) if !self.alone => self.test_environment().shared_container(
                    &format!("nextest-{run}-{}", self.flavour),
                    &CodexUnderTest::newest_stub(),
                    BETWEEN_TESTS,
                ),
                _ => self.test_environment().container(),
            };
            Box::leak(Box::new(container.unwrap_or_else(|problem| panic!("{problem}"))))
        })
    }

    /// Runs a shell script as root in the container, and returns its standard output. The tests inspect accounts this way,
    /// since an account's own session is part of what is tested.
    pub fn root(&self, script: &str) -> String {
        let output = self.container().as_root("sh -s", script.as_bytes());
        let output = output.unwrap_or_else(|problem| panic!("{problem}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.end, End::Exit(0), "as root: {script}\n{said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Starts to describe an account.
    pub fn account(&self) -> AccountBuilder<'_> {
        AccountBuilder::new(self)
    }

    /// A person with a login, and this many accounts on hosts that they call `box0`, `box1` and so on.
    pub fn person(&self, accounts: usize) -> Person<'_> {
        self.account().person_of(accounts)
    }

    /// A home on this machine, with the key that every account accepts.
    pub fn home(&self) -> Home<'_> {
        Home::new(self)
    }

    /// A made-up login that was refreshed this long ago. The leak scanner knows it.
    pub fn login(&self, ago: Duration) -> AuthFile {
        self.login_of(SystemTime::now() - ago, FAR_AWAY)
    }

    /// A made-up login that was refreshed at this moment. Its access token expires at this time, in Unix seconds.
    pub fn login_of(&self, last_refresh: SystemTime, expires_at: i64) -> AuthFile {
        let minted = chatgpt(Claims { expires_at, last_refresh });
        self.leak_scanner.plant(&minted);
        AuthFile::from_bytes(minted.file.expose()).unwrap()
    }

    /// A secret that must not show up anywhere. The leak scanner knows it.
    pub fn secret(&self) -> Secret {
        Secret::new(self.secret_word())
    }

    /// The same as a text.
    pub fn secret_word(&self) -> String {
        let word = canary();
        self.leak_scanner.plant_canary(Secret::new(word.as_bytes()));
        word
    }

    /// A text that is in every token that the fake cloud gives to an account.
    pub fn cloud_canary(&self) -> &str {
        self.canary.get_or_init(|| {
            let canary = self.container().canary().to_owned();
            self.leak_scanner.plant_canary(Secret::new(canary.as_bytes()));
            canary
        })
    }

    /// A port in the container for a server that a test starts. No other process of a nextest run gets it.
    pub fn port(&self) -> u16 {
        // A number that no other account has.
        let number = self.container().reserve().uid % PORTS;
        FIRST_PORT + u16::try_from(number).unwrap_or_else(|_| unreachable!("it is below {PORTS}"))
    }

    /// Gives an account a password.
    pub fn password(&self, account: &Account) -> Secret {
        let password = self.secret_word();
        let line = format!("{}:{password}\n", account.name);
        let output = self.container().as_root("chpasswd", line.as_bytes()).unwrap();
        assert_eq!(output.end, End::Exit(0), "{}", String::from_utf8_lossy(&output.stderr));
        Secret::new(password)
    }

    /// A runner on the container, with its own leak scanner.
    pub fn runner(&self) -> Runner<'static> {
        let folder = self.test_environment().folder().to_owned();
        Runner::new(self.container(), RunnerOptions::new(1, folder))
    }

    /// The leak scanner that checks everything at the end.
    pub fn leak_scanner(&self) -> &LeakScanner {
        &self.leak_scanner
    }

    /// Adds a runner's canaries to what [`end`](Self::end) looks for.
    pub fn remember(&self, runner: &Runner<'_>) {
        self.leak_scanner.plant_all_of(runner.leak_scanner());
    }

    /// Checks that an error shows no secret in any form.
    pub fn shows_nothing(&self, error: &(impl Display + Debug)) {
        let shown = format!("{error}\n{error:?}\n{error:#?}");
        assert_eq!(self.leak_scanner.look(shown.as_bytes()), None, "the error shows a secret");
    }

    /// Removes the container, and returns the places in its logs where a secret was seen.
    pub fn end(&self) -> Vec<String> {
        let container = self.container.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(container) = container else { return Vec::new() };
        for (place, log) in [
            ("the container's log", container.log()),
            ("a command line or an environment in the container", container.process_log()),
        ] {
            match log {
                Ok(log) => {
                    self.leak_scanner.pass(place, &log);
                }
                Err(problem) => {
                    self.leak_scanner.note(format!("{place}, which could not be read: {problem}"), None);
                }
            }
        }
        container.remove();
        self.test_environment().end();
        self.leak_scanner.leaks().into_iter().map(|leak| format!("{}, {}", leak.place, leak.form)).collect()
    }
}
