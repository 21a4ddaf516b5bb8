//! What `doctor` finds, and that it changes nothing.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::account::{Account, login};

fn finds(account: &Account, more: &[&str], status: i32) -> Value {
    let before = account.tree();
    let host = account.json(&[&["doctor"], more].concat(), status);
    assert_eq!(account.tree(), before, "{host}");
    host
}

#[test]
fn a_healthy_account_has_nothing_wrong() {
    let account = Account::with_login(&login("ann", 9));
    let host = finds(&account, &[], 0);
    assert!(!host.to_string().contains("\"bad\""), "{host}");
    let host = finds(&account, &["--live"], 0);
    assert!(host.to_string().contains("codex exec answered with this login"), "{host}");
}

#[test]
fn what_is_wrong_is_found() {
    let account =
        Account::with_login(&login("ann", 9)).file("config.toml", "forced_login_method = \"api\"", 0o666);
    account.mode("auth.json", 0o644);
    let host = finds(&account, &[], 1);
    for lesson in ["file-modes", "forced-login-method"] {
        assert!(host.to_string().contains(lesson), "{lesson}: {host}");
    }
    for name in ["config.toml", ".env"] {
        let open = Account::with_login(&login("ann", 9)).file(name, "", 0o666);
        let found = finds(&open, &[], 1)["findings"].to_string();
        assert!(
            found.contains(&format!("{name} belongs to another user or can be written by others")),
            "{found}"
        );
        assert!(found.contains("read it, then: chmod go-w ") && !found.contains("chown"), "{found}");
        assert!(!found.contains("deploy box"), "a deploy would be refused: {found}");
    }
    let empty = finds(&Account::new(), &[], 1);
    assert!(empty.to_string().contains("auth.json"), "{empty}");
}

#[test]
fn a_codex_that_hangs_does_not_hold_it_up() {
    let account = Account::with_login(&login("ann", 9)).codex("#!/bin/sh\nsleep 61 & wait\n");
    let began = Instant::now();
    finds(&account, &["--live", "--timeout", "4"], 1);
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
}
