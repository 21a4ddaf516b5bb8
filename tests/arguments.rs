//! No program that a host starts for a deploy, a doctor, a login or a rollback has a secret among its arguments or in its
//! environment. Every program is seen: the kernel says what it was asked to execute.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "hosts/rig.rs"]
#[allow(dead_code, reason = "other test programs use the rest")]
mod rig;

use std::time::Duration;

use codex_remote_auth::auth_json::Secret;
use codex_remote_auth::ssh::{Deadline, End, Stdin};
use harness::cloud::Knowledge;
use harness::target::AccountSpec;
use rig::{Person, Rig};
use tests::trace::Trace;

/// The made-up cloud in the container.
const ISSUER: &str = "http://127.0.0.1:8790";

/// Has the cloud give out logins whose tokens carry a canary that the leak scanner knows.
fn gives_out_logins(rig: &Rig) {
    let canary = format!("login{:020}{:015}", getrandom::u64().unwrap(), std::process::id());
    rig.leak_scanner().plant_canary(Secret::new(canary.as_bytes()));
    let knowledge = Knowledge { canary: Some(canary), ..Knowledge::default() };
    let spec = AccountSpec { shell: "/bin/bash".to_owned(), codex_on_path: true, files: Vec::new() };
    rig.container().create(&[(rig.container().reserve(), spec)], &knowledge).unwrap();
}

/// Runs a command as the first account.
fn runs(person: &Person<'_>, command: &str) {
    let within = Duration::from_secs(20);
    let session = person.rig.container().session(&person.accounts[0], within).unwrap();
    let output = session.run(command, Stdin::Closed, Deadline::after(within)).unwrap();
    assert_eq!(output.end, End::Exit(0), "{command}");
}

#[test]
fn no_program_on_a_host_is_given_a_secret() {
    let rig = Rig::default();
    gives_out_logins(&rig);
    let person = rig.person(2);
    let trace = Trace::begin(rig.container());
    person.ends(&["deploy", "box0"], 0);
    // Over another login, of which a copy is kept.
    let newer = rig.login(Duration::from_secs(60));
    person.write(".codex/auth.json", newer.bytes().expose());
    person.ends(&["deploy", "--no-proof", "--backup", "box0"], 0);
    person.ends(&["deploy", "--dry-run", "box0"], 0);
    person.ends(&["rollback", "box0"], 0);
    person.says(&["doctor", "box0"]);
    person.says(&["doctor", "--live", "box0"]);
    person.ends(&["login", "box1", "--issuer", ISSUER], 0);
    runs(&person, "true the-end-of-the-trace");
    let seen = trace.end("\"login\", \"--device-auth\"");
    assert_eq!(rig.leak_scanner().look(&seen), None, "a program was given a secret");
    assert_eq!(rig.end(), [""; 0]);
}

#[test]
fn a_program_that_is_given_a_secret_is_seen() {
    let rig = Rig::default();
    let person = rig.person(1);
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    for leak in [
        "sh -c : leak \"$(cat ~/.codex/auth.json)\"",
        "LEAK=$(cat ~/.codex/auth.json) sh -c :",
        "sh -c : leak \"$(base64 -w 0 ~/.codex/auth.json)\"",
    ] {
        let trace = Trace::begin(rig.container());
        runs(&person, &format!("{leak}; sh -c : this-is-the-mark"));
        assert!(rig.leak_scanner().look(&trace.end("this-is-the-mark")).is_some(), "{leak}");
    }
    rig.end();
}
