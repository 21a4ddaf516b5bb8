//! Fresh accounts in the container: describe one, create it, then inspect it.

use std::ops::Deref;
use std::time::Duration;

use codex_remote_auth::auth_json::{AuthFile, Secret};
use codex_remote_auth::codex::quote;
use codex_remote_auth::ssh::{End, Session};
use harness::cloud::{Credential, CredentialKind, CredentialState, Knowledge};
use harness::target::{Account, AccountSpec, Content, HomeFile};

use crate::person::Person;
use crate::rig::Rig;
use crate::running;

/// How long it may take to connect and authenticate on a busy machine.
pub const CONNECT: Duration = Duration::from_secs(20);

/// An account that is being described. By default it has bash, and codex on the PATH.
#[derive(Debug)]
pub struct AccountBuilder<'r> {
    rig: &'r Rig,
    spec: AccountSpec,
    knowledge: Knowledge,
}

impl<'r> AccountBuilder<'r> {
    pub(crate) fn new(rig: &'r Rig) -> Self {
        let spec =
            AccountSpec { shell: "/bin/bash".to_owned(), codex_on_path: true, ..AccountSpec::default() };
        let knowledge = Knowledge { canary: Some(rig.cloud_canary().to_owned()), ..Knowledge::default() };
        Self { rig, spec, knowledge }
    }

    /// Sets another login shell.
    pub fn shell(mut self, path: &str) -> Self {
        path.clone_into(&mut self.spec.shell);
        self
    }

    /// Codex is not on any PATH that sshd sets.
    pub fn without_codex(mut self) -> Self {
        self.spec.codex_on_path = false;
        self
    }

    fn with(mut self, path: &str, content: Content, mode: u32) -> Self {
        self.spec.files.push(HomeFile { path: path.to_owned(), content, mode });
        self
    }

    /// Adds a file to the home, with mode 0644.
    pub fn file(self, path: &str, text: &str) -> Self {
        self.with(path, Content::File(text.into()), 0o644)
    }

    /// Adds a program to the home.
    pub fn program(self, path: &str, text: &str) -> Self {
        self.with(path, Content::File(text.into()), 0o755)
    }

    /// Uses this shell script as codex. It is in the folder that installers use, but not on any PATH.
    pub fn codex(self, script: &str) -> Self {
        self.without_codex().program("bin/codex", &format!("#!/bin/sh\n{script}\n"))
    }

    /// Adds a symbolic link to the home.
    pub fn link(self, path: &str, to: &str) -> Self {
        self.with(path, Content::Link(to.to_owned()), 0o777)
    }

    /// Adds a directory to the home.
    pub fn directory(self, path: &str, mode: u32) -> Self {
        self.with(path, Content::Directory, mode)
    }

    /// Puts a login on the host, with this mode.
    pub fn login(self, mode: u32) -> Self {
        let login = self.rig.login(Duration::from_secs(3_600));
        self.with(".codex/auth.json", Content::File(login.bytes().expose().to_vec()), mode)
    }

    /// Has the fake cloud accept this login.
    pub fn accepts(mut self, login: &AuthFile) -> Self {
        let login: serde_json::Value = serde_json::from_slice(login.bytes().expose()).unwrap();
        let token = Secret::new(login["tokens"]["access_token"].as_str().unwrap());
        let accepted = Credential { kind: CredentialKind::Chatgpt, state: CredentialState::Accepted };
        self.knowledge.credentials.insert(token.sha256(), accepted);
        self
    }

    /// Creates the account.
    pub fn make(self) -> RemoteAccount<'r> {
        self.make_many(1).remove(0)
    }

    /// Creates this many identical accounts in parallel.
    pub fn make_many(self, count: usize) -> Vec<RemoteAccount<'r>> {
        let container = self.rig.container();
        let made: Vec<_> = (0..count).map(|_| (container.reserve(), self.spec.clone())).collect();
        container.create(&made, &self.knowledge).unwrap_or_else(|problem| panic!("{problem}"));
        made.into_iter().map(|(account, _)| RemoteAccount { rig: self.rig, account }).collect()
    }

    /// Creates the account, and a person who calls it `box0` and whose login it accepts.
    pub fn person(self) -> Person<'r> {
        self.person_of(1)
    }

    /// The same with this many accounts: `box0`, `box1` and so on.
    pub fn person_of(self, count: usize) -> Person<'r> {
        let rig = self.rig;
        let login = rig.login(Duration::from_secs(3_600));
        let accounts = self.accepts(&login).make_many(count);
        Person::new(rig, login, accounts)
    }
}

/// An account in the container.
#[derive(Debug, Clone)]
pub struct RemoteAccount<'r> {
    /// The rig that has the account's container.
    pub rig: &'r Rig,
    account: Account,
}

impl Deref for RemoteAccount<'_> {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.account
    }
}

