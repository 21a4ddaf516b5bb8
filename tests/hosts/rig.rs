//! A person's own machine as the program sees it: a home with a key, known hosts, a configuration and a login.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use codex_remote_auth::auth_json::AuthFile;
use harness::run::LeakScanner;
use harness::target::{Account, Container};
use serde_json::Value;
use tests::{Shared, accounts, started};

const HOUR: Duration = Duration::from_secs(3_600);

#[derive(Default)]
pub(crate) struct Rig {
    shared: Shared,
}

impl Rig {
    pub(crate) fn container(&self) -> &'static Container<'static> {
        self.shared.container()
    }

    pub(crate) fn leak_scanner(&self) -> &LeakScanner {
        self.shared.leak_scanner()
    }

    pub(crate) fn login(&self, ago: Duration) -> AuthFile {
        accounts::login(self.leak_scanner(), ago)
    }

    /// A made-up login whose access token expires then, in Unix seconds.
    pub(crate) fn login_until(&self, expires_at: i64) -> AuthFile {
        accounts::login_until(self.leak_scanner(), HOUR, expires_at)
    }

    /// What a shell script says as root in the container.
    pub(crate) fn root(&self, script: &str) -> String {
        self.shared.root(script)
    }

    /// A home with one login in it, and so many accounts whose codex accepts that login.
    pub(crate) fn person(&self, count: usize) -> Person<'_> {
        self.person_whose(count, true)
    }

    /// As [`person`](Self::person), with accounts that have codex on their PATH or nowhere.
    pub(crate) fn person_whose(&self, count: usize, codex_on_path: bool) -> Person<'_> {
        let login = self.login(HOUR);
        let accounts =
            accounts::accounts(self.container(), count, "/bin/bash", codex_on_path, Vec::new(), &[&login]);
        let home = tempfile::tempdir().unwrap();
        let person = Person { rig: self, home, login, accounts };
        person.write(".codex/auth.json", person.login.bytes().expose());
        person.write(".ssh/id", self.container().client_key().private.expose());
        let (host, port) = self.container().address();
        person.write(
            ".ssh/known_hosts",
            format!("[{host}]:{port} {}\n", self.container().host_key_line()).as_bytes(),
        );
        let mut config = String::new();
        for (number, account) in person.accounts.iter().enumerate() {
            config.push_str(&format!("Host box{number}\n  User {}\n", account.name));
        }
        let known = person.path(".ssh/known_hosts");
        config.push_str(&format!(
            "Host box*\n  HostName {host}\n  Port {port}\n  IdentityFile {}\n  IdentityAgent none\n  \
             IdentitiesOnly yes\n  UserKnownHostsFile {}\n  GlobalKnownHostsFile /dev/null\n\
             Host *\n  UserKnownHostsFile {}\n  IdentityAgent none\n",
            person.path(".ssh/id").display(),
            known.display(),
            known.display()
        ));
        person.write(".ssh/config", config.as_bytes());
        person
    }

    pub(crate) fn end(&self) -> Vec<String> {
        self.shared.end()
    }
}

pub(crate) struct Person<'r> {
    pub(crate) rig: &'r Rig,
    pub(crate) home: tempfile::TempDir,
    pub(crate) login: AuthFile,
    pub(crate) accounts: Vec<Account>,
}

/// Holds that all of these stand in a text.
pub(crate) fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is missing in:\n{text}");
    }
}

impl Person<'_> {
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes a file in the home, for its owner alone.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// The program, with nothing of the caller's own in reach: a verb and its arguments.
    pub(crate) fn runs(&self, arguments: &[&str]) -> Command {
        let mut command = Command::from_std(started::command(tests::program()));
        command.arg(arguments[0]).arg("-F").arg(self.path(".ssh/config")).args(&arguments[1..]);
        command.env("HOME", self.home.path()).timeout(started::PATIENCE);
        for name in ["CODEX_HOME", "SSH_AUTH_SOCK", "NO_COLOR"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs it, holds that it shows no secret, and gives what it printed: status, standard output, standard error.
    pub(crate) fn says(&self, arguments: &[&str]) -> (i32, String, String) {
        self.said(self.runs(arguments).output().unwrap())
    }

    /// As [`says`](Self::says), for a program that has run.
    pub(crate) fn said(&self, output: std::process::Output) -> (i32, String, String) {
        for stream in [&output.stdout, &output.stderr] {
            assert_eq!(self.rig.leak_scanner().look(stream), None, "the program shows a secret");
        }
        let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code().unwrap_or(-1), stdout, stderr)
    }

    /// Runs it, and holds that it ends so: standard output, standard error.
    pub(crate) fn ends(&self, arguments: &[&str], expected: i32) -> (String, String) {
        let (status, stdout, stderr) = self.says(arguments);
        assert_eq!(status, expected, "{arguments:?}\n{stdout}{stderr}");
        (stdout, stderr)
    }

    /// The same for a program: what it says of the first host.
    pub(crate) fn json(&self, arguments: &[&str], expected: i32) -> Value {
        let (stdout, _) = self.ends(&[arguments, &["--format", "json"]].concat(), expected);
        let mut value: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(value["version"], 1);
        value["hosts"][0].take()
    }

    /// Runs a script as root in the first account's home, whose account owns then what it made, but for what MINE names.
    pub(crate) fn there(&self, script: &str) -> String {
        let Account { home, name, .. } = &self.accounts[0];
        self.rig.root(&format!(
            "set -e\ncd {home}\nMINE=\n{script}\nfind . ! -path \"./$MINE\" -exec chown -h {name}: {{}} +"
        ))
    }

    /// Puts a program into a folder of the first account that comes first on the PATH of its commands.
    pub(crate) fn plants(&self, name: &str, text: &str) {
        self.there(&format!(
            "mkdir -p first\ncat >first/{name} <<'END'\n#!/bin/sh\n{text}\nEND\nchmod 755 first/{name}\n\
             grep -qs first .bashrc || echo 'PATH=$HOME/first:$PATH' >>.bashrc"
        ));
    }

    /// Everything below a folder on the host, with content; but for what the stub notes of its calls.
    pub(crate) fn below(&self, folder: &str) -> String {
        self.rig.root(&format!(
            "cd {folder}\nfind . -name .codex-stub -prune -o -printf '%P %y %m %U %i %l\\n' | sort\n\
             find . -name .codex-stub -prune -o -type f -exec sha256sum {{}} + | sort"
        ))
    }

    /// Everything in the first account's home.
    pub(crate) fn tree(&self) -> String {
        self.below(&self.accounts[0].home)
    }

    /// SHA-256 of the remote auth.json; empty where there is none.
    pub(crate) fn remote_digest(&self, number: usize) -> String {
        let home = &self.accounts[number].home;
        let said = self.rig.root(&format!("sha256sum {home}/.codex/auth.json 2>/dev/null || :"));
        said.split_whitespace().next().unwrap_or_default().to_owned()
    }
}
