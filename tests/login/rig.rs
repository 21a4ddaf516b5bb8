//! Accounts without a login, whoever sees a login of theirs through, and what is there afterwards.

use std::fmt::{Debug, Display};
use std::sync::OnceLock;
use std::time::Duration;

use codex_remote_auth::auth_json::Secret;
use codex_remote_auth::codex::quote;
use codex_remote_auth::login::{LoginError, LoginOptions, LoginReceipt, log_in};
use codex_remote_auth::ssh::Session;
use harness::cloud::Knowledge;
use harness::run::LeakScanner;
use harness::target::{Account, AccountSpec, Container, Content, HomeFile};
pub(crate) use tests::recording_prompt::RecordingPrompt;
use tests::{Shared, accounts, running};

/// How long an SSH login may take on a busy machine.
pub(crate) const LOGIN: Duration = Duration::from_secs(20);

/// The made-up cloud in the container.
pub(crate) const ISSUER: &str = "http://127.0.0.1:8790";

#[derive(Default)]
pub(crate) struct Rig {
    shared: Shared,
    canary: OnceLock<String>,
}

impl Rig {
    pub(crate) fn container(&self) -> &'static Container<'static> {
        self.shared.container()
    }

    pub(crate) fn leak_scanner(&self) -> &LeakScanner {
        self.shared.leak_scanner()
    }

    /// Begins to describe an account.
    pub(crate) fn account(&self) -> Wish<'_> {
        Wish { rig: self, shell: "/bin/bash", codex_on_path: true, files: Vec::new() }
    }

    /// What a shell script says as root.
    pub(crate) fn root(&self, script: &str) -> String {
        self.shared.root(script)
    }

    /// What stands in every token that the made-up cloud gives out to whoever logs in.
    fn canary(&self) -> &str {
        self.canary.get_or_init(|| {
            let random = getrandom::u64().unwrap();
            let canary = format!("login{random:020}{:015}", std::process::id());
            self.leak_scanner().plant_canary(Secret::new(canary.as_bytes()));
            canary
        })
    }

    pub(crate) fn end(&self) -> Vec<String> {
        self.shared.end()
    }
}

/// An account that is being described.
pub(crate) struct Wish<'r> {
    rig: &'r Rig,
    shell: &'static str,
    codex_on_path: bool,
    files: Vec<HomeFile>,
}

impl<'r> Wish<'r> {
    pub(crate) fn shell(mut self, path: &'static str) -> Self {
        self.shell = path;
        self
    }

    fn with(mut self, path: &str, content: Content, mode: u32) -> Self {
        self.files.push(HomeFile { path: path.to_owned(), content, mode });
        self
    }

    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.with(path, Content::File(text.into()), 0o644)
    }

    pub(crate) fn link(self, path: &str, to: &str) -> Self {
        self.with(path, Content::Link(to.to_owned()), 0o777)
    }

    /// No codex is there.
    pub(crate) fn without_codex(mut self) -> Self {
        self.codex_on_path = false;
        self
    }

    /// A program is there in place of codex, where no PATH leads.
    pub(crate) fn program(self, text: &str) -> Self {
        let text = format!("#!/bin/sh\n{text}\n");
        self.without_codex().with("bin/codex", Content::File(text.into()), 0o755)
    }

    /// A login is there, which the made-up cloud knows.
    pub(crate) fn login(self, mode: u32) -> Self {
        let login = accounts::login(self.rig.leak_scanner(), Duration::from_secs(3_600));
        self.with(".codex/auth.json", Content::File(login.bytes().expose().to_vec()), mode)
    }

    pub(crate) fn make(self) -> Remote<'r> {
        let rig = self.rig;
        let knowledge = Knowledge { canary: Some(rig.canary().to_owned()), ..Knowledge::default() };
        let account = rig.container().reserve();
        let spec = AccountSpec {
            shell: self.shell.to_owned(),
            codex_on_path: self.codex_on_path,
            files: self.files,
        };
        rig.container().create(&[(account.clone(), spec)], &knowledge).unwrap();
        Remote { rig, account }
    }
}

/// An account that exists.
pub(crate) struct Remote<'r> {
    pub(crate) rig: &'r Rig,
    pub(crate) account: Account,
}

/// At the made-up cloud.
pub(crate) fn options() -> LoginOptions {
    LoginOptions {
        issuer: Some(ISSUER.to_owned()),
        deadline: Duration::from_secs(30),
        ..LoginOptions::default()
    }
}

impl Remote<'_> {
    pub(crate) fn session(&self) -> Session {
        self.rig.container().session(&self.account, LOGIN).unwrap()
    }

    pub(crate) fn log_in(
        &self,
        options: &LoginOptions,
    ) -> (Result<LoginReceipt, LoginError>, RecordingPrompt) {
        let told = RecordingPrompt::default();
        let result = log_in(&self.session(), options, &told);
        (result, told)
    }

    /// Holds that a login goes well, and shows nothing that it should not.
    pub(crate) fn logs_in(&self, options: &LoginOptions) -> (LoginReceipt, RecordingPrompt) {
        let (result, told) = self.log_in(options);
        let receipt = result.unwrap_or_else(|error| panic!("{error}"));
        told.is_in_none_of(&format!("{receipt:?}"));
        assert_eq!(self.rig.leak_scanner().look(format!("{receipt:?}").as_bytes()), None);
        (receipt, told)
    }

    /// The error that a login has to end with, and has shown nothing in.
    pub(crate) fn fails(&self, options: &LoginOptions, code: &str) -> (LoginError, RecordingPrompt) {
        let (result, told) = self.log_in(options);
        let error = match result {
            Ok(receipt) => panic!("{code} was expected, and it went well: {receipt:?}"),
            Err(error) => error,
        };
        self.shows_nothing(&error, &told);
        assert_eq!(error.code(), code, "{error}");
        (error, told)
    }

    pub(crate) fn shows_nothing(&self, error: &(impl Display + Debug), told: &RecordingPrompt) {
        let shown = format!("{error}\n{error:?}");
        assert_eq!(self.rig.leak_scanner().look(shown.as_bytes()), None, "the error shows a secret");
        told.is_in_none_of(&shown);
    }

    /// Runs a script as root in the account's home.
    pub(crate) fn root(&self, script: &str) -> String {
        self.rig.root(&format!("set -e\ncd {}\n{script}", quote(&self.account.home)))
    }

    /// Mode, owner and SHA-256 of the auth.json; empty where there is none.
    pub(crate) fn auth(&self) -> String {
        self.root(
            "cd .codex 2>/dev/null && [ -e auth.json ] || exit 0; stat -c '%a %u' auth.json; sha256sum <auth.json",
        )
    }

    /// Holds that there is a login, for its owner alone, and no other's.
    pub(crate) fn has_a_login_of_its_own(&self) {
        let there = self.auth();
        assert!(there.starts_with(&format!("600 {}\n", self.account.uid)), "{there}");
        let canary = self.rig.canary();
        // Not as an argument, which everybody on the host could see.
        let tokens = self.root(&format!("grep -c -f - .codex/auth.json <<'END'\n{canary}\nEND"));
        assert_eq!(tokens, "3\n", "the tokens are the ones that were given out to it");
    }

    /// How the made-up cloud answered this account, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        let records = self.rig.container().cloud_records(&[self.account.uid]).unwrap();
        records.into_iter().map(|record| record.outcome).collect()
    }

    pub(crate) fn nothing_runs(&self) {
        running::nothing(self.rig.container(), &self.account, false);
    }

    pub(crate) fn nothing_will_run(&self) {
        running::nothing(self.rig.container(), &self.account, true);
    }
}
