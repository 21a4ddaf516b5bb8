//! Turns the `[given]` of a lesson into an account: files, modes, logins, the stub's settings.

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use semver::Version;

use super::mutants;
use crate::cloud::{
    self, Claims, Credential, CredentialKind, CredentialState, Knowledge, Minted, RefreshState, fingerprint,
};
use crate::target::{Account, AccountSpec, Content, HomeFile};
use codex_remote_auth::lessons::{CodexAt, DeployStep, Given, GivenFile, LoginKind, MutantKind, MutantName};

/// What one check gets: its accounts, and the logins that were minted for it.
#[derive(Debug)]
pub(super) struct Plan {
    /// The remote account.
    pub(super) remote: (Account, AccountSpec),
    /// The account for the machine that deploys, if a step runs there.
    pub(super) local: Option<(Account, AccountSpec)>,
    /// The login on the machine that deploys.
    pub(super) login: Login,
    /// The login that the remote account starts with.
    pub(super) remote_login: Login,
    /// Further logins that steps deploy.
    pub(super) others: Vec<Login>,
    /// The mutant of the check.
    pub(super) mutant: Option<MutantName>,
}

impl Plan {
    /// Every account of the plan.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &(Account, AccountSpec)> {
        std::iter::once(&self.remote).chain(&self.local)
    }

    /// Every login of the plan.
    pub(super) fn minted(&self) -> impl Iterator<Item = &Minted> {
        self.logins().filter_map(|login| login.minted.as_ref())
    }

    /// Names the login that has a token with this fingerprint.
    pub(super) fn name_of(&self, fingerprint: &str) -> &'static str {
        let known = [(&self.login, "the login"), (&self.remote_login, "the remote login")];
        let other = self.others.iter().map(|login| (login, "another login"));
        let all = known.into_iter().chain(other);
        let is = |login: &Login| {
            login.minted.as_ref().is_some_and(|minted| {
                let refresh = minted.refresh_token.as_ref();
                minted.credential.sha256() == fingerprint
                    || refresh.is_some_and(|token| token.sha256() == fingerprint)
            })
        };
        if fingerprint == cloud::fingerprint(KEY_WITHOUT_WORTH.as_bytes()) {
            return "the worthless key";
        }
        all.into_iter().find(|(login, _)| is(login)).map_or("a login made since", |(_, name)| name)
    }

    /// The Unix users of its accounts.
    pub(super) fn uids(&self) -> Vec<u32> {
        self.accounts().map(|(account, _)| account.uid).collect()
    }

    fn logins(&self) -> impl Iterator<Item = &Login> {
        [&self.login, &self.remote_login].into_iter().chain(&self.others)
    }

    /// The login that a step deploys.
    pub(super) fn login_of(&self, step: &DeployStep) -> &Login {
        let other = step.login.and_then(|kind| self.others.iter().find(|login| login.kind == kind));
        other.unwrap_or(&self.login)
    }
}

/// A login of some kind, and the minted login that its file is made from.
#[derive(Debug)]
pub(super) struct Login {
    pub(super) kind: LoginKind,
    pub(super) minted: Option<Minted>,
}

/// The year 2100, in seconds since 1970: after any test.
const FAR: i64 = 4_102_444_800;

/// How many blanks a padded login has at its end.
const PADDING: usize = 20_000;

/// September 2020, in seconds since 1970: an expired time.
const LONG_AGO: u64 = 1_600_000_000;

/// A good login was refreshed shortly before the run. If a token does not say when it expires, Codex uses that age.
fn claims(kind: LoginKind) -> Claims {
    // The same time for all logins of a run, so that none is newer by chance.
    static BEGAN: OnceLock<SystemTime> = OnceLock::new();
    let now = *BEGAN.get_or_init(SystemTime::now);
    let (expires_at, refreshed) = match kind {
        LoginKind::Expired | LoginKind::Renewable | LoginKind::NoRefreshToken => {
            (LONG_AGO as i64, UNIX_EPOCH + Duration::from_secs(LONG_AGO))
        }
        LoginKind::Fresher => (FAR, now),
        _ => (FAR, now - Duration::from_secs(3_600)),
    };
    Claims { expires_at, last_refresh: refreshed }
}

