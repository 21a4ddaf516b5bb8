//! `deploy` and `rollback`, from their arguments to what is there afterwards.

use std::time::Duration;

use serde_json::Value;

use crate::Case;
use crate::rig::{Person, Rig};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_login_is_brought_and_proven,
        a_second_time_nothing_is_written,
        what_would_be_done_is_said,
        a_backup_comes_back,
        what_there_is_to_bring_back_is_said,
        a_fresher_login_there_is_kept,
        a_login_of_another_account_is_kept,
        without_codex_the_proof_is_not_possible,
        a_codex_that_is_on_no_path_is_told_with_the_line_that_mends_it,
        a_refused_login_is_told_with_its_lesson,
        a_question_of_ones_own_takes_any_answer,
        a_key_from_the_standard_input_stays_out_of_everything,
        a_link_there_is_replaced_where_asked,
        codex_home_is_a_file,
    ]
}

/// Runs it, and holds that it ends so.
fn ends(person: &Person<'_>, arguments: &[&str], expected: i32) -> (String, String) {
    let (status, stdout, stderr) = person.says(arguments);
    assert_eq!(status, expected, "{arguments:?}\n{stdout}{stderr}");
    (stdout, stderr)
}

fn json_of(person: &Person<'_>, arguments: &[&str], expected: i32) -> Value {
    let (stdout, _) = ends(person, &[arguments, &["--format", "json"]].concat(), expected);
    let mut value: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(value["version"], 1);
    value["hosts"][0].take()
}

/// As root in the home of a person's first account.
fn there(person: &Person<'_>, script: &str) -> String {
    let home = &person.accounts[0].home;
    person.rig.root(&format!("set -e\ncd {home}\n{script}"))
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is missing in:\n{text}");
    }
}

fn a_login_is_brought_and_proven(rig: &Rig) {
    let person = rig.person(1);
    let (stdout, stderr) = ends(&person, &["deploy", "box0"], 0);
    assert!(stdout.starts_with("ok        box0  deployed: "), "{stdout}");
    has(
        &stdout,
        &["mode 0600, new", "codex 0.", ", on the PATH", "verified: codex answered with this login"],
    );
    assert_eq!(stderr.matches("rotation-shared-login").count(), 1, "{stderr}");
    has(&stderr, &["`login HOST`"]);
    assert_eq!(person.remote_digest(0), person.login.bytes().sha256());
}

fn a_second_time_nothing_is_written(rig: &Rig) {
    let person = rig.person(1);
    ends(&person, &["deploy", "box0"], 0);
    let inode = there(&person, "stat -c '%i %Y %Z' .codex/auth.json");
    let (stdout, _) = ends(&person, &["deploy", "box0"], 0);
    has(&stdout, &["already there: ", "it was left as it is", "verified"]);
    assert_eq!(there(&person, "stat -c '%i %Y %Z' .codex/auth.json"), inode);
    assert_eq!(json_of(&person, &["deploy", "--no-proof", "box0"], 0)["result"], "already there");
}

fn what_would_be_done_is_said(rig: &Rig) {
    let person = rig.person(1);
    let (stdout, stderr) = ends(&person, &["deploy", "--dry-run", "box0"], 0);
    has(&stdout, &["would be deployed: ", "nothing was changed"]);
    assert!(!stdout.contains("verified"), "{stdout}");
    assert!(!stderr.contains("rotation-shared-login"), "nothing is shared yet: {stderr}");
    assert_eq!(there(&person, "ls -A"), there(&person, "ls -A | grep -v '^.codex$'"));
    assert_eq!(json_of(&person, &["deploy", "--dry-run", "box0"], 0)["result"], "would be deployed");
}

fn a_backup_comes_back(rig: &Rig) {
    let person = rig.person(1);
    ends(&person, &["deploy", "--no-proof", "box0"], 0);
    let old = person.remote_digest(0);
    let newer = rig.login(Duration::from_secs(60));
    person.write(".codex/auth.json", newer.bytes().expose());
    let (stdout, _) = ends(&person, &["deploy", "--no-proof", "--backup", "box0"], 0);
    has(&stdout, &["the file before it is kept: ", "auth.json.before"]);
    assert_eq!(person.remote_digest(0), newer.bytes().sha256());
    let (stdout, _) = ends(&person, &["rollback", "box0"], 0);
    assert!(stdout.starts_with("ok        box0  brought back: "), "{stdout}");
    has(&stdout, &["mode 0600", "the same verb again undoes this"]);
    assert_eq!(person.remote_digest(0), old);
    let json = json_of(&person, &["rollback", "box0"], 0);
    assert_eq!((&json["result"], &json["mode"]), (&"brought back".into(), &"0600".into()));
    assert_eq!(person.remote_digest(0), newer.bytes().sha256());
}

fn what_there_is_to_bring_back_is_said(rig: &Rig) {
    let person = rig.person(1);
    let (stdout, _) = ends(&person, &["rollback", "box0"], 1);
    has(&stdout, &["FAILED", "there is no ", "auth.json.before on the host", "Nothing was changed"]);
    assert_eq!(json_of(&person, &["rollback", "box0"], 1)["error"]["code"], "no-backup");
}

fn a_fresher_login_there_is_kept(rig: &Rig) {
    let person = rig.person(1);
    ends(&person, &["deploy", "--no-proof", "box0"], 0);
    let fresher = person.remote_digest(0);
    let older = rig.login(Duration::from_secs(86_400));
    person.write(".codex/auth.json", older.bytes().expose());
    let (stdout, _) = ends(&person, &["deploy", "box0"], 1);
    has(&stdout, &["FAILED", "is newer", "it was kept", "codex login", "force"]);
    assert_eq!(json_of(&person, &["deploy", "box0"], 1)["error"]["code"], "remote-is-fresher");
    assert_eq!(person.remote_digest(0), fresher);
    ends(&person, &["deploy", "--no-proof", "--force", "box0"], 0);
    assert_eq!(person.remote_digest(0), older.bytes().sha256());
}

