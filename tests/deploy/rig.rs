//! Accounts with made-up logins, and the questions that trials ask of them.

use std::fmt::{Debug, Display};
use std::time::{Duration, SystemTime};

use codex_remote_auth::auth_json::{AuthFile, Secret};
use codex_remote_auth::codex::quote;
use codex_remote_auth::deploy::{DeployError, DeployOptions, Receipt, deploy};
use codex_remote_auth::remote::Script;
use codex_remote_auth::ssh::Session;
use codex_remote_auth::testing::deploy_with_script;
use harness::cloud::{Claims, Credential, CredentialKind, CredentialState, Knowledge, chatgpt};
use harness::run::LeakScanner;
use harness::target::{Account, AccountSpec, Container, Content, HomeFile};
use tests::{Shared, running};

use crate::tree::Tree;

/// How long a login may take on a busy machine.
pub(crate) const LOGIN: Duration = Duration::from_secs(20);

/// The container of this program, and the leak scanner that knows every login made for it.
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

    /// Begins to describe an account.
    pub(crate) fn account(&self) -> Wish<'_> {
        Wish { rig: self, shell: "/bin/bash", codex_on_path: true, files: Vec::new() }
    }

    /// What a shell script says as root. The trials ask this way what is there: an account's own session is part of
    /// what is tested, with its noise, its PATH and its broken shells.
    pub(crate) fn root(&self, script: &str) -> String {
        self.shared.root(script)
    }

    /// A made-up login that was refreshed `ago`, with canaries that the leak scanner knows.
    pub(crate) fn login(&self, ago: Duration) -> AuthFile {
        self.login_of(SystemTime::now() - ago)
    }

    fn login_of(&self, last_refresh: SystemTime) -> AuthFile {
        let minted = chatgpt(Claims { expires_at: 4_102_444_800, last_refresh });
        self.leak_scanner().plant(&minted);
        AuthFile::from_bytes(minted.file.expose()).unwrap()
    }

    /// Holds that an error shows no secret in either of its forms.
    pub(crate) fn shows_nothing(&self, error: &(impl Display + Debug)) {
        let shown = format!("{error}\n{error:?}\n{error:#?}");
        assert_eq!(self.leak_scanner().look(shown.as_bytes()), None, "the error shows a secret");
    }

    /// The error that a deploy has to end with, and has shown nothing in.
    pub(crate) fn error(&self, result: Result<Receipt, DeployError>, code: &str) -> DeployError {
        let error = match result {
            Ok(receipt) => panic!("{code} was expected, and it went well: {receipt:?}"),
            Err(error) => error,
        };
        self.shows_nothing(&error);
        assert_eq!(error.code(), code, "{error}");
        error
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

    /// Codex is on no PATH that sshd gives.
    pub(crate) fn without_codex(mut self) -> Self {
        self.codex_on_path = false;
        self
    }

    fn with(mut self, path: &str, content: Content, mode: u32) -> Self {
        self.files.push(HomeFile { path: path.to_owned(), content, mode });
        self
    }

    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.with(path, Content::File(text.into()), 0o644)
    }

    pub(crate) fn program(self, path: &str, text: &str) -> Self {
        self.with(path, Content::File(text.into()), 0o755)
    }

    pub(crate) fn link(self, path: &str, to: &str) -> Self {
        self.with(path, Content::Link(to.to_owned()), 0o777)
    }

    pub(crate) fn directory(self, path: &str, mode: u32) -> Self {
        self.with(path, Content::Directory, mode)
    }

    /// Makes it, with two logins that its codex accepts.
    pub(crate) fn make(self) -> Remote<'r> {
        // Of one moment: none is fresher, or a second that ends between the two would make a deploy of the first be refused.
        let moment = SystemTime::now() - Duration::from_secs(3_600);
        let [one, two] = [(); 2].map(|()| self.rig.login_of(moment));
        let mut knowledge = Knowledge::default();
        for auth in [&one, &two] {
            let accepted = Credential { kind: CredentialKind::Chatgpt, state: CredentialState::Accepted };
            knowledge.credentials.insert(access_token(auth).sha256(), accepted);
        }
        let account = self.rig.container().reserve();
        let spec = AccountSpec {
            shell: self.shell.to_owned(),
            codex_on_path: self.codex_on_path,
            files: self.files,
        };
        self.rig.container().create(&[(account.clone(), spec)], &knowledge).unwrap();
        Remote { rig: self.rig, account, one, two }
    }
}

