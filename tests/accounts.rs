//! Accounts on the shared container, with logins that the codex there accepts.

use std::time::{Duration, SystemTime};

use codex_remote_auth::auth_json::{AuthFile, Secret};
use harness::cloud::{Claims, Credential, CredentialKind, CredentialState, Knowledge, chatgpt};
use harness::run::LeakScanner;
use harness::target::{Account, AccountSpec, Container, HomeFile};

/// A made-up login that was refreshed `ago`, with canaries that the leak scanner knows.
///
/// # Panics
/// Where what is minted is no login.
pub fn login(leak_scanner: &LeakScanner, ago: Duration) -> AuthFile {
    login_until(leak_scanner, ago, 4_102_444_800)
}

/// As [`login`], with an access token that expires then, in Unix seconds.
///
/// # Panics
/// As [`login`].
pub fn login_until(leak_scanner: &LeakScanner, ago: Duration, expires_at: i64) -> AuthFile {
    let minted = chatgpt(Claims { expires_at, last_refresh: SystemTime::now() - ago });
    leak_scanner.plant(&minted);
    AuthFile::from_bytes(minted.file.expose()).unwrap_or_else(|problem| panic!("{problem}"))
}

/// Makes one account whose codex accepts these logins.
///
/// # Panics
/// Where the container does not make it.
pub fn account(
    container: &Container<'_>,
    shell: &str,
    codex_on_path: bool,
    files: Vec<HomeFile>,
    logins: &[&AuthFile],
) -> Account {
    let mut made = accounts(container, 1, shell, codex_on_path, files, logins);
    made.remove(0)
}

/// Makes so many accounts at once, all alike.
///
/// # Panics
/// Where the container does not make them.
pub fn accounts(
    container: &Container<'_>,
    count: usize,
    shell: &str,
    codex_on_path: bool,
    files: Vec<HomeFile>,
    logins: &[&AuthFile],
) -> Vec<Account> {
    let mut knowledge = Knowledge::default();
    for login in logins {
        let accepted = Credential { kind: CredentialKind::Chatgpt, state: CredentialState::Accepted };
        knowledge.credentials.insert(access_token(login).sha256(), accepted);
    }
    let spec = AccountSpec { shell: shell.to_owned(), codex_on_path, files };
    let made: Vec<_> = (0..count).map(|_| (container.reserve(), spec.clone())).collect();
    container.create(&made, &knowledge).unwrap_or_else(|problem| panic!("{problem}"));
    made.into_iter().map(|(account, _)| account).collect()
}

fn access_token(auth: &AuthFile) -> Secret {
    let value: serde_json::Value = serde_json::from_slice(auth.bytes().expose()).unwrap_or_default();
    Secret::new(value["tokens"]["access_token"].as_str().unwrap_or_default())
}