impl Login {
    pub(super) fn mint(kind: LoginKind) -> Self {
        let minted = match kind {
            LoginKind::None | LoginKind::Directory | LoginKind::Empty | LoginKind::NoCredential => None,
            LoginKind::ApiKey => Some(cloud::api_key()),
            LoginKind::Claude | LoginKind::ClaudeCutShort => Some(cloud::claude(FAR)),
            kind => Some(cloud::chatgpt(claims(kind))),
        };
        Self { kind, minted }
    }

    /// The bytes of the file. `None` if there is no file.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        let whole = self.minted.as_ref().map(|minted| minted.file.expose().to_vec());
        match self.kind {
            LoginKind::None | LoginKind::Directory => None,
            LoginKind::Empty => Some(Vec::new()),
            LoginKind::NoCredential => Some(b"{\n  \"OPENAI_API_KEY\": null\n}\n".to_vec()),
            LoginKind::CutShort | LoginKind::ClaudeCutShort => {
                whole.map(|bytes| bytes[..bytes.len() / 2].to_vec())
            }
            LoginKind::NotJson => whole.map(|bytes| [b"Exported login: ".to_vec(), bytes].concat()),
            LoginKind::ByteOrderMark => whole.map(|bytes| [b"\xef\xbb\xbf".to_vec(), bytes].concat()),
            LoginKind::TooLarge => whole.map(|mut bytes| {
                bytes.resize(codex_remote_auth::auth_json::MAX_BYTES as usize + 1, b' ');
                bytes
            }),
            LoginKind::Padded => whole.map(|mut bytes| {
                bytes.resize(bytes.len() + PADDING, b' ');
                bytes
            }),
            LoginKind::NoAccessToken => whole.map(without_access_token),
            LoginKind::NoRefreshToken => whole.map(with_empty_refresh_token),
            LoginKind::Utf16 => whole.map(|bytes| in_utf16(&bytes)),
            _ => whole,
        }
    }

    fn credential_kind(&self) -> CredentialKind {
        match self.kind {
            LoginKind::ApiKey => CredentialKind::ApiKey,
            LoginKind::Claude | LoginKind::ClaudeCutShort => CredentialKind::Claude,
            _ => CredentialKind::Chatgpt,
        }
    }

    fn credential_state(&self) -> CredentialState {
        match self.kind {
            LoginKind::Refused => CredentialState::Refused,
            LoginKind::NoQuota => CredentialState::NoQuota,
            LoginKind::WrongRegion => CredentialState::WrongRegion,
            LoginKind::WrongCountry => CredentialState::WrongCountry,
            LoginKind::WrongWorkspace => CredentialState::WrongWorkspace,
            LoginKind::Challenged => CredentialState::Challenged,
            LoginKind::Deactivated => CredentialState::Deactivated,
            LoginKind::Busy => CredentialState::Busy,
            LoginKind::BreaksOff => CredentialState::BreaksOff,
            LoginKind::Expired | LoginKind::Renewable | LoginKind::NoRefreshToken => CredentialState::Expired,
            _ => CredentialState::Accepted,
        }
    }

    fn refresh_state(&self) -> RefreshState {
        if matches!(self.kind, LoginKind::Refused | LoginKind::Expired) {
            RefreshState::Used
        } else if self.kind == LoginKind::WrongRegion {
            RefreshState::GoodInAWrongRegion
        } else {
            RefreshState::Good
        }
    }

    fn in_home(&self) -> Option<HomeFile> {
        let path = match self.kind {
            LoginKind::Claude | LoginKind::ClaudeCutShort => ".claude/.credentials.json",
            _ => ".codex/auth.json",
        };
        let path = path.to_owned();
        if self.kind == LoginKind::Directory {
            return Some(HomeFile { path, content: Content::Directory, mode: 0o700 });
        }
        let mode = if self.kind == LoginKind::Unreadable { 0o000 } else { 0o600 };
        self.bytes().map(|bytes| HomeFile { path, content: Content::File(bytes), mode })
    }
}

fn without_access_token(bytes: Vec<u8>) -> Vec<u8> {
    with_tokens(&bytes, |tokens| {
        tokens.remove("access_token");
    })
}