fn access_token(auth: &AuthFile) -> Secret {
    let value: serde_json::Value = serde_json::from_slice(auth.bytes().expose()).unwrap();
    Secret::new(value["tokens"]["access_token"].as_str().unwrap())
}

/// A login with so many bytes more: one field that no Codex knows, and that must survive anyway.
pub(crate) fn large(auth: &AuthFile, bytes: usize) -> AuthFile {
    let text = String::from_utf8(auth.bytes().expose().to_vec()).unwrap();
    let text = text.replacen('{', &format!("{{\n  \"made_up\": \"{}\",", "x".repeat(bytes)), 1);
    AuthFile::from_bytes(text).unwrap()
}

/// An account that exists, and two logins for it.
pub(crate) struct Remote<'r> {
    pub(crate) rig: &'r Rig,
    pub(crate) account: Account,
    pub(crate) one: AuthFile,
    pub(crate) two: AuthFile,
}

/// The script with one of its texts replaced.
pub(crate) fn edited(text: &str, by: &str) -> Script {
    let script = Script::default();
    assert_eq!(script.text().matches(text).count(), 1, "the script has another text than `{text}`");
    script.edited(text, by).unwrap()
}

/// A deploy without a proof.
pub(crate) fn plain() -> DeployOptions {
    DeployOptions { proof: None, ..DeployOptions::default() }
}

impl Remote<'_> {
    pub(crate) fn session(&self) -> Session {
        self.rig.container().session(&self.account, LOGIN).unwrap()
    }

    /// Deploys without a proof.
    pub(crate) fn deploy(&self, auth: &AuthFile) -> Result<Receipt, DeployError> {
        deploy(&self.session(), auth, &plain())
    }

    /// Deploys and proves.
    pub(crate) fn prove(&self, auth: &AuthFile) -> Result<Receipt, DeployError> {
        deploy(&self.session(), auth, &DeployOptions::default())
    }

    pub(crate) fn deploy_by(&self, auth: &AuthFile, script: &Script) -> Result<Receipt, DeployError> {
        deploy_with_script(&self.session(), auth, &plain(), script)
    }

    /// Everything in the home.
    pub(crate) fn tree(&self) -> Tree {
        Tree::below(self.rig, &self.account.home)
    }

    /// Holds that a folder below the home has this login in it, 0600 in 0700, and no trace of how it came there.
    pub(crate) fn has(&self, auth: &AuthFile, folder: &str) {
        self.tree().has_login(auth, folder, self.account.uid);
    }

    /// Runs a script as root in the account's home.
    pub(crate) fn root(&self, script: &str) -> String {
        self.rig.root(&format!("set -e\ncd {}\n{script}", quote(&self.account.home)))
    }

    /// Holds that nothing runs for the account any more, within three seconds.
    pub(crate) fn nothing_runs(&self) {
        self.has_ended(false);
    }

    /// As [`nothing_runs`](Self::nothing_runs), and sshd's part has ended too: a command that it was asked for and
    /// had not begun will not begin any more.
    pub(crate) fn nothing_will_run(&self) {
        self.has_ended(true);
    }

    fn has_ended(&self, sshd_too: bool) {
        running::nothing(self.rig.container(), &self.account, sshd_too);
    }
}

pub(crate) use tests::running::within;

/// Of a slow line, each way.
pub(crate) const DELAY: Duration = Duration::from_millis(50);

/// Holds that something takes no more round trips over a slow line than this, in one of several tries: a busy machine
/// makes it slower, and nothing makes it quicker.
pub(crate) fn at_most(round_trips: f64, mut takes: impl FnMut() -> Duration) {
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(takes().as_secs_f64() / (2 * DELAY).as_secs_f64());
        if seen.last().is_some_and(|last| *last <= round_trips) {
            return;
        }
    }
    panic!("{seen:?} round trips");
}
