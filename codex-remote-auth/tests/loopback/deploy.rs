//! Deploys that succeed, and what they leave.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::account::{Account, CODEX, login, notices};

#[test]
fn the_first_login_comes_into_a_new_private_home() {
    let account = Account::new();
    let host = account.deploys(&[]);
    assert_eq!(
        (&host["host"], &host["result"], &host["proof"]),
        (&"box".into(), &"deployed".into(), &"works".into())
    );
    assert_eq!(host["path"], account.home("auth.json").to_str().unwrap());
    assert_eq!((&host["mode"], &host["replaced"]), (&"0600".into(), &serde_json::Value::Null));
    assert_eq!(host["size"], fs::metadata(account.home("auth.json")).unwrap().len());
    assert_eq!(host["codex"]["release"], "0.160.0", "{host}");
    account.has_ours();
    assert_eq!(account.tree().len(), 1);
}

#[test]
fn people_read_what_was_done() {
    let account = Account::new();
    let ran = account.run(&["deploy", "box"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.starts_with("ok        box  ✓ copied to "), "{ran:?}");
    assert!(ran.stderr.contains("rotation-shared-login"), "{ran:?}");
    let again = account.run(&["deploy", "box"]);
    assert!(again.stdout.starts_with("ok        box  ✓ already up to date: "), "{again:?}");
}

#[test]
fn the_same_login_is_left_and_made_private() {
    let account = Account::with_login(&login("ann", 10));
    let there = account.there();
    let account = account.local(there);
    let inode = || std::os::unix::fs::MetadataExt::ino(&fs::metadata(account.home("auth.json")).unwrap());
    let before = inode();
    assert_eq!(notices(&account.deploys(&[])), "");
    account.mode("auth.json", 0o644);
    let host = account.deploys(&[]);
    assert_eq!(host["result"], "already-there");
    assert!(notices(&host).contains("had mode 0644"), "{host}");
    account.has_ours();
    assert_eq!(inode(), before);
}

#[test]
fn an_older_login_is_replaced_and_kept_on_demand() {
    for backup in [false, true] {
        let older = login("ann", 9);
        let account = Account::with_login(&older);
        let host = account.deploys(if backup { &["--backup"] } else { &[] });
        assert_eq!((&host["result"], &host["replaced"]), (&"deployed".into(), &"file".into()));
        account.has_ours();
        let kept = fs::read_to_string(account.home("auth.json.before"));
        assert_eq!(kept.ok(), backup.then(|| older.to_string()));
        assert_eq!(host["backup"].is_string(), backup);
    }
}

#[test]
fn a_dry_run_changes_nothing() {
    for account in [Account::new(), Account::with_home(), Account::with_login(&login("ann", 9))] {
        if account.home("").exists() {
            account.mode("", 0o770);
        }
        let before = account.tree();
        let host = account.deploys(&["--dry-run"]);
        assert_eq!(
            (&host["result"], &host["proof"]),
            (&"would-be-deployed".into(), &"not-asked".into()),
            "{host}"
        );
        assert_eq!(account.tree(), before);
    }
    let account = Account::new();
    account.deploys(&["--dry-run"]);
    assert!(!account.home("").exists());
}

#[test]
fn an_open_home_is_closed_first() {
    let account = Account::with_home();
    account.mode("", 0o777);
    let host = account.deploys(&[]);
    assert!(notices(&host).contains("others could write to the directory (0777)"), "{host}");
    assert_eq!(fs::metadata(account.home("")).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(
        account.there(),
        Some(serde_json::from_str(&fs::read_to_string(account.path("caller/auth.json")).unwrap()).unwrap())
    );
}

#[test]
fn what_is_no_login_is_replaced_and_said() {
    for (text, says) in [("", "empty"), ("{}", "no login"), ("{\"tokens\":", "JSON")] {
        let account = Account::with_home().file("auth.json", text, 0o600);
        let host = account.deploys(&[]);
        assert!(notices(&host).contains("the replaced file was not a login"), "{says}: {host}");
        assert!(host.get("backup").is_none(), "{says}: {host}");
        account.has_ours();
    }
}

/// A person may repair it: a character is too many, or the end is missing. Nothing that was kept before is replaced.
#[test]
fn a_damaged_login_is_kept_beside_the_new_one() {
    let whole = login("bob", 9).to_string();
    for damaged in [format!("{whole}\n<<<<<<< HEAD\n"), whole[..whole.len() - 20].to_owned()] {
        let account = Account::with_home().file("auth.json", &damaged, 0o600);
        let host = account.deploys(&[]);
        let before = account.home("auth.json.before");
        assert_eq!(host["backup"], before.display().to_string(), "{host}");
        assert_eq!(fs::read_to_string(&before).unwrap(), damaged);
        account.has_ours();
        fs::write(account.home("auth.json"), &damaged).unwrap();
        fs::write(&before, "kept").unwrap();
        assert!(account.deploys(&[]).get("backup").is_none());
        assert_eq!(fs::read_to_string(&before).unwrap(), "kept");
    }
}

#[test]
fn a_link_is_replaced_on_demand_and_its_target_stays() {
    for target in ["elsewhere.json", "nowhere", "folder"] {
        let account = Account::with_home();
        fs::write(account.path("elsewhere.json"), "mine").unwrap();
        fs::create_dir(account.path("folder")).unwrap();
        symlink(account.path(target), account.home("auth.json")).unwrap();
        account.refuses(&["deploy"], "auth-is-a-link");
        let host = account.deploys(&["--replace-link"]);
        assert_eq!(host["replaced"], "link", "{host}");
        account.has_ours();
        assert_eq!(fs::read_to_string(account.path("elsewhere.json")).unwrap(), "mine");
        assert_eq!(fs::read_dir(account.path("folder")).unwrap().count(), 0);
    }
}

#[test]
fn variables_that_replace_the_login_are_named_and_the_proof_runs_without_them() {
    let codex = "#!/bin/sh\n[ -z \"$CODEX_ACCESS_TOKEN\" ] || exit 9\nexec \"$0.real\" \"$@\"\n";
    let account = Account::new().set("CODEX_ACCESS_TOKEN", "set").set("CODEX_API_KEY", "set");
    let account = account.codex(codex).program("codex.real", CODEX);
    let host = account.deploys(&[]);
    assert!(notices(&host).contains("CODEX_API_KEY, CODEX_ACCESS_TOKEN is set on the host"), "{host}");
    assert!(account.run(&["deploy", "box"]).stdout.contains("the check ran without it"));
}

#[test]
fn what_others_print_before_the_script_does_not_disturb_it() {
    let account = Account::new()
        .server("ForceCommand echo noise; printf 'no line end'; eval \"$SSH_ORIGINAL_COMMAND\"");
    account.deploys(&[]);
    account.has_ours();
}
