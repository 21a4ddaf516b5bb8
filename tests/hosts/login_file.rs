//! Invalid login files: each is reported before anything is sent, and nothing of their content is shown.

use std::fs;

use tests::Rig;
use tests::home::has;
use tests::person::Person;
use tests::started;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_directory_is_no_login,
        a_file_that_cannot_be_read,
        what_is_in_the_file_is_no_login,
        what_comes_by_the_standard_input_is_no_login,
        a_standard_input_that_cannot_be_read,
        a_terminal_is_no_file_to_read_a_login_from,
        nobody_says_where_the_own_login_is,
        a_login_that_is_kept_in_another_store_is_said,
        what_a_person_should_know_of_a_login_is_said,
        hosts_that_are_no_text,
        numbers_that_are_out_of_bounds,
    ]
}

/// Checks that a call is rejected as wrong, says why and that nothing was sent, and that nothing was.
fn is_wrong(person: &Person<'_>, arguments: &[&str], words: &[&str]) {
    let before = person.tree();
    for more in [[].as_slice(), &["--format", "json"]] {
        let (stdout, stderr) = person.ends(&[&["deploy", "box0"], arguments, more].concat(), 2);
        assert_eq!(stdout, "");
        assert!(stderr.starts_with("error: "), "{stderr}");
        has(&stderr, words);
        has(&stderr, &["nothing was sent"]);
    }
    assert_eq!(person.tree(), before);
}

fn a_directory_is_no_login(rig: &Rig) {
    let person = rig.person(1);
    let folder = person.path(".codex");
    let folder = folder.to_str().unwrap();
    is_wrong(&person, &["--auth", folder], &[folder, "not a regular file", "auth.json inside it"]);
}

fn a_file_that_cannot_be_read(rig: &Rig) {
    let person = rig.person(1);
    // Tests may run as root, and modes do not stop root.
    let path = person.path(".codex/auth.json");
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(&path, &path).unwrap();
    is_wrong(&person, &[], &[".codex/auth.json cannot be read: ", "symbolic links", "leads back to itself"]);
}

/// Invalid login files, and the message for each. It must not contain CANARY.
fn no_logins() -> Vec<(Vec<u8>, &'static [&'static str])> {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        (text(" \n"), &["is empty", "`codex login` again"]),
        (b"\xef\xbb\xbf{\"tokens\": \"CANARY\"}".to_vec(), &["byte-order mark", "UTF-8 without one"]),
        (text("\n{\"tokens\": CANARY"), &["not JSON (a mistake: line 2, column ", "`codex login` again"]),
        (text("[\"CANARY\"]"), &["not an object", "`codex login` again"]),
        (text("{\"tokens\": \"CANARY\"}"), &["`tokens` of the login file is not an object", "again"]),
        (text("{\"OPENAI_API_KEY\": [\"CANARY\"]}"), &["`OPENAI_API_KEY` of the login file is not a string"]),
        (text("{\"other\": \"CANARY\"}"), &["neither `tokens` nor `OPENAI_API_KEY`", "`codex login` first"]),
        (text("{\"tokens\": {\"id_token\": \"CANARY\"}}"), &["without an `access_token`", "again"]),
        (text("{\"tokens\": {\"access_token\": \"CANARY\"}}"), &["`tokens` without `id_token`", "again"]),
        (
            text("{\"tokens\": {\"access_token\": \"CANARY\", \"id_token\": \"CANARY\"}}"),
            &["`id_token` of the login file is not a JWT"],
        ),
        (
            text("{\"OPENAI_API_KEY\": \"CANARY\", \"last_refresh\": \"CANARY\"}"),
            &["`last_refresh` of the login file is not a date"],
        ),
        (text("{\"auth_mode\": \"CANARY\"}"), &["`auth_mode` of the login file has an unknown value"]),
        ("{\"tokens\": \"CANARY\"}".encode_utf16().flat_map(u16::to_le_bytes).collect(), &["UTF-16"]),
        (vec![b' '; 1024 * 1024 + 1], &["more than the 1048576 ", "check that this is the right file"]),
    ]
}

fn what_is_in_the_file_is_no_login(rig: &Rig) {
    let person = rig.person(1);
    for (bytes, words) in no_logins() {
        person.write(".codex/auth.json", &bytes);
        is_wrong(&person, &[], words);
        let (_, stderr) = person.ends(&["deploy", "box0"], 2);
        assert!(!stderr.contains("CANARY"), "what it holds is shown: {stderr}");
    }
}

fn what_comes_by_the_standard_input_is_no_login(rig: &Rig) {
    let person = rig.person(1);
    for (bytes, words) in no_logins() {
        let (status, stdout, stderr) = person.says_to(bytes, &["deploy", "box0", "--auth", "-"]);
        assert_eq!((status, stdout.as_str()), (2, ""), "{stderr}");
        has(&stderr, words);
        assert!(!stderr.contains("CANARY") && stderr.contains("nothing was sent"), "{stderr}");
    }
    assert_eq!(person.remote_digest(0), "");
}

