//! What a call comes to, for each state of the host and each request: the table of `docs/results.md`. Every row is run.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use crate::account::{Account, login};

/// One row: the state of the host, the call, and what it comes to.
struct Row {
    state: &'static str,
    call: &'static [&'static str],
    /// The first word, and its colour.
    word: &'static str,
    /// What the first line says.
    says: &'static str,
    status: i32,
    result: &'static str,
    /// `proof` in JSON, or the error's code.
    more: &'static str,
}

const fn row(
    state: &'static str,
    call: &'static [&'static str],
    [word, says]: [&'static str; 2],
    status: i32,
    [result, more]: [&'static str; 2],
) -> Row {
    Row { state, call, word, says, status, result, more }
}

const OK: &str = "ok";
const FAILED: &str = "FAILED";
const UNPROVEN: &str = "unproven";

const DEPLOY: &[&str] = &["deploy"];
const DRY: &[&str] = &["deploy", "--dry-run"];
const NO_PROOF: &[&str] = &["deploy", "--no-proof"];
const STRICT: &[&str] = &["deploy", "--strict"];
const FORCE: &[&str] = &["deploy", "--force"];

const TABLE: &[Row] = &[
    row("no login", DEPLOY, [OK, "✓ copied"], 0, ["deployed", "works"]),
    row("no login", DRY, [OK, "would be copied"], 0, ["would-be-deployed", "not-asked"]),
    row("no login", NO_PROOF, [OK, "✓ copied"], 0, ["deployed", "not-asked"]),
    row("no login, no codex", DEPLOY, [UNPROVEN, "✓ copied"], 1, ["deployed", "not-possible"]),
    row("no login, codex fails", DEPLOY, [UNPROVEN, "✓ copied"], 1, ["deployed", "failed"]),
    row("the same login", DEPLOY, [OK, "✓ already up to date"], 0, ["already-there", "works"]),
    row("the same login", STRICT, [FAILED, "✓ already up to date"], 1, ["already-there", "works"]),
    row("an older login of the account", DEPLOY, [OK, "✓ copied"], 0, ["deployed", "works"]),
    row("a newer login of the account", DEPLOY, [OK, "✓ nothing to do"], 0, ["newer-there", "not-asked"]),
    row("a newer login of the account", DRY, [OK, "✓ nothing to do"], 0, ["newer-there", "not-asked"]),
    row(
        "a newer login of the account",
        STRICT,
        [FAILED, "the host has a newer login"],
        1,
        ["failed", "remote-is-fresher"],
    ),
    row("a newer login of the account", FORCE, [OK, "✓ copied"], 0, ["deployed", "works"]),
    row(
        "a login of another account",
        DEPLOY,
        [FAILED, "the host has a login of another account"],
        1,
        ["failed", "another-account"],
    ),
    row("a login of another account", FORCE, [OK, "✓ copied"], 0, ["deployed", "works"]),
    row("a file that is not a login", DEPLOY, [OK, "✓ copied"], 0, ["deployed", "works"]),
    row(
        "a login of an unknown kind",
        DEPLOY,
        [FAILED, "cannot tell whether"],
        1,
        ["failed", "unknown-login"],
    ),
    row(
        "a symbolic link",
        DEPLOY,
        [FAILED, "`auth.json` on the host is a symbolic link"],
        1,
        ["failed", "auth-is-a-link"],
    ),
    row("a symbolic link", &["deploy", "--replace-link"], [OK, "✓ copied"], 0, ["deployed", "works"]),
    row(
        "settings that ignore auth.json",
        DEPLOY,
        [FAILED, "cli_auth_credentials_store"],
        1,
        ["failed", "store-is-not-the-file"],
    ),
    row("a saved previous login", &["rollback"], [OK, "✓ restored"], 0, ["restored", ""]),
    row(
        "no saved login",
        &["rollback"],
        [FAILED, "there is no `auth.json.before`"],
        1,
        ["failed", "no-backup"],
    ),
    row(
        "a login",
        &["login"],
        [FAILED, "there is already a login on the host"],
        1,
        ["failed", "login-there"],
    ),
];

fn account(state: &str) -> Account {
    match state {
        "no login" => Account::new(),
        "no login, no codex" => {
            let account = Account::new();
            fs::remove_file(account.path("bin/codex")).unwrap();
            account
        }
        "no login, codex fails" => {
            Account::new().codex("#!/bin/sh\necho 'ERROR: 401 Unauthorized' >&2\nexit 1\n")
        }
        "the same login" | "a login" => {
            let ours = login("ann", 10);
            Account::with_login(&ours).local(Some(ours))
        }
        "an older login of the account" => Account::with_login(&login("ann", 9)),
        "a newer login of the account" => Account::with_login(&login("ann", 11)),
        "a login of another account" => Account::with_login(&login("bob", 9)),
        "a file that is not a login" => Account::with_home().file("auth.json", "{}", 0o600),
        "a login of an unknown kind" => Account::with_login(
            &json!({ "auth_mode": "of-next-year", "tokens": { "access_token": "made-up" } }),
        ),
        "a symbolic link" => {
            let account = Account::with_home().file("elsewhere", "{}", 0o600);
            symlink(account.home("elsewhere"), account.home("auth.json")).unwrap();
            account
        }
        "settings that ignore auth.json" => {
            Account::with_home().file("config.toml", "cli_auth_credentials_store = \"keyring\"", 0o600)
        }
        "a saved previous login" => Account::with_login(&login("ann", 10)).file(
            "auth.json.before",
            login("ann", 9).to_string(),
            0o600,
        ),
        "no saved login" => Account::with_login(&login("ann", 10)),
        other => panic!("{other}"),
    }
}

#[test]
fn every_row_is_what_happens() {
    for Row { state, call, word, says, status, result, more } in TABLE {
        let text = {
            let account = account(state);
            let ran = account.run(&[call, &["box"][..]].concat());
            assert_eq!(ran.status, *status, "{state}, {call:?}: {ran:?}");
            let home = account.home("").display().to_string();
            ran.stdout.replace(&format!("{home}auth"), "auth")
        };
        let says = format!("{word:<8}  box  {says}").replace("`auth.json.before`", "auth.json.before");
        assert!(text.starts_with(&says), "{state}, {call:?}: {text}");
        let host = account(state).json(call, *status);
        assert_eq!(host["result"], *result, "{state}, {call:?}: {host}");
        let shown = if *result == "failed" { &host["error"]["code"] } else { &host["proof"] };
        assert_eq!(shown.as_str().unwrap_or_default(), *more, "{state}, {call:?}: {host}");
    }
}

#[test]
fn the_document_has_the_same_rows() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/results.md");
    let document = fs::read_to_string(path).unwrap();
    let mut table = String::new();
    for Row { state, call, word, says, status, result, more } in TABLE {
        let colour = if *word == OK { "green" } else { "red" };
        let (command, says) = (call.join(" "), says.replace('`', ""));
        let code = [format!("`{result}`"), format!("`{more}`")].join(", ").replace(", ``", "");
        table.push_str(&format!(
            "| {state} | `{command}` | {word} ({colour}) | {says} | {status} | {code} |\n"
        ));
    }
    assert!(document.contains(&table), "docs/results.md has to have these rows:\n{table}");
    // One line for each value that a result can have.
    for value in
        ["deployed", "already-there", "would-be-deployed", "newer-there", "restored", "logged-in", "failed"]
    {
        assert!(document.contains(&format!("- `{value}`")), "{value}");
    }
}