fn a_login_of_another_account_is_kept(rig: &Rig) {
    let person = rig.person(1);
    ends(&person, &["deploy", "--no-proof", "box0"], 0);
    let mut command = person.runs(&["deploy", "--no-proof", "--api-key", "box0"]);
    let (status, stdout, stderr) =
        person.said(command.write_stdin("sk-made-up-of-someone\n").output().unwrap());
    assert_eq!(status, 1, "{stdout}{stderr}");
    has(&stdout, &["another one (chatgpt:", "ours is apikey:", "it was kept", "--force", "--backup"]);
    assert!(!stderr.contains("rotation-shared-login"), "a key does not rotate: {stderr}");
    assert_eq!(person.remote_digest(0), person.login.bytes().sha256());
}

fn without_codex_the_proof_is_not_possible(rig: &Rig) {
    let person = rig.person_whose(1, false);
    let (stdout, _) = ends(&person, &["deploy", "box0"], 1);
    assert!(stdout.starts_with("unproven  box0  deployed: "), "{stdout}");
    has(&stdout, &["not possible: no codex was found there", "--no-proof"]);
    assert_eq!(person.remote_digest(0), person.login.bytes().sha256());
    let json = json_of(&person, &["deploy", "box0"], 1);
    assert_eq!((&json["proof"], &json["codex"]), (&"not possible".into(), &Value::Null));
    ends(&person, &["deploy", "--no-proof", "box0"], 0);
}

fn a_codex_that_is_on_no_path_is_told_with_the_line_that_mends_it(rig: &Rig) {
    let person = rig.person_whose(1, false);
    there(&person, "mkdir -p .npm-global/bin; ln -s /opt/codex-under-test/codex .npm-global/bin/codex");
    let (stdout, _) = ends(&person, &["deploy", "box0"], 0);
    has(&stdout, &["on no PATH", "export PATH=", ".npm-global/bin", "at the top of ~/.bashrc", "verified"]);
    let codex = json_of(&person, &["deploy", "box0"], 0)["codex"].take();
    assert_eq!(codex["found"], "place");
    assert_eq!(codex["path_line"]["file"], "~/.bashrc");
    assert!(codex["release"].as_str().unwrap().starts_with("0."), "{codex}");
}

fn a_refused_login_is_told_with_its_lesson(rig: &Rig) {
    let person = rig.person(1);
    let refused = rig.login(Duration::from_secs(1));
    person.write(".codex/auth.json", refused.bytes().expose());
    let (stdout, _) = ends(&person, &["deploy", "box0"], 1);
    assert!(stdout.starts_with("FAILED    box0  deployed: "), "{stdout}");
    has(&stdout, &["the proof failed (refresh-token-revoked)", "lesson rotation-logout-revokes: ", "next: "]);
    let json = json_of(&person, &["deploy", "box0"], 1);
    assert_eq!((&json["proof"], &json["diagnosis"]), (&"failed".into(), &"refresh-token-revoked".into()));
    assert_eq!(json["lesson"], "rotation-logout-revokes");
}

fn a_question_of_ones_own_takes_any_answer(rig: &Rig) {
    let person = rig.person(1);
    let (stdout, _) = ends(&person, &["deploy", "--prompt", "Respond: something else", "box0"], 0);
    has(&stdout, &["verified"]);
    let (_, stderr) = ends(&person, &["deploy", "--prompt", "x", "--no-proof", "box0"], 2);
    has(&stderr, &["--prompt", "--no-proof"]);
}

fn a_key_from_the_standard_input_stays_out_of_everything(rig: &Rig) {
    let person = rig.person(1);
    let key = "sk-made-up-0123456789-only-here";
    let mut command = person.runs(&["deploy", "--no-proof", "--api-key", "box0", "--format", "json"]);
    let (status, stdout, stderr) = person.said(command.write_stdin(format!("{key}\n")).output().unwrap());
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert!(!stdout.contains(key) && !stderr.contains(key));
    let value: Value = serde_json::from_str(&there(&person, "cat .codex/auth.json")).unwrap();
    assert_eq!(value["OPENAI_API_KEY"], key);
    assert_eq!(there(&person, "stat -c %a .codex/auth.json"), "600\n");
}

fn a_link_there_is_replaced_where_asked(rig: &Rig) {
    let person = rig.person(1);
    there(
        &person,
        "mkdir .codex; ln -s ../elsewhere .codex/auth.json; chown -R --reference=. .codex; chmod 700 .codex",
    );
    let (stdout, _) = ends(&person, &["deploy", "--no-proof", "box0"], 1);
    has(&stdout, &["symbolic link", "it was left as it is", "--replace-link"]);
    let (stdout, _) = ends(&person, &["deploy", "--no-proof", "--replace-link", "box0"], 0);
    has(&stdout, &["in place of a link"]);
}

fn codex_home_is_a_file(rig: &Rig) {
    let person = rig.person(1);
    there(&person, "echo mine >.codex");
    let (stdout, _) = ends(&person, &["deploy", "box0"], 1);
    has(&stdout, &["exists on the host and is not a directory", "nothing was sent", "Move it away"]);
    assert_eq!(there(&person, "cat .codex"), "mine\n");
}
