//! The result of the call that proves a login: each way in which codex may end, and what the person is told to do.

use std::time::{Duration, Instant};

use tests::Rig;
use tests::home::has;
use tests::person::Person;
use tests::running::within;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        it_was_not_asked_for,
        each_failure_is_told_with_what_to_do,
        the_line_of_a_setting_is_named,
        an_answer_without_a_session_is_no_proof,
        a_secret_that_codex_prints_is_not_shown,
        standard_error_that_an_rc_file_sends_elsewhere,
        a_codex_without_its_interpreter,
        a_codex_that_may_not_be_interpreted,
        a_codex_that_hangs,
        what_the_login_shell_itself_started_runs_on,
        a_codex_that_is_stopped_without_setsid,
        a_child_that_is_left_behind_is_not_waited_for,
        a_codex_that_reads_its_input_meets_its_end,
        a_prompt_with_every_special_character_arrives_as_one_word,
    ]
}

/// Checks that a deploy brings the login, but its proof fails with this diagnosis and these words.
fn fails(person: &Person<'_>, more: &[&str], diagnosis: &str, words: &[&str]) {
    let call = [&["deploy", "box0"], more].concat();
    let (stdout, _) = person.ends(&call, 1);
    assert!(stdout.starts_with("unproven  box0  "), "{stdout}");
    has(&stdout, &[&format!("not verified ({diagnosis}): codex said: "), "hint: "]);
    has(&stdout, words);
    let host = person.json(&call, 1);
    assert_eq!((&host["proof"], &host["diagnosis"]), (&"failed".into(), &diagnosis.into()), "{host}");
    match host["lesson"].as_str() {
        Some(lesson) => has(&stdout, &[&format!("lesson {lesson}: ")]),
        None => assert!(!stdout.contains("\n          lesson "), "{stdout}"),
    }
    assert!(person.has_it());
}

/// Replaces the codex that [`AccountBuilder::codex`](tests::account::AccountBuilder::codex) created.
fn puts_codex(person: &Person<'_>, text: &str) {
    person.there(&format!("cat >bin/codex <<'END'\n{text}\nEND"));
}

/// A person whose host has this codex. The text starts with a `#!` line.
fn with_codex<'r>(rig: &'r Rig, text: &str) -> Person<'r> {
    let person = rig.account().codex("").file(".bashrc", "PATH=$HOME/bin:$PATH\n").person();
    puts_codex(&person, text);
    person
}

/// What codex prints before its answer, when it has started a session, and the record that it leaves of it.
const HEADER: &str = "[ \"$1\" = exec ] && { \n\
    of=${CODEX_HOME:-$HOME/.codex}/sessions/2026/01/02; mkdir -p $of; : >$of/rollout-0198c0de-0000-7000-8000-000000000000.jsonl\n\
    printf '%s\\n' 'OpenAI Codex v9.9.9 (made up)' -------- 'workdir: /' 'provider: openai' \\\n\
      'session id: 0198c0de-0000-7000-8000-000000000000' -------- >&2; }\n";

/// Deploys, and checks that codex answered.
fn works(person: &Person<'_>, more: &[&str]) {
    let (stdout, _) = person.ends(&[&["deploy", "box0"], more].concat(), 0);
    has(&stdout, &["verified: "]);
}

fn it_was_not_asked_for(rig: &Rig) {
    let person = rig.person(1);
    let (stdout, _) = person.ends(&["deploy", "--no-proof", "box0"], 0);
    has(&stdout, &["not verified (--no-proof)"]);
    assert_eq!(person.json(&["deploy", "--no-proof", "box0"], 0)["proof"], "not-asked");
}

