//! What came of the call that proves a login: each way in which codex may end, and what a person is told to do.

use crate::Case;
use crate::rig::{Person, Rig, has};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        it_was_not_asked_for,
        each_failure_is_told_with_what_to_do,
        an_answer_without_a_session_is_no_proof,
        a_codex_without_its_interpreter,
        a_codex_that_may_not_be_interpreted,
        a_codex_that_hangs,
    ]
}

/// The word for a program and whatever else is told, of a deploy that brought the login all the same.
fn fails(person: &Person<'_>, more: &[&str], diagnosis: &str, words: &[&str]) {
    let call = [&["deploy", "box0"], more].concat();
    let (stdout, _) = person.ends(&call, 1);
    assert!(stdout.starts_with("FAILED    box0  "), "{stdout}");
    has(&stdout, &[&format!("the proof failed ({diagnosis}): codex said: "), "next: "]);
    has(&stdout, words);
    let host = person.json(&call, 1);
    assert_eq!((&host["proof"], &host["diagnosis"]), (&"failed".into(), &diagnosis.into()), "{host}");
    match host["lesson"].as_str() {
        Some(lesson) => has(&stdout, &[&format!("lesson {lesson}: ")]),
        None => assert!(!stdout.contains("\n          lesson "), "{stdout}"),
    }
    assert_eq!(person.remote_digest(0), person.login.bytes().sha256());
}

/// A person whose codex on the host is this, where installers put it.
fn with_codex<'r>(rig: &'r Rig, text: &str) -> Person<'r> {
    let person = rig.person_whose(1, false);
    puts_codex(&person, text);
    person
}

fn puts_codex(person: &Person<'_>, text: &str) {
    person.there(&format!(
        "mkdir -p bin; cat >bin/codex <<'END'\n{text}\nEND\nchmod 755 bin/codex; echo 'PATH=$HOME/bin:$PATH' >.bashrc"
    ));
}

fn it_was_not_asked_for(rig: &Rig) {
    let person = rig.person(1);
    let (stdout, _) = person.ends(&["deploy", "--no-proof", "box0"], 0);
    has(&stdout, &["not proven: that was not asked for"]);
    assert_eq!(person.json(&["deploy", "--no-proof", "box0"], 0)["proof"], "not asked");
}

fn each_failure_is_told_with_what_to_do(rig: &Rig) {
    let person = with_codex(rig, "");
    // What releases of codex print, in one line each.
    for (status, said, diagnosis, advice) in [
        (1, "Error: 401 Unauthorized", "unauthorized", "run codex login here and deploy again"),
        (1, "401 Unauthorized: Missing bearer or basic authentication", "not-logged-in", "no leading dot"),
        (1, "Your refresh token was already used.", "refresh-token-used", "a login of its own"),
        (1, "Your refresh token has expired.", "refresh-token-expired", "run codex login here"),
        (1, "EOF while parsing a string at line 1", "auth-file-broken", "deploy again"),
        (1, "ChatGPT is required. Logging out.", "logged-out", "forced_login_method"),
        (1, "Error: CODEX_HOME points to \"/x\"", "codex-home-missing", "CODEX_HOME names"),
        (1, "Error: config profile `x` not found", "profile-not-found", "-p selects a profile"),
        (2, "error: invalid --profile value `x`", "profile-name-invalid", "-p selects a profile"),
        (1, "config contains legacy `profile = x`", "profile-legacy", "NAME.config.toml"),
        (1, "Not inside a trusted directory", "not-trusted", "--skip-git-repo-check"),
        (1, "Error: stdin is not a terminal", "no-terminal", "use codex exec"),
        (3, "something new", "unknown", "read what codex said"),
    ] {
        puts_codex(&person, &format!("#!/bin/sh\necho '{said}' >&2\nexit {status}"));
        fails(&person, &[], diagnosis, &[&format!("codex said: {said}\n"), advice]);
    }
}

fn an_answer_without_a_session_is_no_proof(rig: &Rig) {
    // The answer itself, the help, and a word of the prompt: none of them used the login.
    for text in ["echo auth OK", "printf '%s\\n' \"$4\"", "echo 'Usage: codex exec'"] {
        let person = with_codex(rig, &format!("#!/bin/sh\n{text}\n"));
        let call = ["deploy", "box0"];
        let (stdout, _) = person.ends(&call, 1);
        has(&stdout, &["FAILED", "codex answered, but did not use this login", "header of a session"]);
        assert!(!stdout.contains("verified"), "{stdout}");
        assert_eq!(person.json(&call, 1)["proof"], "not this login");
        assert_eq!(person.remote_digest(0), person.login.bytes().sha256());
    }
}

fn a_codex_without_its_interpreter(rig: &Rig) {
    let person = with_codex(rig, "#!/usr/bin/env node\n");
    fails(&person, &[], "command-not-found", &["node", "is not on the PATH of a plain command"]);
}

fn a_codex_that_may_not_be_interpreted(rig: &Rig) {
    let person = with_codex(rig, "#!/etc/passwd\n");
    fails(&person, &[], "not-executable", &["ermission denied", "chmod +x"]);
}

fn a_codex_that_hangs(rig: &Rig) {
    let person = with_codex(rig, "#!/bin/sh\necho waiting >&2\nexec sleep 300");
    fails(
        &person,
        &["--timeout", "5"],
        "timed-out",
        &["codex said: waiting", "its input was closed", "network there"],
    );
    tests::running::nothing(rig.container(), &person.accounts[0], false);
}
