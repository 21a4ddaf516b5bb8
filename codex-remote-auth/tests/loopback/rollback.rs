//! What `rollback` restores.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::Value;

use crate::account::{Account, login};

fn kept(account: &Account) -> Option<Value> {
    serde_json::from_slice(&fs::read(account.home("auth.json.before")).ok()?).ok()
}

#[test]
fn a_rollback_brings_the_old_login_back_and_a_second_one_undoes_it() {
    let older = login("ann", 9);
    let account = Account::with_login(&older);
    account.deploys(&["--backup"]);
    let ours = account.there();
    account.mode("", 0o777);
    let host = account.json(&["rollback"], 0);
    assert_eq!((&host["result"], &host["mode"]), (&"restored".into(), &"0600".into()));
    assert_eq!(host["size"], older.to_string().len());
    assert_eq!((account.there(), kept(&account)), (Some(older.clone()), ours.clone()));
    assert!(host["notices"][0].as_str().unwrap().starts_with("it is an older state of the login"), "{host}");
    let ran = account.run(&["rollback", "box"]);
    assert!(ran.status == 0 && ran.stdout.contains("restored"), "{ran:?}");
    assert!(!ran.stdout.contains("older state"), "{ran:?}");
    assert_eq!((account.there(), kept(&account)), (ours, Some(older)));
    assert!(account.run(&["rollback", "box"]).stdout.contains("note: it is an older state of the login"));
    // Another account's login says nothing about this one.
    let other =
        Account::with_login(&login("bob", 10)).file("auth.json.before", login("ann", 9).to_string(), 0o600);
    assert!(!other.run(&["rollback", "box"]).stdout.contains("older state"));
}

#[test]
fn without_a_login_in_use_the_kept_one_moves() {
    let older = login("ann", 9);
    let account = Account::with_home().file("auth.json.before", older.to_string(), 0o644);
    let ran = account.run(&["rollback", "box"]);
    assert!(ran.status == 0 && ran.stdout.contains("so there is no backup any more"), "{ran:?}");
    assert_eq!((account.there(), kept(&account)), (Some(older), None));
}

#[test]
fn what_is_no_login_does_not_replace_one() {
    let whole = login("ann", 9).to_string();
    let account = Account::with_login(&login("ann", 9)).file("auth.json.before", &whole[..20], 0o600);
    account.refuses(&["rollback"], "backup-not-a-login");
}

#[test]
fn nothing_is_brought_back_where_nothing_was_kept() {
    Account::new().refuses(&["rollback"], "no-backup");
    Account::with_login(&login("ann", 9)).refuses(&["rollback"], "no-backup");
    let link = Account::with_login(&login("ann", 9));
    symlink("auth.json", link.home("auth.json.before")).unwrap();
    link.refuses(&["rollback"], "no-backup");
}

#[test]
fn what_is_not_a_file_is_left() {
    let backup = || Account::with_home().file("auth.json.before", login("ann", 9).to_string(), 0o600);
    let directory = backup();
    fs::create_dir(directory.home("auth.json")).unwrap();
    directory.refuses(&["rollback"], "auth-not-a-file-there");
    let link = backup();
    symlink("nowhere", link.home("auth.json")).unwrap();
    link.refuses(&["rollback"], "auth-is-a-link");
    backup().set("CODEX_HOME", "~/.codex").refuses(&["rollback"], "tilde-in-codex-home");
}