fn each_failure_is_told_with_what_to_do(rig: &Rig) {
    let person = with_codex(rig, "");
    // Lines that releases of codex print.
    for (status, said, diagnosis, advice) in [
        (
            1,
            "ERROR: unexpected status 401 Unauthorized: no",
            "unauthorized",
            "then deploy again: codex-remote-auth deploy ",
        ),
        (
            1,
            "401 Unauthorized: Missing bearer or basic authentication",
            "not-logged-in",
            "did not read the auth.json that this program copied",
        ),
        (1, "Your refresh token was already used.", "refresh-token-used", "a login of its own"),
        (
            1,
            "Your access token could not be refreshed because your refresh token has expired. Please log out and sign in again.",
            "refresh-token-expired",
            "log in on this machine: codex login",
        ),
        (1, "EOF while parsing a string at line 1", "auth-file-broken", "its release is too old"),
        (
            1,
            "API key login is required, but ChatGPT is currently being used. Logging out.",
            "logged-out",
            "forced_login_method",
        ),
        (
            1,
            "Error: CODEX_HOME points to \"/x\", but that path does not exist",
            "codex-home-missing",
            "see which CODEX_HOME",
        ),
        (1, "Error: config profile `x` not found", "profile-not-found", "a script that changes the call"),
        (2, "error: invalid --profile value `x`", "profile-name-invalid", "a script that changes the call"),
        (1, "config contains legacy `profile = x`", "profile-legacy", "NAME.config.toml"),
        (
            1,
            "Error: legacy `profile = \"x\"` config is no longer supported; use `--profile x` with `x.config.toml` instead",
            "profile-legacy",
            "NAME.config.toml",
        ),
        (1, "Not inside a trusted directory", "not-trusted", "a script that changes the call"),
        (1, "Error: stdin is not a terminal", "no-terminal", "a script that changes the call"),
        (
            1,
            "ERROR: You have hit your usage limit. The usage limit has been reached",
            "usage-limit",
            "Wait until the time that the message names",
        ),
        (
            1,
            "ERROR: unexpected status 401 Unauthorized: Workspace is not authorized in this region., url: https://a.invalid",
            "region-not-allowed",
            "admin to allow the region",
        ),
        (3, "something new", "unknown", "read what codex said"),
    ] {
        puts_codex(&person, &format!("#!/bin/sh\ncat >&2 <<'SAID'\n{said}\nSAID\nexit {status}"));
        fails(&person, &[], diagnosis, &[&format!("codex said: {said}\n"), advice]);
    }
    // The answer does not count if codex was ended by a signal.
    puts_codex(&person, "#!/bin/sh\necho auth OK; kill -SEGV $$");
    fails(&person, &[], "unknown", &[]);
}

fn the_line_of_a_setting_is_named(rig: &Rig) {
    let said = "Error: legacy `profile = \"x\"` config is no longer supported; use `--profile x`";
    let person = with_codex(rig, &format!("#!/bin/sh\ncat >&2 <<'SAID'\n{said}\nSAID\nexit 1"));
    person.there("mkdir -p .codex; printf '\\nprofile = \"x\"\\n' >.codex/config.toml");
    let place = "/.codex/config.toml:2 selects a profile, which codex 0.134 and later refuse";
    fails(&person, &[], "profile-legacy", &[place, "remove the line "]);
    let person = with_codex(rig, &format!("#!/bin/sh\n{HEADER}echo auth OK"));
    person.there("mkdir -p .codex; echo 'cli_auth_credentials_store = \"auto\"' >.codex/config.toml");
    let (stdout, _) = person.ends(&["deploy", "box0"], 1);
    has(&stdout, &["may have used a login of the keyring (", "/.codex/config.toml:1)"]);
}

fn an_answer_without_a_session_is_no_proof(rig: &Rig) {
    // The same words as the answer, the help, and a word of the prompt: none of these used the login.
    for text in ["echo auth OK", "printf '%s\\n' \"$4\"", "echo 'Usage: codex exec'"] {
        let person = with_codex(rig, &format!("#!/bin/sh\n{text}\n"));
        let call = ["deploy", "box0"];
        let (stdout, _) = person.ends(&call, 1);
        assert!(stdout.starts_with("unproven  box0  + copied to "), "{stdout}");
        let words = "x not verified: codex answered, but nothing shows that it used this login";
        has(&stdout, &[words, "header of a session"]);
        assert!(!stdout.contains("+ verified"), "{stdout}");
        assert_eq!(person.json(&call, 1)["proof"], "not-this-login");
        assert!(person.has_it());
    }
}

/// A wrapper that traces its commands, or a server that repeats a key, prints what codex itself masks.
fn a_secret_that_codex_prints_is_not_shown(rig: &Rig) {
    let person = with_codex(rig, "");
    let login: serde_json::Value = serde_json::from_slice(person.login.bytes().expose()).unwrap();
    for name in ["access_token", "id_token", "refresh_token"] {
        let print = format!(
            "sed -n 's/.*\"{name}\": *\"\\([^\"]*\\)\".*/ERROR: bad token \\1 of a login/p' .codex/auth.json"
        );
        puts_codex(&person, &format!("#!/bin/sh\n{print} >&2; exit 1"));
        let secret = login["tokens"][name].as_str().unwrap();
        for verb in
            [["deploy", "box0"].as_slice(), &["deploy", "--format", "json", "box0"], &["doctor", "box0"]]
        {
            let (_, stdout, stderr) = person.says(verb);
            assert!(!format!("{stdout}{stderr}").contains(&secret[..12]), "{verb:?}: {name} is shown");
            if !verb.contains(&"json") {
                has(&stdout, &["ERROR: bad token \u{2026} of a login"]);
            }
        }
    }
}