fn with_empty_refresh_token(bytes: Vec<u8>) -> Vec<u8> {
    with_tokens(&bytes, |tokens| {
        tokens.insert("refresh_token".to_owned(), "".into());
    })
}

fn with_tokens(bytes: &[u8], edit: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) -> Vec<u8> {
    let mut value: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
    if let Some(tokens) = value.get_mut("tokens").and_then(serde_json::Value::as_object_mut) {
        edit(tokens);
    }
    serde_json::to_vec_pretty(&value).unwrap_or_default()
}

/// As Windows PowerShell writes a text: little-endian, after a byte-order mark.
fn in_utf16(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// What a check needs to plan its accounts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) given: &'a Given,
    pub(super) needs_local: bool,
    /// The logins that steps deploy instead of the given one.
    pub(super) others: &'a [LoginKind],
    pub(super) release: &'a Version,
    /// Whether the codex is a real one, which reads no settings of the stub.
    pub(super) real: bool,
    pub(super) mutant: Option<&'a MutantName>,
    /// The server's public key, for the known_hosts of the machine that deploys.
    pub(super) host_key: &'a str,
    /// The private key that every account accepts.
    pub(super) client_key: &'a [u8],
}

/// Plans the accounts of one check. `reserve` returns a free account.
pub(super) fn plan(wish: Wish<'_>, mut reserve: impl FnMut() -> Account) -> Plan {
    let (here, there) = login_kinds(&wish);
    let (login, remote_login) = (Login::mint(here), Login::mint(there));
    let others: Vec<Login> = wish.others.iter().map(|kind| Login::mint(*kind)).collect();
    let settings = settings(&wish);
    let remote = reserve();
    let spec = remote_spec(&wish, &remote, &remote_login, &settings);
    let local = wish.needs_local.then(|| {
        let account = reserve();
        let spec = local_spec(&wish, &account, &remote, &login, &settings);
        (account, spec)
    });
    Plan { remote: (remote, spec), local, login, remote_login, others, mutant: wish.mutant.cloned() }
}

/// The login on the machine that deploys, and the first login of the remote account.
fn login_kinds(wish: &Wish<'_>) -> (LoginKind, LoginKind) {
    let is_mutant = |name| mutants::changes_account(wish.mutant, name);
    match (wish.given.login, wish.given.remote_login) {
        (here, _) if is_mutant("claude-login-there") => (here, LoginKind::Claude),
        _ if is_mutant("login-missing") => (LoginKind::None, LoginKind::None),
        (LoginKind::Chatgpt, there) if is_mutant("login-padded") => (LoginKind::Padded, there),
        given => given,
    }
}

fn remote_spec(wish: &Wish<'_>, account: &Account, login: &Login, settings: &str) -> AccountSpec {
    let is_mutant = |name| mutants::changes_account(wish.mutant, name);
    let codex = match wish.given.codex {
        _ if is_mutant("codex-on-path") => CodexAt::Path,
        _ if is_mutant("codex-nowhere") => CodexAt::Nowhere,
        given => given,
    };
    let mut files = Vec::new();
    if !wish.real {
        files.push(file(".codex-stub/settings.toml", settings, 0o600));
    }
    if codex == CodexAt::Symlinks {
        files.push(link("symlinks/codex", "/opt/codex-under-test/codex"));
    }
    files.extend(login.in_home());
    if is_mutant("codex-home-there") {
        files.push(directory(".codex", 0o700));
    }
    if is_mutant("home-is-a-repository") {
        for path in [".git/objects", ".git/refs"] {
            files.push(directory(path, 0o755));
        }
        files.push(file(".git/HEAD", "ref: refs/heads/main\n", 0o644));
    }
    if is_mutant("codex-fails-from-outside") {
        files.push(file(".bashrc", mutants::FAILS_FROM_OUTSIDE, 0o644));
    }
    if !is_mutant("files-missing") {
        files.extend(wish.given.files.iter().map(|given| given_file(given, account)));
    }
    AccountSpec { shell: wish.given.shell.path().to_owned(), codex_on_path: codex == CodexAt::Path, files }
}

