//! `deploy` and `rollback`, from their arguments to the result on the host.

use std::time::Duration;

use serde_json::Value;
use tests::Rig;
use tests::home::has;

use crate::Case;
use crate::witness::Witness;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_login_is_brought_and_proven,
        a_second_time_nothing_is_written,
        what_would_be_done_is_said,
        a_backup_comes_back,
        what_there_is_to_bring_back_is_said,
        a_login_of_another_account_is_kept,
        without_codex_the_proof_is_not_possible,
        a_codex_that_is_on_no_path_is_told_with_the_line_that_mends_it,
        a_refused_login_is_told_with_its_lesson,
        a_question_of_ones_own_takes_any_answer,
        a_key_from_the_standard_input_stays_out_of_everything,
    ]
}

fn a_login_is_brought_and_proven(rig: &Rig) {
    let person = rig.person(1);
    let (stdout, stderr) = person.ends(&["deploy", "box0"], 0);
    assert!(stdout.starts_with("ok        box0  + copied to "), "{stdout}");
    has(&stdout, &["(new file, ", "codex 0.", ", on the PATH", "verified: codex answered with this login"]);
    assert_eq!(stderr.matches("rotation-shared-login").count(), 1, "{stderr}");
    has(&stderr, &["note: ", "\n  hint: codex-remote-auth explain rotation-shared-login\n"]);
    assert!(person.has_it());
}

fn a_second_time_nothing_is_written(rig: &Rig) {
    let person = rig.person(1);
    person.ends(&["deploy", "box0"], 0);
    let inode = person.account().root("stat -c '%i %Y %Z' .codex/auth.json");
    let (stdout, _) = person.ends(&["deploy", "box0"], 0);
    has(&stdout, &["already up to date: ", "verified"]);
    assert_eq!(person.account().root("stat -c '%i %Y %Z' .codex/auth.json"), inode);
    assert_eq!(person.json(&["deploy", "--no-proof", "box0"], 0)["result"], "already-there");
}

fn what_would_be_done_is_said(rig: &Rig) {
    let person = rig.person(1);
    let witness = Witness::of(rig, &[&person.login]);
    let before = person.tree();
    let (stdout, stderr) = person.ends(&["deploy", "--dry-run", "box0"], 0);
    has(&stdout, &["would be copied to ", "nothing was changed"]);
    assert!(!stdout.contains("verified"), "{stdout}");
    assert!(!stderr.contains("rotation-shared-login"), "nothing is shared yet: {stderr}");
    assert_eq!(person.json(&["deploy", "--dry-run", "box0"], 0)["result"], "would-be-deployed");
    assert_eq!(person.tree(), before);
    witness.sees_nothing(&[], "a dry run");
}

fn a_backup_comes_back(rig: &Rig) {
    let person = rig.person(1);
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    let old = person.remote_digest(0);
    let newer = person.renews(Duration::from_secs(60));
    let (stdout, _) = person.ends(&["deploy", "--no-proof", "--backup", "box0"], 0);
    has(&stdout, &["previous file saved as ", "auth.json.before"]);
    assert_eq!(person.remote_digest(0), newer.bytes().sha256());
    let (stdout, _) = person.ends(&["rollback", "box0"], 0);
    assert!(stdout.starts_with("ok        box0  + restored "), "{stdout}");
    has(&stdout, &["mode 0600", "run rollback again to swap them back"]);
    assert_eq!(person.remote_digest(0), old);
    let json = person.json(&["rollback", "box0"], 0);
    assert_eq!((&json["result"], &json["mode"]), (&"restored".into(), &"0600".into()));
    assert_eq!(person.remote_digest(0), newer.bytes().sha256());
}

fn what_there_is_to_bring_back_is_said(rig: &Rig) {
    let person = rig.person(1);
    let (stdout, _) = person.ends(&["rollback", "box0"], 1);
    has(&stdout, &["FAILED", "there is no ", "auth.json.before on the host", "Nothing was changed"]);
    assert_eq!(person.json(&["rollback", "box0"], 1)["error"]["code"], "no-backup");
}

