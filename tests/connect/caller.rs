//! Whoever calls the program: a home with a login, and an account that it is for.

use std::time::Duration;

use assert_cmd::Command;
use codex_remote_auth::auth_json::AuthFile;
use harness::target::Account;
use tests::{accounts, started};

use crate::home::Home;
use crate::rig::Rig;
use crate::server::Server;

pub(crate) struct Caller<'r> {
    pub(crate) home: Home<'r>,
    pub(crate) login: AuthFile,
    pub(crate) account: Account,
}

impl Caller<'_> {
    /// Runs the program in a home of its own, and gives its status, its output and its messages.
    pub(crate) fn says(&self, arguments: &[&str]) -> (i32, String, String) {
        self.said(self.runs(arguments))
    }

    pub(crate) fn runs(&self, arguments: &[&str]) -> Command {
        let config = self.home.path("config");
        self.runs_without_configuration(&[&["-F", config.to_str().unwrap()], arguments].concat())
    }

    pub(crate) fn runs_without_configuration(&self, arguments: &[&str]) -> Command {
        let mut command = Command::from_std(started::command(tests::program()));
        command.args(["deploy", "--no-proof"]);
        command.arg("--auth").arg(self.home.path("auth.json")).args(arguments);
        command.env("HOME", self.home.folder()).timeout(started::PATIENCE);
        for name in ["CODEX_HOME", "SSH_AUTH_SOCK", "NO_COLOR"] {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn said(&self, mut command: Command) -> (i32, String, String) {
        let output = command.output().unwrap();
        for stream in [&output.stdout, &output.stderr] {
            assert_eq!(self.home.rig.leak_scanner().look(stream), None, "the program shows a secret");
        }
        let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code().unwrap_or(-1), stdout, stderr)
    }

    pub(crate) fn has_it(&self) -> bool {
        self.is_there(&self.account)
    }

    /// Whether an account has the login.
    pub(crate) fn is_there(&self, account: &Account) -> bool {
        let there =
            self.home.rig.root(&format!("sha256sum {}/.codex/auth.json 2>/dev/null || :", account.home));
        there.starts_with(&self.login.bytes().sha256())
    }
}

pub(crate) fn caller(rig: &Rig) -> Caller<'_> {
    let home = rig.home();
    let login = accounts::login(rig.leak_scanner(), Duration::from_secs(3_600));
    home.write("auth.json", login.bytes().expose());
    Caller { home, login, account: rig.account() }
}

pub(crate) fn knows(caller: &Caller<'_>, server: &Server, settings: &str) {
    caller.home.know(&server.lines());
    caller.home.configure(&format!("Host box\n{}{settings}", server.settings(&caller.account)));
}