fn local_spec(
    wish: &Wish<'_>,
    account: &Account,
    remote: &Account,
    login: &Login,
    settings: &str,
) -> AccountSpec {
    // `host` answers only on port 22222, as in the guide's second example. `remote` answers on the usual port.
    let host = if mutants::changes_account(wish.mutant, "port-22-open") { "127.0.0.1" } else { "127.0.0.2" };
    // The post-quantum exchange costs OpenSSH more than the rest of a login, and no lesson is about it.
    let config = format!(
        "Host remote\n  HostName 127.0.0.1\nHost host\n  HostName {host}\nHost *\n  User {}\n  BatchMode yes\n  \
         KexAlgorithms curve25519-sha256\n",
        remote.name
    );
    let known = format!("127.0.0.1,[127.0.0.1]:22222,[127.0.0.2]:22222 {}\n", wish.host_key);
    let mut files = vec![
        file(".ssh/config", config, 0o600),
        file(".ssh/known_hosts", known, 0o600),
        file(".ssh/id_ed25519", wish.client_key, 0o600),
    ];
    if !wish.real {
        files.push(file(".codex-stub/settings.toml", settings, 0o600));
    }
    if !mutants::changes_account(wish.mutant, "local-login-missing") {
        files.extend(login.in_home());
    }
    files.extend(wish.given.local_files.iter().map(|given| given_file(given, account)));
    if let Some((name, text)) = mutants::wrapper(wish.mutant) {
        files.push(file(&format!("wrappers/{name}"), text, 0o755));
    }
    AccountSpec { shell: "/bin/bash".to_owned(), codex_on_path: true, files }
}

/// A key that the fake cloud accepts and that is not secret: lessons about variables contain it.
const KEY_WITHOUT_WORTH: &str = "made-up-key";

/// The settings of the stub: its release and its mutant.
fn settings(wish: &Wish<'_>) -> String {
    let mut text = format!("release = \"{}\"\n", wish.release);
    if let Some(mutant) = wish.mutant.filter(|mutant| mutant.kind == MutantKind::Stub) {
        let _ = writeln!(text, "mutants = [\"{}\"]", mutant.name);
    }
    text
}

/// What the cloud must know about the logins of these plans, and about the key that is not secret.
pub(super) fn knowledge<'a>(plans: impl IntoIterator<Item = &'a Plan>) -> Knowledge {
    let mut knowledge = Knowledge::default();
    let worthless = Credential { kind: CredentialKind::ApiKey, state: CredentialState::Accepted };
    knowledge.credentials.insert(fingerprint(KEY_WITHOUT_WORTH.as_bytes()), worthless);
    for plan in plans {
        let is_refused = mutants::changes_account(plan.mutant.as_ref(), "login-refused");
        for login in plan.logins() {
            let Some(minted) = &login.minted else { continue };
            let (state, refresh) = match is_refused {
                true => (CredentialState::Refused, RefreshState::Revoked),
                false => (login.credential_state(), login.refresh_state()),
            };
            let kind = login.credential_kind();
            knowledge.credentials.insert(minted.credential.sha256(), Credential { kind, state });
            if let Some(token) = &minted.refresh_token {
                knowledge.refresh.insert(token.sha256(), refresh);
            }
        }
    }
    knowledge
}

fn given_file(given: &GivenFile, account: &Account) -> HomeFile {
    let content = match (&given.link, given.directory) {
        (Some(to), _) => Content::Link(to.replace("@HOME@", &account.home)),
        (None, true) => Content::Directory,
        (None, false) => Content::File(given.text.replace("@HOME@", &account.home).into_bytes()),
    };
    let usual = if given.directory { 0o755 } else { 0o644 };
    let mode = given.mode.as_ref().and_then(|mode| u32::from_str_radix(mode, 8).ok());
    HomeFile { path: given.path.clone(), content, mode: mode.unwrap_or(usual) }
}

fn file(path: &str, text: impl Into<Vec<u8>>, mode: u32) -> HomeFile {
    HomeFile { path: path.to_owned(), content: Content::File(text.into()), mode }
}

fn directory(path: &str, mode: u32) -> HomeFile {
    HomeFile { path: path.to_owned(), content: Content::Directory, mode }
}

fn link(path: &str, to: &str) -> HomeFile {
    HomeFile { path: path.to_owned(), content: Content::Link(to.to_owned()), mode: 0o777 }
}