fn a_login_of_another_account_is_kept(rig: &Rig) {
    let person = rig.person(1);
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    let (status, stdout, stderr) =
        person.says_to("sk-made-up-of-someone\n", &["deploy", "--no-proof", "--api-key", "box0"]);
    assert_eq!(status, 1, "{stdout}{stderr}");
    has(
        &stdout,
        &[
            "a login of another account (host: ",
            "yours: apikey:",
            "nothing was changed",
            "--force",
            "--backup",
        ],
    );
    assert!(!stderr.contains("rotation-shared-login"), "a key does not rotate: {stderr}");
    assert!(person.has_it());
}

fn without_codex_the_proof_is_not_possible(rig: &Rig) {
    let person = rig.account().without_codex().person();
    let (stdout, _) = person.ends(&["deploy", "box0"], 1);
    assert!(stdout.starts_with("unproven  box0  + copied to "), "{stdout}");
    has(&stdout, &["not verified: codex was not found on this host", "--no-proof"]);
    assert!(person.has_it());
    let json = person.json(&["deploy", "box0"], 1);
    assert_eq!((&json["proof"], &json["codex"]), (&"not-possible".into(), &Value::Null));
    person.ends(&["deploy", "--no-proof", "box0"], 0);
}

fn a_codex_that_is_on_no_path_is_told_with_the_line_that_mends_it(rig: &Rig) {
    let person = rig.account().without_codex().person();
    person.there("mkdir -p .npm-global/bin; ln -s /opt/codex-under-test/codex .npm-global/bin/codex");
    let (stdout, _) = person.ends(&["deploy", "box0"], 0);
    has(
        &stdout,
        &["not on the PATH", "export PATH=", ".npm-global/bin", "at the top of ~/.bashrc", "verified"],
    );
    let codex = person.json(&["deploy", "box0"], 0)["codex"].take();
    assert_eq!(codex["found"], "place");
    assert_eq!(codex["path_line"]["file"], "~/.bashrc");
    assert!(codex["release"].as_str().unwrap().starts_with("0."), "{codex}");
}

fn a_refused_login_is_told_with_its_lesson(rig: &Rig) {
    let person = rig.person(1);
    let refused = rig.login(Duration::from_secs(1));
    person.write(".codex/auth.json", refused.bytes().expose());
    let (stdout, _) = person.ends(&["deploy", "box0"], 1);
    assert!(stdout.starts_with("unproven  box0  + copied to "), "{stdout}");
    has(&stdout, &["not verified (refresh-token-revoked)", "lesson rotation-logout-revokes: ", "hint: "]);
    let json = person.json(&["deploy", "box0"], 1);
    assert_eq!((&json["proof"], &json["diagnosis"]), (&"failed".into(), &"refresh-token-revoked".into()));
    assert_eq!(json["lesson"], "rotation-logout-revokes");
}

fn a_question_of_ones_own_takes_any_answer(rig: &Rig) {
    let person = rig.person(1);
    let (stdout, _) = person.ends(&["deploy", "--prompt", "Respond: something else", "box0"], 0);
    has(&stdout, &["verified"]);
    let (_, stderr) = person.ends(&["deploy", "--prompt", "x", "--no-proof", "box0"], 2);
    has(&stderr, &["--prompt", "--no-proof"]);
}

fn a_key_from_the_standard_input_stays_out_of_everything(rig: &Rig) {
    let person = rig.person(1);
    let key = "sk-made-up-0123456789-only-here";
    let (status, stdout, stderr) = person
        .says_to(format!("{key}\n"), &["deploy", "--no-proof", "--api-key", "box0", "--format", "json"]);
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert!(!stdout.contains(key) && !stderr.contains(key));
    let value: Value = serde_json::from_str(&person.account().root("cat .codex/auth.json")).unwrap();
    assert_eq!(value["OPENAI_API_KEY"], key);
    assert_eq!(person.account().root("stat -c %a .codex/auth.json"), "600\n");
}
