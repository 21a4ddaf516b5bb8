//! No program that a host starts for a deploy, a doctor, a login or a rollback has a secret in its arguments or its
//! environment. No program is missed, since the kernel reports each one that it executes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use codex_remote_auth::ssh::{Deadline, End, Stdin};
use tests::Rig;
use tests::person::Person;
use tests::trace::Trace;

/// The address of the fake cloud in the container.
const ISSUER: &str = "http://127.0.0.1:8790";

/// Runs a command as the first account.
fn runs(person: &Person<'_>, command: &str) {
    let deadline = Deadline::after(Duration::from_secs(20));
    let output = person.account().session().run(command, Stdin::Closed, deadline).unwrap();
    assert_eq!(output.end, End::Exit(0), "{command}");
}

#[test]
fn no_program_on_a_host_is_given_a_secret() {
    let rig = Rig::alone();
    let person = rig.person(2);
    let trace = Trace::begin(rig.container());
    person.ends(&["deploy", "box0"], 0);
    // This replaces another login, which is kept as a copy.
    person.renews(Duration::from_secs(60));
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
    let rig = Rig::alone();
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
