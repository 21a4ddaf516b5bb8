//! The container that all sshds run in, and what trials ask of it.

use std::fmt::{Debug, Display};
use std::fs::File;
use std::io::Read;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use codex_remote_auth::auth_json::Secret;
use codex_remote_auth::ssh::{Deadline, End, Session, SshProblem, Stdin};
use harness::run::LeakScanner;
use harness::target::{Account, Container};
use tests::{Shared, accounts};

use crate::home::Home;
use crate::server::Server;

/// How long anything may take on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(40);

/// The first port of the sshds that trials start.
const FIRST_PORT: u16 = 23_000;

#[derive(Default)]
pub(crate) struct Rig {
    shared: Shared,
    started: AtomicU16,
}

impl Rig {
    pub(crate) fn container(&self) -> &'static Container<'static> {
        self.shared.container()
    }

    pub(crate) fn leak_scanner(&self) -> &LeakScanner {
        self.shared.leak_scanner()
    }

    /// The container's address, at which any port of it is reached.
    pub(crate) fn host(&self) -> &'static str {
        self.container().address().0
    }

    /// What a shell script says as root in the container.
    pub(crate) fn root(&self, script: &str) -> String {
        self.shared.root(script)
    }

    /// An account that the container's client key lets in.
    pub(crate) fn account(&self) -> Account {
        self.account_with("/bin/bash")
    }

    /// The same with another login shell.
    pub(crate) fn account_with(&self, shell: &str) -> Account {
        accounts::account(self.container(), shell, true, Vec::new(), &[])
    }

    /// Lets a public key in, besides the container's own.
    pub(crate) fn let_in(&self, account: &Account, public: &str) {
        let file = format!("{}/.ssh/authorized_keys", account.home);
        self.root(&format!("cat >>{file} <<'KEY'\n{}\nKEY\n", public.trim()));
    }

    /// A secret that nothing may show: the leak scanner knows it.
    pub(crate) fn secret(&self) -> Secret {
        let mut bytes = [0; 12];
        File::open("/dev/urandom").unwrap().read_exact(&mut bytes).unwrap();
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let secret = Secret::new(text);
        self.leak_scanner().plant_canary(secret.clone());
        secret
    }

    /// Gives an account a password.
    pub(crate) fn password(&self, account: &Account) -> Secret {
        let password = self.secret();
        let line = [account.name.as_bytes(), b":", password.expose(), b"\n"].concat();
        let output = self.container().as_root("chpasswd", &line).unwrap();
        assert_eq!(output.end, End::Exit(0), "{}", String::from_utf8_lossy(&output.stderr));
        password
    }

    /// One more sshd with these options, and otherwise OpenSSH's own settings.
    pub(crate) fn server(&self, options: &[&str]) -> Server {
        Server::start(self, FIRST_PORT + self.started.fetch_add(1, Ordering::Relaxed), options)
    }

    /// A home with an empty configuration.
    pub(crate) fn home(&self) -> Home<'_> {
        Home::new(self)
    }

    /// The error with this code and these words in it, which shows no secret.
    pub(crate) fn problem(
        &self,
        result: Result<Session, SshProblem>,
        code: &str,
        words: &[&str],
    ) -> SshProblem {
        let problem = match result {
            Ok(session) => panic!("{code} was expected, and it went well: {session:?}"),
            Err(problem) => problem,
        };
        self.shows_nothing(&problem);
        assert_eq!(problem.code(), code, "{problem}");
        let text = problem.to_string();
        for word in words {
            assert!(text.contains(word), "`{word}` is missing: {text}");
        }
        problem
    }

    /// Holds that something shows no secret in either of its forms.
    pub(crate) fn shows_nothing(&self, error: &(impl Display + Debug)) {
        let shown = format!("{error}\n{error:?}\n{error:#?}");
        assert_eq!(self.leak_scanner().look(shown.as_bytes()), None, "a secret is shown");
    }

    pub(crate) fn end(&self) -> Vec<String> {
        self.shared.end()
    }
}

/// What a command says over a session.
pub(crate) fn says(session: &Session, command: &str) -> String {
    let output = session.run(command, Stdin::Closed, Deadline::after(LONG)).unwrap();
    assert_eq!(output.end, End::Exit(0), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Whether something comes true in time.
pub(crate) fn within(time: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while !holds() {
        if began.elapsed() > time {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}
