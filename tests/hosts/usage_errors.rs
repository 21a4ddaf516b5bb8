//! Wrong calls: each is rejected with the reason, before anything is sent anywhere.

use predicates::prelude::*;
use predicates::str::contains;
use tests::Rig;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        no_host_is_named,
        a_hosts_file_that_is_not_there,
        two_things_from_the_standard_input,
        no_login_is_here,
        what_is_no_login_is_not_sent,
        no_api_key_is_given,
        a_key_and_a_file_are_two_logins,
    ]
}

fn no_host_is_named(rig: &Rig) {
    let person = rig.person(1);
    let wrong = person.runs(&["deploy"]).assert().code(2);
    wrong.stderr(contains("no hosts given").and(contains("--hosts-file")));
    let nobody_failed = person.write("failed", b"");
    let wrong = person.runs(&["deploy", "--retry-failed"]).arg(&nobody_failed).assert().code(2);
    wrong.stderr(contains("no host failed"));
}

fn a_hosts_file_that_is_not_there(rig: &Rig) {
    let person = rig.person(1);
    let wrong = person.runs(&["deploy", "--hosts-file", "/nowhere/hosts"]).assert().code(2);
    wrong.stderr(contains("/nowhere/hosts: the hosts cannot be read"));
}

fn two_things_from_the_standard_input(rig: &Rig) {
    let person = rig.person(1);
    for login in [["--auth", "-"].as_slice(), &["--api-key"]] {
        let wrong = person.runs(&["deploy", "--hosts-file", "-"]).args(login).assert().code(2);
        wrong.stderr(contains("cannot both come by the standard input"));
    }
}

fn no_login_is_here(rig: &Rig) {
    let person = rig.person(1);
    std::fs::remove_file(person.path(".codex/auth.json")).unwrap();
    let wrong = person.runs(&["deploy", "box0"]).assert().code(2);
    wrong.stderr(
        contains(".codex/auth.json does not exist")
            .and(contains("codex login"))
            .and(contains("nothing was sent")),
    );
    let wrong = person.runs(&["deploy", "box0"]).env("CODEX_HOME", "/elsewhere").assert().code(2);
    wrong.stderr(contains("/elsewhere/auth.json does not exist"));
}

fn what_is_no_login_is_not_sent(rig: &Rig) {
    let person = rig.person(1);
    let half = &person.login.bytes().expose()[..200];
    let half = person.write("half.json", half);
    let (status, stdout, stderr) = person.says(&["deploy", "box0", "--auth", half.to_str().unwrap()]);
    assert_eq!(status, 2, "{stdout}{stderr}");
    assert!(stderr.contains("is not JSON") && stderr.contains("nothing was sent"), "{stderr}");
    assert_eq!(person.remote_digest(0), "");
}

fn no_api_key_is_given(rig: &Rig) {
    let person = rig.person(1);
    for nothing in ["", "\n", "two words"] {
        let mut command = person.runs(&["deploy", "box0", "--api-key"]);
        let wrong = command.write_stdin(nothing).assert().code(2);
        wrong.stderr(contains("API key is empty, or has white space"));
    }
}

fn a_key_and_a_file_are_two_logins(rig: &Rig) {
    let person = rig.person(1);
    person.runs(&["deploy", "box0", "--api-key", "--auth", "x"]).assert().code(2).stderr(contains("--auth"));
}
