//! Shared parts of the trials of connections: additional sshds, and the expected results of a connection.

use std::time::Duration;

use codex_remote_auth::message::Failure as _;
use codex_remote_auth::ssh::{Deadline, End, Session, SshProblem, Stdin};
use harness::target::Account;
pub(crate) use tests::Rig;
use tests::home::has;
use tests::person::Person;

use crate::server::Server;

/// How long anything may take on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(40);

pub(crate) trait Connects {
    /// An additional sshd with these options, and otherwise OpenSSH's own settings.
    fn server(&self, options: &[&str]) -> Server;

    /// Accepts a public key, in addition to the container's own.
    fn let_in(&self, account: &Account, public: &str);

    /// Checks for an error with this code and these words, which shows no secret.
    fn problem(&self, result: Result<Session, SshProblem>, code: &str, words: &[&str]) -> SshProblem;

    /// A person with a login, and an account that is not in their configuration yet.
    fn caller(&self) -> Person<'_>;
}

impl Connects for Rig {
    fn server(&self, options: &[&str]) -> Server {
        Server::start(self, self.port(), options)
    }

    fn let_in(&self, account: &Account, public: &str) {
        let file = format!("{}/.ssh/authorized_keys", account.home);
        self.root(&format!("cat >>{file} <<'KEY'\n{}\nKEY\n", public.trim()));
    }

    fn problem(&self, result: Result<Session, SshProblem>, code: &str, words: &[&str]) -> SshProblem {
        let problem = match result {
            Ok(session) => panic!("{code} was expected, and it went well: {session:?}"),
            Err(problem) => problem,
        };
        self.shows_nothing(&problem);
        assert_eq!(problem.code(), code, "{problem}");
        has(&problem.in_full(), words);
        problem
    }

    fn caller(&self) -> Person<'_> {
        let caller = self.person(1);
        caller.know("");
        caller.configure("");
        caller
    }
}

/// Makes `box` lead to a known server, with more settings.
pub(crate) fn knows(caller: &Person<'_>, server: &Server, settings: &str) {
    caller.know(&server.lines());
    caller.configure(&format!("Host box\n{}{settings}", server.settings(caller.account())));
}

/// The arguments of a deploy without a proof.
pub(crate) fn deploy<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["deploy", "--no-proof"], arguments].concat()
}

/// What a command prints in a session.
pub(crate) fn says(session: &Session, command: &str) -> String {
    let output = session.run(command, Stdin::Closed, Deadline::after(LONG)).unwrap();
    assert_eq!(output.end, End::Exit(0), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
