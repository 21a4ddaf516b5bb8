//! Many hosts, and which of them are tried again.

use std::fs;

use serde_json::Value;

use crate::account::Account;

fn hosts(ran: &crate::account::Ran) -> Vec<(String, String)> {
    let all: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    all["hosts"].as_array().unwrap().iter().map(|host| (text(&host["host"]), text(&host["result"]))).collect()
}

#[test]
fn hosts_are_done_once_each_and_those_that_failed_are_kept_for_the_next_call() {
    let account = Account::new();
    fs::write(account.path("hosts"), "# ours\n\ndead\n  box  # twice\nbox\n").unwrap();
    let call =
        ["deploy", "--hosts-file", "hosts", "--retry-failed", "failed", "--jobs", "1", "--format", "json"];
    let ran = account.run(&call);
    assert_eq!(ran.status, 1, "{ran:?}");
    let pair = |host: &str, result: &str| (host.to_owned(), result.to_owned());
    assert_eq!(hosts(&ran), [pair("dead", "failed"), pair("box", "deployed")]);
    assert_eq!(fs::read_to_string(account.path("failed")).unwrap().trim(), "dead");
    let again = account.run(&["deploy", "--retry-failed", "failed", "--format", "json"]);
    assert_eq!(hosts(&again), [pair("dead", "failed")]);
    let known = fs::read_to_string(account.path("ssh_config")).unwrap();
    assert!(known.contains("Host dead"));
    // A host that succeeded is removed from the file, and the next call has nothing to do.
    fs::write(account.path("failed"), "box\n").unwrap();
    assert_eq!(account.run(&["deploy", "--retry-failed", "failed"]).status, 0);
    let empty = account.run(&["deploy", "--retry-failed", "failed"]);
    assert!(empty.status == 2 && empty.stderr.contains("no host failed"), "{empty:?}");
}

#[test]
fn people_read_how_many_are_done() {
    let account = Account::new();
    let ran = account.run(&["deploy", "box", "dead", "--jobs", "2"]);
    assert!(ran.stdout.contains("2 hosts: 1 done, 1 failed"), "{ran:?}");
    assert!(ran.stdout.contains("FAILED    dead  "), "{ran:?}");
}

#[test]
fn a_wrong_call_ends_before_anything_starts() {
    let account = Account::new();
    for (call, says) in [
        (&["deploy"][..], "no hosts given"),
        (&["deploy", "--hosts-file", "missing"], "missing"),
        (&["deploy", "box", "--jobs", "0"], "jobs"),
        (&["deploy", "box", "--timeout", "0"], "timeout"),
        (&["deploy", "box", "--force=anything"], "the guards are"),
        (&["deploy", "box", "--hosts-file", "failed", "--retry-failed", "failed"], "same file"),
    ] {
        fs::write(account.path("failed"), "box\n").unwrap();
        let ran = account.run(call);
        assert!(ran.status == 2 && ran.stderr.contains(says), "{call:?}: {ran:?}");
        assert!(!account.home("").exists(), "{call:?}");
    }
}

#[test]
fn hosts_come_by_the_standard_input() {
    let account = Account::new();
    let ran = account.run_with_input(&["deploy", "--hosts-file", "-"], b"box\n");
    assert_eq!(ran.status, 0, "{ran:?}");
    account.has_ours();
    let both = account.run_with_input(&["deploy", "--hosts-file", "-", "--auth", "-"], b"box\n");
    assert!(both.status == 2 && both.stderr.contains("standard input"), "{both:?}");
}

#[test]
fn a_host_key_that_is_not_known_or_another_is_not_trusted() {
    let account = Account::new();
    account.run(&["deploy", "box", "--dry-run"]);
    for (known, code) in [
        (String::new(), "ssh-host-key-unknown"),
        (
            fs::read_to_string(account.path("known_hosts")).unwrap().replacen("box ", "@revoked box ", 1),
            "ssh-host-key-revoked",
        ),
    ] {
        fs::write(account.path("others"), known).unwrap();
        let host = account
            .json(&["deploy", "-o", &format!("UserKnownHostsFile={}", account.path("others").display())], 1);
        assert_eq!(host["error"]["code"], code, "{host}");
        assert!(!account.home("").exists());
    }
    let file = account.path("fresh").display().to_string();
    let accept = ["-o", "StrictHostKeyChecking=accept-new", "-o", &format!("UserKnownHostsFile={file}")];
    account.json(&[&["deploy"], &accept[..]].concat(), 0);
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 1);
    account.json(&["deploy", "-o", &format!("UserKnownHostsFile={file}")], 0);
}
