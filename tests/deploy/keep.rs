//! What a deploy keeps as it is, what it mends, and how the last one is undone.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use codex_remote_auth::auth_json::AuthFile;
use codex_remote_auth::deploy::{DeployOptions, Done, Notice, Receipt, Was, deploy, rollback};
use codex_remote_auth::remote::{Force, Guard};

use crate::rig::{Remote, Rig, plain};
use tests::cases;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    cases![
        the_same_login_is_left_as_it_is,
        the_same_login_is_made_private_again,
        another_account_is_kept_unless_forced,
        another_member_of_the_same_workspace_is_another_account,
        a_key_is_another_account_than_a_login,
        what_would_be_done_is_said_and_not_done,
        a_plan_finds_what_would_stop_it,
        a_file_that_is_replaced_is_kept_and_comes_back,
        there_is_nothing_to_bring_back_before_a_deploy_kept_it,
        a_store_that_ignores_the_file_is_named_before_writing,
        a_forced_form_that_would_delete_the_login_is_named_before_writing,
        a_setting_below_a_table_is_another_one,
        a_file_of_another_owner_is_replaced_and_that_is_said,
        a_directory_that_others_may_write_to_is_closed,
    ]
}

fn with(remote: &Remote<'_>, auth: &AuthFile, choose: impl FnOnce(&mut DeployOptions)) -> Receipt {
    let mut options = plain();
    choose(&mut options);
    deploy(&remote.session(), auth, &options).unwrap()
}

fn forced(remote: &Remote<'_>, auth: &AuthFile) -> Receipt {
    with(remote, auth, |options| options.force = Force::known())
}

/// A login of another person than the rig's.
fn of_another_account(rig: &Rig) -> AuthFile {
    let text = String::from_utf8(rig.login(Duration::from_secs(60)).bytes().expose().to_vec()).unwrap();
    let ours = "\"account_id\": \"00000000-0000-4000-8000-000000000001\"";
    assert_eq!(text.matches(ours).count(), 1);
    AuthFile::from_bytes(text.replace(ours, "\"account_id\": \"00000000-0000-4000-8000-000000000002\""))
        .unwrap()
}

fn key() -> AuthFile {
    AuthFile::from_bytes("{\"OPENAI_API_KEY\": \"sk-made-up\"}").unwrap()
}

fn the_same_login_is_left_as_it_is(rig: &Rig) {
    let remote = rig.account().make();
    assert_eq!(remote.deploy(&remote.one).unwrap().done, Done::Placed);
    let before = remote.tree();
    let receipt = remote.deploy(&remote.one).unwrap();
    assert_eq!((receipt.done, &receipt.was), (Done::AlreadyThere, &Was::File(remote.one.bytes().sha256())));
    // With inodes: it is the same file.
    assert_eq!(remote.tree(), before);
    assert!(receipt.notices.is_empty(), "{:?}", receipt.notices);
}

fn the_same_login_is_made_private_again(rig: &Rig) {
    let remote = rig.account().make();
    remote.deploy(&remote.one).unwrap();
    remote.root("chmod 644 .codex/auth.json");
    let receipt = remote.deploy(&remote.one).unwrap();
    assert_eq!((receipt.done, receipt.mode), (Done::AlreadyThere, 0o600));
    assert_eq!(receipt.notices, [Notice::FileMode { was: 0o644 }]);
    remote.has(&remote.one, ".codex");
}

fn another_account_is_kept_unless_forced(rig: &Rig) {
    let remote = rig.account().make();
    remote.deploy(&remote.one).unwrap();
    let before = remote.tree();
    let other = of_another_account(rig);
    let error = rig.error(remote.deploy(&other), "another-account").to_string();
    assert_eq!(remote.tree(), before);
    assert!(!error.contains("00000000"), "an account's number is shown: {error}");
    let fingerprints: Vec<&str> =
        error.split(['(', ',', ' ', ')']).filter(|word| word.starts_with("chatgpt:")).collect();
    assert!(matches!(fingerprints[..], [one, two] if one != two && one.len() == 20), "{error}");
    assert_eq!(forced(&remote, &other).done, Done::Placed);
    remote.has(&other, ".codex");
}

