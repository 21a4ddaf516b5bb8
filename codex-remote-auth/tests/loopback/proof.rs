//! What codex on the host does with the login.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::account::{Account, CODEX, login};

fn proof(account: &Account, more: &[&str], status: i32) -> serde_json::Value {
    account.json(&[&["deploy"], more].concat(), status)
}

#[test]
fn a_login_that_codex_does_not_take_is_in_place_and_not_verified() {
    let account =
        Account::new().codex("#!/bin/sh\necho 'ERROR: 401 Unauthorized: Missing bearer' >&2\nexit 1\n");
    let host = proof(&account, &[], 1);
    assert_eq!((&host["result"], &host["proof"]), (&"deployed".into(), &"failed".into()), "{host}");
    assert_eq!(host["diagnosis"], "not-logged-in", "{host}");
    account.has_ours();
    // `codex login` does not renew an API key.
    let account = Account::new()
        .local(Some(json!({ "auth_mode": "apikey", "OPENAI_API_KEY": "sk-made-up-for-a-test" })))
        .codex(
            "#!/bin/sh\necho 'ERROR: unexpected status 401 Unauthorized: Unauthorized, url: u' >&2\nexit 1\n",
        );
    let host = proof(&account, &[], 1);
    assert_eq!(host["diagnosis"], "api-key-refused", "{host}");
    assert!(host["hints"].to_string().contains("Make a new key"), "{host}");
}

#[test]
fn a_codex_that_is_no_program_is_named_by_what_it_is() {
    for (file, words) in [
        ("", "is not a program: it is empty"),
        (
            "<!DOCTYPE html>\n<html><body>Not found</body></html>\n",
            "a text that a server sent instead of the file",
        ),
    ] {
        let account = Account::with_home().codex(file);
        let (deploy, doctor) = (account.run(&["deploy", "box"]), account.run(&["doctor", "box"]));
        for ran in [deploy, doctor] {
            assert!(ran.status == 1 && ran.stdout.contains(words), "{words}: {ran:?}");
            assert!(ran.stdout.contains("install codex: npm install"), "{ran:?}");
        }
    }
    // It works, so it is something else than it seems.
    let account = Account::new().codex(&CODEX.replace("#!/bin/sh", "MZ=1"));
    assert_eq!(proof(&account, &[], 0)["proof"], "works");
    // A shell runs a script without a first line for the system.
    let moves = CODEX.replace(
        "#!/bin/sh",
        "CODEX_HOME=$CODEX_HOME/../other\nmkdir -p $CODEX_HOME; touch $CODEX_HOME/auth.json",
    );
    let host = proof(&Account::new().codex(&moves), &[], 1);
    assert!(host["why"].as_str().unwrap().contains("is a script that sets CODEX_HOME"), "{host}");
}

#[test]
fn an_answer_without_the_header_of_a_session_proves_nothing() {
    let account = Account::new().codex("#!/bin/sh\necho auth OK\n");
    let host = proof(&account, &[], 1);
    assert_ne!(host["proof"], "works", "{host}");
    assert!(host.to_string().contains("did not print the header of a session"), "{host}");
}

#[test]
fn a_prompt_of_the_callers_own_takes_any_answer() {
    let account = Account::new().codex(&CODEX.replace("echo \"auth OK\"", "echo \"$4\""));
    assert_eq!(proof(&account, &[], 1)["diagnosis"], "other-answer");
    let host = proof(&account, &["--prompt", "it's $HOME"], 0);
    assert_eq!(host["proof"], "works", "{host}");
    assert_eq!(proof(&account, &["--no-proof"], 0)["proof"], "not-asked");
}

#[test]
fn no_codex_on_the_host_is_said() {
    let account = Account::new();
    std::fs::remove_file(account.path("bin/codex")).unwrap();
    let host = proof(&account, &[], 1);
    assert_eq!((&host["result"], &host["codex"]), (&"deployed".into(), &serde_json::Value::Null), "{host}");
    account.has_ours();
    assert_eq!(proof(&account, &["--no-proof"], 0)["result"], "already-there");
}

#[test]
fn one_clock_runs_from_the_name_to_the_end_of_the_proof() {
    let account = Account::new().codex("#!/bin/sh\nsleep 61 & wait\n");
    let began = Instant::now();
    let host = proof(&account, &["--timeout", "3"], 1);
    assert_eq!((&host["result"], &host["diagnosis"]), (&"deployed".into(), &"timed-out".into()), "{host}");
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    account.has_ours();
    // The delay comes before the script runs, so codex has less time left.
    let account = Account::new()
        .codex("#!/bin/sh\n[ \"$1\" = exec ] || exit 0\nsleep 6\n")
        .server("ForceCommand sleep 3; eval \"$SSH_ORIGINAL_COMMAND\"");
    let host = proof(&account, &["--timeout", "8"], 1);
    assert_eq!(host["diagnosis"], "timed-out", "{host}");
}

#[test]
fn without_a_proof_codex_is_asked_for_its_release() {
    let account = Account::new();
    assert_eq!(proof(&account, &["--no-proof"], 0)["codex"]["release"], "0.160.0");
    let silent = Account::new().codex("#!/bin/sh\nexit 0\n");
    let host = proof(&silent, &["--no-proof"], 0);
    assert!(host["codex"]["release"].is_null() && host["codex"]["path"].is_string(), "{host}");
}

#[test]
fn a_login_that_another_one_replaces_during_the_call_is_not_verified() {
    let switches =
        CODEX.replace("id=0198", "cp \"$CODEX_HOME/next.json\" \"$CODEX_HOME/auth.json\"\nid=0198");
    let with = |next: &serde_json::Value| {
        Account::with_home().file("next.json", next.to_string(), 0o600).codex(&switches)
    };
    // As a script that switches between accounts does it.
    let account = with(&login("bob", 11));
    let host = proof(&account, &[], 1);
    assert_eq!(host["proof"], "not-this-login", "{host}");
    assert!(host["why"].as_str().unwrap().contains("auth.json is not this login"), "{host}");
    let live = account.local(Some(login("bob", 11)));
    live.deploys(&[]);
    let next = live.home("next.json");
    std::fs::write(next, login("ann", 12).to_string()).unwrap();
    let host = live.json(&["doctor", "--live"], 1);
    assert!(host.to_string().contains("auth.json is not this login"), "{host}");
    // Codex itself renews a login, and then it is a later state of the same one.
    assert_eq!(proof(&with(&login("ann", 11)), &[], 0)["proof"], "works");
    assert_eq!(proof(&with(&login("ann", 9)), &[], 1)["proof"], "not-this-login");
}

#[test]
fn a_login_that_was_not_moved_is_not_called_copied() {
    let account = Account::with_login(&login("ann", 9)).program("mv", "#!/bin/sh\necho moved\n");
    account.refuses(&["deploy"], "cannot-replace");
}
