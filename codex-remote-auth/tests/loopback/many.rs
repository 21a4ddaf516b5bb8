//! Many hosts, and which of them are tried again.

use std::fs;

use serde_json::{Value, json};

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
    // The command that is printed retries them.
    let hint = again.stderr.lines().skip_while(|line| !line.ends_with("hint: to retry them:")).nth(1);
    let pasted = account.shell(&format!("{} --format json", hint.unwrap().trim()), false);
    assert_eq!(hosts(&pasted), [pair("dead", "failed")], "{again:?}");
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
    assert!(ran.stdout.contains("2 hosts: 1 copied and verified, 1 not reached"), "{ran:?}");
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
        (&["deploy", "box", "--force=anything"], "possible values: "),
        (&["deploy", "box", "--force=newer-logn"], "a similar value exists: 'newer-login'"),
        (&["deploy", "box", "--format=jsn"], "'json'"),
        (&["deplyo", "box"], "'deploy'"),
        (&["deploy", "box", "--dry-rn"], "'--dry-run'"),
        (&["deploy", "box", "user@"], "`user@` is not a valid host"),
        (&["deploy", "host:abc"], "the port must be a number from 1 to 65535"),
        (&["deploy", ""], "`` is not a valid host"),
        (&["rollback", "box:0"], "`box:0` is not a valid host"),
        (&["login", "user@"], "`user@` is not a valid host"),
        (&["deploy", "box", "-p", "0"], "a port is a number from 1 to 65535"),
        (&["deploy", "box", "-p", "99999"], "a port is a number from 1 to 65535"),
        (&["deploy", "box", "-o", "Foo=bar"], "-o Foo=bar"),
        (&["doctor", "box", "-o", "BatchMode"], "NAME=VALUE"),
        (&["login", "box", "-o", "Port=many"], "-o Port=many"),
        (&["deploy", "box", "-l", "a;b"], "`a;b` is not a valid user name"),
        (&["deploy", "box", "-J", "a b"], "`a b` is not a valid host"),
        (&["deploy", "box", "--hosts-file", "failed", "--retry-failed", "failed"], "same file"),
    ] {
        fs::write(account.path("failed"), "box\n").unwrap();
        let ran = account.run(call);
        assert!(ran.status == 2 && ran.stderr.contains(says), "{call:?}: {ran:?}");
        assert!(!account.home("").exists() && ran.stdout.is_empty(), "{call:?}: {ran:?}");
        assert!(!ran.stderr.contains("note:") && !ran.stderr.contains("os error"), "{call:?}: {ran:?}");
        assert_eq!(fs::read_to_string(account.path("failed")).unwrap(), "box\n", "{call:?}");
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

#[test]
fn events_are_lines_of_json_as_hosts_begin_and_end() {
    let account = Account::new();
    let ran = account.run(&["deploy", "--format", "jsonl", "--jobs", "1", "dead", "box"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    let events: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["began", "ended", "began", "ended", "summary"]);
    assert!(events.iter().all(|event| event["version"] == 2), "{events:?}");
    let hosts: Vec<&str> = events[..4].iter().map(|event| event["host"].as_str().unwrap()).collect();
    assert_eq!(hosts, ["dead", "dead", "box", "box"]);
    let object: Value =
        serde_json::from_str(&account.run(&["deploy", "--format", "json", "dead"]).stdout).unwrap();
    // A host that ended is the same object as in `--format json`.
    assert_eq!(events[1]["error"], object["hosts"][0]["error"]);
    assert_eq!(events[3]["proof"], "works");
    let summary =
        json!({ "version": 2, "event": "summary", "hosts": 2, "done": 1, "failed": 1, "not_started": 0 });
    assert_eq!(events[4], summary);
}

#[test]
fn events_are_shown_while_other_hosts_are_in_progress() {
    let account = Account::new().server("ForceCommand sleep 3; exit 1");
    let ran = account.run(&["doctor", "--format", "jsonl", "--jobs", "2", "box", "dead"]);
    let events: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let at = |kind: &str, host: &str| {
        events.iter().position(|event| event["event"] == kind && event["host"] == host).unwrap()
    };
    assert!(
        at("began", "box") < at("ended", "dead") && at("ended", "dead") < at("ended", "box"),
        "{events:?}"
    );
}

#[test]
fn what_is_not_supported_of_the_configuration_is_in_the_json_of_every_command() {
    let account = Account::new();
    for command in ["deploy", "rollback", "doctor", "login"] {
        let ran = account.run(&[command, "--format", "json", "-o", "VerifyHostKeyDNS=yes", "box"]);
        let host = ran.host();
        assert!(host["warnings"].to_string().contains("VerifyHostKeyDNS"), "{command}: {ran:?}");
    }
}

#[test]
fn a_line_that_is_not_a_host_is_a_wrong_call_and_nothing_is_started() {
    let account = Account::new();
    fs::write(account.path("hosts.txt"), "box\n# none\n@box\n").unwrap();
    for files in [["--hosts-file", "hosts.txt"], ["--retry-failed", "hosts.txt"]] {
        let ran = account.run(&[&["deploy"], &files[..]].concat());
        assert!(ran.status == 2 && ran.stdout.is_empty(), "{ran:?}");
        assert!(ran.stderr.starts_with("error: hosts.txt:3: `@box` is not a valid host: "), "{ran:?}");
        assert!(ran.stderr.contains("\n  hint: "), "{ran:?}");
    }
    assert!(!account.home("").exists());
}