impl RemoteAccount<'_> {
    /// Opens an SSH session of its own.
    pub fn session(&self) -> Session {
        self.rig.container().session(self, CONNECT).unwrap()
    }

    /// Runs a script as root in the home.
    pub fn root(&self, script: &str) -> String {
        self.rig.root(&format!("set -e\ncd {}\n{script}", quote(&self.home)))
    }

    /// As [`root`](Self::root). Afterwards the account owns everything in the home, except what the variable MINE names.
    pub fn there(&self, script: &str) -> String {
        self.root(&format!(
            "MINE=\n{script}\nfind . ! -path \"./$MINE\" -exec chown -h {}: {{}} +",
            self.name
        ))
    }

    /// Writes a file that only the account can read.
    pub fn put(&self, path: &str, bytes: &[u8]) {
        let script = format!(
            "cd {} && mkdir -p $(dirname {path}) && cat >{path} && chmod 600 {path} && \
             chown -R {}: $(echo {path} | cut -d/ -f1)",
            self.home, self.name
        );
        let output = self.rig.container().as_root(&script, bytes).unwrap();
        assert_eq!(output.end, End::Exit(0), "{path}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Puts a program into a folder that is first on the PATH of the account's commands.
    pub fn plants(&self, name: &str, script: &str) {
        self.there(&format!(
            "mkdir -p first\ncat >first/{name} <<'END'\n#!/bin/sh\n{script}\nEND\nchmod 755 first/{name}\n\
             grep -qs first .bashrc || echo 'PATH=$HOME/first:$PATH' >>.bashrc"
        ));
    }

    /// Makes the folder `tools`, with a link to every program of the system except these, for a PATH that lacks them. What the
    /// system has as a part of busybox would replace them, so busybox is always left out.
    pub fn tools_without(&self, missing: &[&str]) {
        // A union file system can list a name twice while another process changes the folder.
        let missing: String = missing.iter().map(|tool| format!(" tools/{tool}")).collect();
        self.there(&format!(
            "mkdir tools; printf '%s\\n' /usr/bin/* | sort -u | xargs ln -s -t tools; rm -f tools/busybox{missing}"
        ));
    }

    /// Lists everything in the home: kinds, modes, owners, inodes, links and digests. Equal lists mean that nothing was touched.
    pub fn tree(&self) -> String {
        self.tree_of(&self.home)
    }

    /// The same for another folder. What the stub records about its calls is left out.
    pub fn tree_of(&self, folder: &str) -> String {
        self.rig.root(&format!(
            "cd {} 2>/dev/null || exit 0\nfind . -name .codex-stub -prune -o -printf '%P %y %m %U %i %l\\n' | sort\n\
             find . -name .codex-stub -prune -o -type f -exec sha256sum {{}} + | sort",
            quote(folder)
        ))
    }

    /// SHA-256 of auth.json, or empty if there is none.
    pub fn digest(&self) -> String {
        let said = self.root("sha256sum .codex/auth.json 2>/dev/null || :");
        said.split_whitespace().next().unwrap_or_default().to_owned()
    }

    /// Mode, owner and SHA-256 of auth.json, or empty if there is none.
    pub fn auth(&self) -> String {
        self.root("cd .codex 2>/dev/null && [ -e auth.json ] || exit 0\nstat -c '%a %u' auth.json; sha256sum <auth.json")
    }

    /// Checks that a folder contains this login, 0600 in 0700, and that no temporary file is left in it.
    pub fn has(&self, login: &AuthFile, folder: &str) {
        let there = self.root(&format!(
            "cd -- {} && stat -c '%F %a %u' . auth.json && sha256sum <auth.json && find . -name '.auth.json.*'",
            quote(folder)
        ));
        let (uid, digest) = (self.uid, login.bytes().sha256());
        let expected = format!("directory 700 {uid}\nregular file 600 {uid}\n{digest}  -\n");
        assert_eq!(there, expected, "{folder}");
    }

    /// Checks that the account has a login from the fake cloud, which only its owner can read.
    pub fn has_a_login_of_its_own(&self) {
        let there = self.auth();
        assert!(there.starts_with(&format!("600 {}\n", self.uid)), "{there}");
        // Not as an argument, because everybody on the host could see it.
        let canary = self.rig.cloud_canary();
        let tokens = self.root(&format!("grep -c -f - .codex/auth.json <<'END'\n{canary}\nEND"));
        assert_eq!(tokens, "3\n", "these are other tokens");
    }

    /// How the fake cloud answered this account, in order.
    pub fn asked(&self) -> Vec<String> {
        let records = self.rig.container().cloud_records(&[self.uid]).unwrap();
        records.into_iter().map(|record| record.outcome).collect()
    }

    /// Checks that, before long, no process of the account is running any more.
    pub fn nothing_runs(&self) {
        running::nothing(self.rig.container(), self, false);
    }

    /// The same including sshd's part: commands that sshd received but did not start will not start any more.
    pub fn nothing_will_run(&self) {
        running::nothing(self.rig.container(), self, true);
    }

    /// The command lines of the account's processes, without sshd's.
    pub fn processes(&self) -> Vec<String> {
        let mut all = running::processes(self.rig.container(), self);
        all.retain(|line| !line.starts_with("sshd:"));
        all
    }
}