fn a_standard_input_that_cannot_be_read(rig: &Rig) {
    let person = rig.person(1);
    for (more, words) in [
        (
            ["box0", "--auth", "-"].as_slice(),
            ["the login cannot be read from the standard input: ", "< FILE"],
        ),
        (&["box0", "--api-key"], ["the API key cannot be read from the standard input: ", "< FILE"]),
        (&["--hosts-file", "-"], ["the standard input: the hosts cannot be read: ", "one host per line"]),
    ] {
        let folder = fs::File::open(person.folder()).unwrap();
        let arguments = [&["deploy"], more].concat();
        let output = started::output(person.command(&arguments).stdin(folder));
        let (status, _, stderr) = person.said(output);
        assert_eq!(status, 2, "{stderr}");
        has(&stderr, &words);
        has(&stderr, &["nothing was sent", "directory"]);
    }
}

fn a_terminal_is_no_file_to_read_a_login_from(rig: &Rig) {
    let person = rig.person(1);
    for (more, what) in [("--auth -", "the login"), ("--api-key", "the API key")] {
        let shown = person.at_terminal(&format!("deploy box0 {more}"), None).ends(2);
        let shown = String::from_utf8(shown).unwrap();
        has(
            &shown,
            &[
                &format!("{what} is read from the standard input"),
                "nothing was sent",
                "through a pipe or from a file: … < FILE",
            ],
        );
    }
    assert_eq!(person.remote_digest(0), "");
}

fn nobody_says_where_the_own_login_is(rig: &Rig) {
    let person = rig.person(1);
    let mut command = person.runs(&["deploy", "box0"]);
    let (status, _, stderr) = person.said(command.env_remove("HOME").output().unwrap());
    assert_eq!(status, 2, "{stderr}");
    has(&stderr, &["neither CODEX_HOME nor HOME is set", "--auth FILE"]);
}

fn a_login_that_is_kept_in_another_store_is_said(rig: &Rig) {
    let person = rig.person(1);
    fs::remove_file(person.path(".codex/auth.json")).unwrap();
    for store in ["keyring", "auto", "ephemeral"] {
        person.write(
            ".codex/config.toml",
            format!("\n\"cli_auth_credentials_store\" = '{store}'\n").as_bytes(),
        );
        let setting = format!("config.toml:2 sets cli_auth_credentials_store = \"{store}\"");
        is_wrong(&person, &[], &[".codex/auth.json does not exist: ", &setting, "\"file\"", "`login`"]);
    }
    // With such a setting, an auth.json that exists may be an old login.
    person.write(".codex/auth.json", person.login.bytes().expose());
    let (_, stderr) = person.ends(&["deploy", "--dry-run", "box0"], 0);
    has(
        &stderr,
        &["note: codex on this machine does not use ", "config.toml:2 sets", "it may be an old login"],
    );
    fs::remove_file(person.path(".codex/auth.json")).unwrap();
    person.write(".codex/config.toml", b"cli_auth_credentials_store = 'file'\n");
    is_wrong(&person, &[], &["auth.json does not exist\n", "run `codex login` first"]);
    // The message about the caller's own login does not appear for a file that was named.
    person.write(".codex/config.toml", b"cli_auth_credentials_store = 'keyring'\n");
    let named = person.path("none");
    is_wrong(
        &person,
        &["--auth", named.to_str().unwrap()],
        &["none does not exist\n", "run `codex login` first"],
    );
}

fn what_a_person_should_know_of_a_login_is_said(rig: &Rig) {
    let person = rig.person(1);
    let login: serde_json::Value = serde_json::from_slice(person.login.bytes().expose()).unwrap();
    let said = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut login = login.clone();
        change(&mut login);
        person.write(".codex/auth.json", login.to_string().as_bytes());
        person.ends(&["deploy", "--dry-run", "box0"], 0).1
    };
    let quiet = said(&|_| {});
    assert!(!quiet.contains("note: "), "{quiet}");
    let empty = said(&|login| login["tokens"]["refresh_token"] = "".into());
    has(&empty, &["note: the refresh token of this login is empty", "ends when its access token expires"]);
    let key = said(&|login| login["OPENAI_API_KEY"] = "sk-made-up".into());
    has(&key, &["note: Codex uses the API key of this login and not its ChatGPT tokens"]);
}

fn hosts_that_are_no_text(rig: &Rig) {
    let person = rig.person(1);
    let file = person.write("hosts", b"box0\n\xff\n");
    for option in ["--hosts-file", "--retry-failed"] {
        let (_, stderr) = person.ends(&["deploy", option, file.to_str().unwrap()], 2);
        has(
            &stderr,
            &["/hosts: the hosts cannot be read: ", "UTF-8", "nothing was sent", "one host per line"],
        );
    }
    let mut command = person.runs(&["doctor", "--hosts-file", "-"]);
    let (status, _, stderr) = person.said(command.write_stdin(b"\xff".as_slice()).output().unwrap());
    assert_eq!(status, 2, "{stderr}");
    has(&stderr, &["the standard input: the hosts cannot be read: ", "UTF-8"]);
    assert_eq!(person.remote_digest(0), "");
}

fn numbers_that_are_out_of_bounds(rig: &Rig) {
    let person = rig.person(1);
    for (verb, option, value) in [
        ("deploy", "--jobs", "0"),
        ("rollback", "--jobs", "1001"),
        ("doctor", "--timeout", "0"),
        ("login", "--timeout", "86401"),
        ("deploy", "--port", "65536"),
        ("deploy", "--format", "xml"),
    ] {
        let (_, stderr) = person.ends(&[verb, option, value, "box0"], 2);
        has(&stderr, &[&format!("'{value}'"), option]);
    }
    assert_eq!(person.remote_digest(0), "");
}
