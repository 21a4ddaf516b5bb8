//! An account, two logins for it, and a deploy of either through the library.

use std::ops::Deref;
use std::time::{Duration, SystemTime};

use codex_remote_auth::auth_json::AuthFile;
use codex_remote_auth::deploy::{DeployOptions, Receipt, deploy};
use codex_remote_auth::remote::{RemoteError, Script};
use codex_remote_auth::ssh::Deadline;
use codex_remote_auth::testing::deploy_with_script;
use tests::Rig;
use tests::account::{AccountBuilder, RemoteAccount};

/// An account whose codex accepts both logins.
pub(crate) struct Target<'r> {
    account: RemoteAccount<'r>,
    pub(crate) one: AuthFile,
    pub(crate) two: AuthFile,
}

impl<'r> Deref for Target<'r> {
    type Target = RemoteAccount<'r>;

    fn deref(&self) -> &RemoteAccount<'r> {
        &self.account
    }
}

/// A deploy without a proof.
pub(crate) fn plain() -> DeployOptions {
    DeployOptions { proof: None, ..DeployOptions::default() }
}

/// The script, with one of its texts replaced.
pub(crate) fn edited(text: &str, by: &str) -> Script {
    let script = Script::default();
    assert_eq!(script.text().matches(text).count(), 1, "the script has another text than `{text}`");
    script.edited(text, by).unwrap()
}

/// A login with this many more bytes, in a field that Codex does not know and that must survive anyway.
pub(crate) fn large(login: &AuthFile, bytes: usize) -> AuthFile {
    let text = String::from_utf8(login.bytes().expose().to_vec()).unwrap();
    let text = text.replacen('{', &format!("{{\n  \"made_up\": \"{}\",", "x".repeat(bytes)), 1);
    AuthFile::from_bytes(text).unwrap()
}

/// A time limit that no deploy of these tests reaches.
pub(crate) fn enough() -> Deadline {
    Deadline::after(Duration::from_secs(120))
}

/// Checks that a deploy fails with this error, which shows no secret.
pub(crate) fn fails(rig: &Rig, result: Result<Receipt, RemoteError>, code: &str) -> RemoteError {
    let error = match result {
        Ok(receipt) => panic!("{code} was expected, and it went well: {receipt:?}"),
        Err(error) => error,
    };
    rig.shows_nothing(&error);
    assert_eq!(error.code(), code, "{error}");
    error
}

impl<'r> Target<'r> {
    /// Creates the account.
    pub(crate) fn of(rig: &'r Rig, describe: impl FnOnce(AccountBuilder<'r>) -> AccountBuilder<'r>) -> Self {
        // Both with the same refresh time: neither is newer, which would be a reason to refuse the other.
        let moment = SystemTime::now() - Duration::from_secs(3_600);
        let [one, two] = [(); 2].map(|()| rig.login_of(moment, 4_102_444_800));
        let account = describe(rig.account()).accepts(&one).accepts(&two).make();
        Self { account, one, two }
    }

    /// A plain account with the first login on it.
    pub(crate) fn deployed(rig: &'r Rig) -> Self {
        let target = Self::of(rig, |account| account);
        target.deploy(&target.one).unwrap();
        target
    }

    /// Deploys without a proof.
    pub(crate) fn deploy(&self, login: &AuthFile) -> Result<Receipt, RemoteError> {
        deploy(&self.session(), login, &plain(), enough())
    }

    /// The same with another script.
    pub(crate) fn deploy_by(&self, login: &AuthFile, script: &Script) -> Result<Receipt, RemoteError> {
        deploy_with_script(&self.session(), login, &plain(), enough(), script)
    }
}