/// An rc file may record a session: `exec > >(tee log) 2>&1`.
fn standard_error_that_an_rc_file_sends_elsewhere(rig: &Rig) {
    let codex = format!("{HEADER}echo auth OK");
    for rc in ["exec 2>&1", "exec > >(tee -a $HOME/session.log) 2>&1"] {
        works(
            &rig.account().codex(&codex).file(".bashrc", &format!("{rc}\nPATH=$HOME/bin:$PATH\n")).person(),
            &[],
        );
    }
    let person =
        rig.account().codex(&codex).file(".bashrc", "exec 2>$HOME/log\nPATH=$HOME/bin:$PATH\n").person();
    let (stdout, _) = person.ends(&["deploy", "box0"], 1);
    has(&stdout, &["an rc file of the account sends standard error elsewhere"]);
}

fn a_codex_without_its_interpreter(rig: &Rig) {
    let person = with_codex(rig, "#!/usr/bin/env node\n");
    fails(&person, &[], "node-missing", &["node", "Put the folder of node on the PATH of every command"]);
    // The shell says only that the file does not exist.
    puts_codex(&person, "#!/opt/no/zsh -e\necho auth OK");
    fails(
        &person,
        &[],
        "not-executable",
        &["/bin/codex:1 asks for /opt/no/zsh, which is not on the host", "hint: install /opt/no/zsh"],
    );
    puts_codex(&person, "#!/bin/sh\r\necho auth OK\r");
    fails(
        &person,
        &[],
        "codex-line-ends",
        &["/bin/codex:1 ends with a carriage return", "remove the carriage returns on the host: sed -i "],
    );
}

fn a_codex_that_may_not_be_interpreted(rig: &Rig) {
    let person = with_codex(rig, "#!/etc/passwd\n");
    fails(&person, &[], "not-executable", &["ermission denied", "chmod +x"]);
    let npm = "Error: Missing optional dependency @openai/codex-linux-x64. Reinstall Codex";
    let person =
        with_codex(rig, &format!("#!/bin/sh\nprintf '%s\\n' '{npm}' '' 'Node.js v22.1.0' >&2\nexit 1\n"));
    fails(
        &person,
        &[],
        "npm-no-platform",
        &[&format!("codex said: {npm}\n"), "Install it again on the host"],
    );
}

fn a_codex_that_hangs(rig: &Rig) {
    let person = with_codex(rig, "#!/bin/sh\necho waiting >&2\nexec sleep 300");
    fails(
        &person,
        &["--timeout", "5"],
        "timed-out",
        &["codex said: waiting", "its input was closed", "network of the host"],
    );
    person.account().nothing_runs();
}

/// The codex that hangs is stopped, but not what the account's rc file started.
fn what_the_login_shell_itself_started_runs_on(rig: &Rig) {
    let rc = "sleep 295 </dev/null >/dev/null 2>&1 &\n";
    let person = rig.account().codex("sleep 300 & sleep 301").file(".bashrc", rc).person();
    fails(&person, &["--timeout", "5"], "timed-out", &[]);
    let only_that = || {
        let running = person.account().processes();
        !running.is_empty() && running.iter().all(|line| line == "sleep 295 ")
    };
    assert!(within(Duration::from_secs(5), only_that), "{:?}", person.account().processes());
}

fn a_codex_that_is_stopped_without_setsid(rig: &Rig) {
    let deaf = "trap '' TERM HUP INT\nwhile :; do sleep 1; done";
    let person = rig.account().codex(deaf).file(".bashrc", "PATH=$HOME/tools\n").person();
    person.tools_without(&["setsid"]);
    fails(&person, &["--timeout", "5"], "timed-out", &[]);
    person.account().nothing_runs();
}

/// What codex leaves running on purpose is not stopped, even if it keeps the outputs open.
fn a_child_that_is_left_behind_is_not_waited_for(rig: &Rig) {
    let person = rig.account().codex(&format!("{HEADER}sleep 12 & echo auth OK")).person();
    let began = Instant::now();
    works(&person, &[]);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

fn a_codex_that_reads_its_input_meets_its_end(rig: &Rig) {
    let person = rig.account().codex(&format!("{HEADER}[ \"$(wc -c)\" -eq 0 ] && echo auth OK")).person();
    works(&person, &["--timeout", "20"]);
}

fn a_prompt_with_every_special_character_arrives_as_one_word(rig: &Rig) {
    let prompt =
        "it's \"all\" $HOME `here` \\n %s !! ~ * ? [a] {b} <c> | & ; # (d) =e \u{e9}\u{4e16}\nand a line";
    for shell in ["/bin/bash", "/bin/zsh", "/bin/tcsh", "/bin/mksh"] {
        let codex = format!("{HEADER}[ $# = 4 ] && [ \"$3\" = -- ] && printf '%s' \"$4\" | tee ~/prompt");
        let person = rig.account().shell(shell).codex(&codex).person();
        works(&person, &["--prompt", prompt]);
        assert_eq!(person.account().root("cat prompt"), prompt, "{shell}");
    }
}
