//! What is refused before codex is asked, what codex refuses, and how each is told.

use std::time::Duration;

use codex_remote_auth::login::LoginOptions;

use crate::Case;
use crate::rig::{Rig, options};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_login_that_is_there_is_kept,
        a_link_is_not_written_through,
        what_is_no_file_is_left,
        a_configuration_that_keeps_logins_elsewhere_is_told,
        a_configuration_that_wants_keys_is_told,
        without_a_codex_nothing_is_changed,
        an_account_without_a_shell_is_no_reply,
        what_codex_says_is_told_with_what_to_do,
        a_file_that_never_arrives_is_told,
    ]
}

fn a_login_that_is_there_is_kept(rig: &Rig) {
    let remote = rig.account().login(0o640).make();
    let before = remote.auth();
    let (error, told) = remote.fails(&options(), "login-there");
    let text = error.to_string();
    assert!(text.contains("rotation-logout-revokes") && text.contains("--force"), "{text}");
    assert!(text.contains("every copy of it") && text.contains("rm /home/"), "{text}");
    assert!(told.devices().is_empty());
    assert_eq!((remote.auth(), remote.asked().len()), (before, 0));
}

fn a_link_is_not_written_through(rig: &Rig) {
    let remote = rig.account().file("elsewhere", "mine").link(".codex/auth.json", "../elsewhere").make();
    for force in [false, true] {
        remote.fails(&LoginOptions { force, ..options() }, "auth-is-a-link");
    }
    assert_eq!(remote.root("cat elsewhere; readlink .codex/auth.json"), "mine../elsewhere\n");
}

fn what_is_no_file_is_left(rig: &Rig) {
    let remote = rig.account().file(".codex/auth.json/x", "").make();
    remote.fails(&LoginOptions { force: true, ..options() }, "auth-not-a-file-there");
    let remote = rig.account().file(".codex", "").make();
    remote.fails(&options(), "home-not-a-directory");
    assert!(remote.asked().is_empty());
}

fn a_configuration_that_keeps_logins_elsewhere_is_told(rig: &Rig) {
    let remote =
        rig.account().file(".codex/config.toml", "cli_auth_credentials_store = \"keyring\"\n").make();
    let (error, _) = remote.fails(&options(), "store-is-not-the-file");
    assert!(error.to_string().contains("keyring-store"), "{error}");
    assert!(remote.asked().is_empty());
}

fn a_configuration_that_wants_keys_is_told(rig: &Rig) {
    let remote = rig.account().file(".codex/config.toml", "forced_login_method = \"api\"\n").make();
    remote.fails(&options(), "login-form-is-forced");
    assert!(remote.asked().is_empty());
}

fn without_a_codex_nothing_is_changed(rig: &Rig) {
    let remote = rig.account().without_codex().make();
    remote.fails(&options(), "no-codex");
    assert_eq!(remote.root("ls -A"), ".ssh\n");
}

fn an_account_without_a_shell_is_no_reply(rig: &Rig) {
    let remote = rig.account().shell("/usr/sbin/nologin").make();
    remote.fails(&options(), "no-reply");
}

/// A codex that has the device login, waits a little as for a person, says this on its standard error, and fails.
pub(crate) fn says(text: &str) -> String {
    format!(
        "case $* in *--help) echo --device-auth; exit ;; --version) exit ;; esac\n\
         printf '  http://127.0.0.1:8790/codex/device\\n  ABCD-EFGH\\n'\nsleep 0.5\necho '{text}' >&2\nexit 1"
    )
}

fn what_codex_says_is_told_with_what_to_do(rig: &Rig) {
    let begin = "Error logging in with device code:";
    for (said, code, next) in [
        ("device code login is not enabled for this Codex server. Use …", "no-device-login", "--browser"),
        ("error sending request for url (https://auth.invalid/x?code=secret)", "no-network", "HTTPS_PROXY"),
        ("device auth failed with status 400 Bad Request", "refused", "Try again"),
        ("device auth timed out after 15 minutes", "expired", "device code login first"),
        ("device auth failed with status 500 for ABCD-EFGH", "failed", "exit status 1"),
    ] {
        let remote = rig.account().program(&says(&format!("{begin} {said}"))).make();
        let (error, told) = remote.fails(&options(), code);
        assert!(error.to_string().contains(next), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
        assert_eq!(told.devices().len(), 1);
        assert_eq!(remote.auth(), "");
        remote.nothing_runs();
    }
}

fn a_file_that_never_arrives_is_told(rig: &Rig) {
    let remote = rig.account().program("echo --device-auth").make();
    let (error, _) =
        remote.fails(&LoginOptions { deadline: Duration::from_secs(5), ..options() }, "nothing-arrived");
    assert!(error.to_string().contains("/.codex/auth.json"), "{error}");
}
