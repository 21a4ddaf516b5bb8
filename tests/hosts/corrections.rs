//! What a deploy corrects on the host and reports, and what a dry run says it would correct.

use std::time::Duration;

use tests::Rig;
use tests::home::has;
use tests::person::Person;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_file_that_others_could_read,
        the_same_login_that_others_could_read,
        a_file_of_another_user,
        a_directory_that_others_could_write_to,
        a_store_that_may_be_a_keyring,
        an_address_that_is_not_openais,
    ]
}

const DEPLOY: &[&str] = &["deploy", "--no-proof", "box0"];

/// A person whose login is on the host.
fn deployed(rig: &Rig) -> Person<'_> {
    let person = rig.person(1);
    person.ends(DEPLOY, 0);
    person
}

/// Puts a newer login on this machine.
fn renewed(person: &Person<'_>) {
    person.renews(Duration::from_secs(60));
}

/// Checks that a dry run reports what would be done, as text and as JSON, and changes nothing.
fn would(person: &Person<'_>, words: &[&str]) {
    let before = person.tree();
    let dry = [DEPLOY, &["--dry-run"]].concat();
    let (stdout, _) = person.ends(&dry, 0);
    has(&stdout, words);
    assert!(!stdout.contains(" now ") && !stdout.contains("verified"), "nothing was done: {stdout}");
    let notices = person.json(&dry, 0)["notices"].to_string();
    has(&notices, words);
    assert_eq!(person.tree(), before);
}

/// Checks that a deploy reports what it has corrected.
fn does(person: &Person<'_>, words: &[&str]) {
    let host = person.json(DEPLOY, 0);
    has(&host["notices"].to_string(), words);
    assert_eq!(person.there("stat -c '%a %U' .codex/auth.json"), format!("600 {}\n", person.account().name));
    let again = person.json(DEPLOY, 0);
    assert_eq!(again["notices"], serde_json::Value::Null, "{again}");
}

fn a_file_that_others_could_read(rig: &Rig) {
    let person = deployed(rig);
    renewed(&person);
    person.there("chmod 644 .codex/auth.json");
    would(&person, &["had mode 0644; it would be 0600", "lesson file-modes"]);
    does(&person, &["had mode 0644; it is now 0600", "lesson file-modes"]);
}

fn the_same_login_that_others_could_read(rig: &Rig) {
    let person = deployed(rig);
    person.there("chmod 640 .codex/auth.json");
    would(&person, &["had mode 0640; it would be 0600"]);
    does(&person, &["had mode 0640; it is now 0600"]);
}

fn a_file_of_another_user(rig: &Rig) {
    let person = deployed(rig);
    person.there("MINE=.codex/auth.json; chown 0:0 $MINE; chmod 644 $MINE");
    would(&person, &["belonged to user 0; it would belong to the account"]);
    does(&person, &["belonged to user 0; it now belongs to the account", "lesson file-modes"]);
}

fn a_directory_that_others_could_write_to(rig: &Rig) {
    let person = deployed(rig);
    person.there("chmod 777 .codex");
    let (stdout, _) = person.ends(&["deploy", "--dry-run", "box0"], 0);
    has(&stdout, &["others can write to the directory (0777); a deploy removes that permission"]);
    assert_eq!(person.there("stat -c %a .codex"), "777\n");
    does(
        &person,
        &["others could write to the directory (0777)", "that permission is removed", "lesson file-modes"],
    );
    assert_eq!(person.there("stat -c %a .codex"), "755\n");
}

fn an_address_that_is_not_openais(rig: &Rig) {
    let person = deployed(rig);
    person.there("mkdir -p .codex; echo 'chatgpt_base_url = \"http://relay.invalid/\"' >.codex/config.toml");
    let (stdout, _) = person.ends(&[DEPLOY, &["--dry-run"]].concat(), 0);
    has(
        &stdout,
        &[
            "codex sends this login to the address in ",
            "/.codex/config.toml:1 (chatgpt_base_url), not to OpenAI",
        ],
    );
    has(
        &person.says(&["doctor", "box0"]).1,
        &["(chatgpt_base_url), not to OpenAI", "check that you trust that address"],
    );
}

fn a_store_that_may_be_a_keyring(rig: &Rig) {
    let person = deployed(rig);
    person.there("echo 'cli_auth_credentials_store = \"auto\"' >.codex/config.toml");
    for more in [[].as_slice(), &["--dry-run"]] {
        let (stdout, _) = person.ends(&[DEPLOY, more].concat(), 0);
        let words = [
            "cli_auth_credentials_store is \"auto\" on the host (",
            "/.codex/config.toml:1)",
            "lesson keyring-store",
        ];
        has(&stdout, &words);
    }
}