fn another_member_of_the_same_workspace_is_another_account(rig: &Rig) {
    let remote = rig.account().make();
    remote.deploy(&remote.one).unwrap();
    let mut login: Value = serde_json::from_slice(remote.one.bytes().expose()).unwrap();
    let token = login["tokens"]["id_token"].as_str().unwrap().to_owned();
    let [head, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("no token") };
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let of = |person: &str| {
        assert_eq!(claims.matches("user-made-up").count(), 1);
        let claims = URL_SAFE_NO_PAD.encode(claims.replace("user-made-up", person));
        format!("{head}.{claims}.{signature}").into()
    };
    // Each length of the payload wants another padding.
    for person in ["user-made-up1", "user-made-up12", "user-made-up123"] {
        login["tokens"]["id_token"] = of(person);
        let other = AuthFile::from_bytes(login.to_string()).unwrap();
        let error = rig.error(remote.deploy(&other), "another-account").to_string();
        assert!(!error.contains("made-up"), "{error}");
    }
    remote.has(&remote.one, ".codex");
    login["tokens"]["id_token"] = of("user-made-up");
    login["made_up"] = 1.into();
    remote.deploy(&AuthFile::from_bytes(login.to_string()).unwrap()).unwrap();
}

fn a_key_is_another_account_than_a_login(rig: &Rig) {
    let remote = rig.account().make();
    remote.deploy(&key()).unwrap();
    let error = rig.error(remote.deploy(&remote.one), "another-account");
    assert!(error.to_string().contains("apikey:") && !error.to_string().contains("sk-"), "{error}");
    remote.has(&key(), ".codex");
    // The same key in a file of another form is the same account.
    let again = AuthFile::from_bytes("{\"OPENAI_API_KEY\":\"sk-made-up\",\"tokens\":null}").unwrap();
    assert_eq!(remote.deploy(&again).unwrap().done, Done::Placed);
}

fn what_would_be_done_is_said_and_not_done(rig: &Rig) {
    let remote = rig.account().make();
    let before = remote.tree();
    let dry = |options: &mut DeployOptions| (options.dry_run, options.backup) = (true, true);
    let receipt = with(&remote, &remote.one, dry);
    assert_eq!((receipt.done, receipt.directory_made, receipt.mode), (Done::WouldPlace, true, 0o600));
    assert_eq!(receipt.path, format!("{}/.codex/auth.json", remote.account.home));
    assert_eq!(remote.tree(), before);
    remote.deploy(&remote.one).unwrap();
    remote.root("chmod 644 .codex/auth.json; chmod 777 .codex");
    let before = remote.tree();
    let receipt = with(&remote, &remote.one, dry);
    assert_eq!(receipt.done, Done::AlreadyThere);
    assert_eq!(with(&remote, &remote.two, dry).done, Done::WouldPlace);
    assert_eq!(remote.tree(), before);
}

fn a_plan_finds_what_would_stop_it(rig: &Rig) {
    let remote = rig.account().file(".codex/config.toml", "cli_auth_credentials_store = 'keyring'\n").make();
    let before = remote.tree();
    let options = DeployOptions { dry_run: true, ..plain() };
    rig.error(deploy(&remote.session(), &remote.one, &options), "store-is-not-the-file");
    assert_eq!(remote.tree(), before);
}

fn a_file_that_is_replaced_is_kept_and_comes_back(rig: &Rig) {
    let remote = rig.account().make();
    let kept = |receipt: &Receipt| receipt.backup.clone();
    let back_up = |options: &mut DeployOptions| options.backup = true;
    assert_eq!(kept(&with(&remote, &remote.one, back_up)), None, "there was nothing to keep");
    remote.root("chmod 644 .codex/auth.json");
    let path = format!("{}/.codex/auth.json.before", remote.account.home);
    assert_eq!(kept(&with(&remote, &remote.two, back_up)).as_deref(), Some(path.as_str()));
    let tree = remote.tree();
    tree.has_login(&remote.two, ".codex", remote.account.uid);
    let before = tree.at(".codex/auth.json.before").unwrap();
    assert_eq!((before.mode.as_str(), before.uid), ("600", remote.account.uid));
    assert_eq!(before.sha256, remote.one.bytes().sha256());
    // There and back: a rollback is undone by a rollback.
    for auth in [&remote.one, &remote.two] {
        let back = rollback(&remote.session(), Duration::from_secs(10)).unwrap();
        assert_eq!((back.mode, back.size), (0o600, auth.bytes().len() as u64));
        remote.has(auth, ".codex");
    }
}

fn there_is_nothing_to_bring_back_before_a_deploy_kept_it(rig: &Rig) {
    let remote = rig.account().make();
    remote.deploy(&remote.one).unwrap();
    let before = remote.tree();
    let error = rollback(&remote.session(), Duration::from_secs(10)).unwrap_err();
    assert_eq!(error.code(), "no-backup", "{error}");
    assert_eq!(remote.tree(), before);
}

/// Holds that a configuration stops this login with this error before anything is written, and not where it is forced.
fn stops(rig: &Rig, config: &str, auth: &AuthFile, code: &str, lesson: &str) {
    let remote = rig.account().file(".codex/config.toml", config).make();
    remote.root("chmod 700 .codex");
    let before = remote.tree();
    let error = rig.error(remote.deploy(auth), code);
    assert!(error.to_string().contains(lesson), "{error}");
    assert_eq!(remote.tree(), before);
    forced(&remote, auth);
    remote.has(auth, ".codex");
}

fn a_store_that_ignores_the_file_is_named_before_writing(rig: &Rig) {
    let login = rig.login(Duration::from_secs(60));
    for line in ["cli_auth_credentials_store = \"keyring\"", "  cli_auth_credentials_store='ephemeral' # why"]
    {
        let config = format!("model = \"one\"\n{line}\n[tables]\n");
        stops(rig, &config, &login, "store-is-not-the-file", "keyring-store");
    }
    let auto = rig.account().file(".codex/config.toml", "cli_auth_credentials_store = \"auto\"\n").make();
    assert!(auto.deploy(&auto.one).unwrap().notices.contains(&Notice::StoreIsChosen));
}

fn a_forced_form_that_would_delete_the_login_is_named_before_writing(rig: &Rig) {
    let login = rig.login(Duration::from_secs(60));
    stops(rig, "forced_login_method = \"api\"\n", &login, "login-form-is-forced", "forced-login-method");
    stops(rig, "forced_login_method = 'chatgpt'\n", &key(), "login-form-is-forced", "forced-login-method");
    let fits = rig.account().file(".codex/config.toml", "forced_login_method = \"chatgpt\"\n").make();
    fits.deploy(&fits.one).unwrap();
}

fn a_setting_below_a_table_is_another_one(rig: &Rig) {
    let config = "[profiles.one]\ncli_auth_credentials_store = \"keyring\"\nforced_login_method = \"api\"\n";
    let remote = rig.account().file(".codex/config.toml", config).make();
    remote.deploy(&remote.one).unwrap();
}

fn a_file_of_another_owner_is_replaced_and_that_is_said(rig: &Rig) {
    let remote = rig.account().make();
    remote.deploy(&remote.one).unwrap();
    remote.root("chown 0:0 .codex/auth.json");
    let before = remote.tree();
    rig.error(remote.deploy(&remote.two), "unknown-login");
    assert_eq!(remote.tree(), before);
    let receipt =
        with(&remote, &remote.two, |options| options.force = Force::default().with(Guard::UnknownLogin));
    assert_eq!(receipt.notices, [Notice::FileOwner { was: 0 }]);
    assert_eq!(receipt.was, Was::Unreadable);
    remote.has(&remote.two, ".codex");
}

fn a_directory_that_others_may_write_to_is_closed(rig: &Rig) {
    let remote = rig.account().directory(".codex", 0o775).make();
    let receipt = remote.deploy(&remote.one).unwrap();
    assert_eq!(receipt.notices, [Notice::DirectoryMode { was: 0o775 }]);
    assert_eq!(receipt.directory_mode, 0o755);
    assert_eq!(remote.tree().at(".codex").unwrap().mode, "755");
}
