//! What is read from the host may be secret, invalid or endless. It is never shown, and it costs little memory and time.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tests::Rig;
use tests::person::Person;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_configuration_that_is_no_toml_is_not_quoted,
        a_login_that_is_no_json_is_not_quoted,
        a_name_that_holds_a_secret_is_not_followed,
        files_of_gigabytes,
        a_startup_file_that_prints_without_end,
    ]
}

const VERBS: &[&[&str]] = &[
    &["deploy", "--dry-run"],
    &["deploy", "--no-proof"],
    &["deploy", "--no-proof", "--force", "--backup"],
    &["doctor"],
    &["rollback"],
    &["login", "--timeout", "10"],
];

/// Checks that no command shows a word, in text or in JSON, with all details about the connection.
fn is_never_shown(person: &Person<'_>, what: &str) {
    for verb in VERBS {
        for format in ["human", "json"] {
            // `says` checks that no secret is shown; the leak scanner knows the word.
            let (_, stdout, stderr) =
                person.says(&[verb, ["-vvv", "--format", format, "box0"].as_slice()].concat());
            assert!(
                !stdout.contains("panicked") && !stderr.contains("panicked"),
                "{what} {verb:?}: {stderr}"
            );
        }
    }
}

/// A parser's own message quotes the line that it cannot parse.
fn a_configuration_that_is_no_toml_is_not_quoted(rig: &Rig) {
    let word = rig.secret_word();
    for (file, text) in [
        (
            "config.toml",
            format!("[model_providers.x]\nhttp_headers = {{ Authorization = \"Bearer {word}\" \n"),
        ),
        ("config.toml", format!("model = \"one\"\n{word} = = 1\n")),
        ("config.toml", format!("cli_auth_credentials_store = \"{word}\"\n")),
        ("config.toml", format!("forced_login_method = \"{word}\"\n")),
        ("config.toml", format!("cli_auth_credentials_store = [\"{word}\", 1.2.3]\n")),
        (".env", format!("OPENAI_API_KEY='{word}\nCODEX_API_KEY={word}\n")),
        (".env", format!("{word}\n={word}\nCODEX_HOME={word}\n")),
    ] {
        let person = rig.person(1);
        person.there(&format!("mkdir -m 700 .codex\ncat >.codex/{file} <<'END'\n{text}\nEND"));
        is_never_shown(&person, file);
    }
}

fn a_login_that_is_no_json_is_not_quoted(rig: &Rig) {
    let word = rig.secret_word();
    for text in [
        format!("{{\"tokens\": {{\"access_token\": \"{word}"),
        format!("{{\"tokens\": {{\"access_token\": {word}}}}}"),
        format!("{{\"auth_mode\": \"{word}\", \"x\": 1}}"),
        format!("{{\"tokens\": \"{word}\"}}"),
        format!("{{\"last_refresh\": \"{word}\", \"OPENAI_API_KEY\": \"sk-{word}\"}}"),
        format!(
            "{{\"tokens\": {{\"access_token\": \"a.{word}.c\", \"id_token\": \"{word}\", \"account_id\": \"{word}\"}}}}"
        ),
        word.clone(),
        format!("<<<<<<< {word}\n{{}}\n=======\n>>>>>>>"),
    ] {
        let person = rig.person(1);
        person.there(&format!("mkdir -m 700 .codex\ncat >.codex/auth.json <<'END'\n{text}\nEND\ncp .codex/auth.json .codex/auth.json.before"));
        is_never_shown(&person, "auth.json");
    }
}

/// Another account with write access to the home makes the file a link to a private file of its victim.
fn a_name_that_holds_a_secret_is_not_followed(rig: &Rig) {
    let word = rig.secret_word();
    for file in ["config.toml", ".env", "auth.json", "auth.json.before"] {
        let person = rig.person(1);
        person.there(&format!(
            "mkdir -m 777 .codex\n(umask 077; cat >private <<'END'\n{word}\nEND\n)\nln -s ../private .codex/{file}"
        ));
        is_never_shown(&person, file);
        assert_eq!(person.there("cat private"), format!("{word}\n"));
    }
}

/// How much memory the program may use, in KiB: far more than it needs.
const MEMORY: &str = "1500000";

/// Runs the program with little memory, and checks that it ends in time with an exit status of its own.
fn ends_modestly(person: &Person<'_>, verb: &[&str], what: &str) {
    let program = person.command(&[verb, &["--timeout", "10", "box0"]].concat());
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v \"$0\" && exec \"$@\"", MEMORY]).arg(program.get_program());
    command.args(program.get_args()).env("HOME", person.folder()).stdin(Stdio::null());
    for name in ["CODEX_HOME", "SSH_AUTH_SOCK", "NO_COLOR"] {
        command.env_remove(name);
    }
    let began = Instant::now();
    let (status, stdout, stderr) = person.said(command.output().unwrap());
    let what = format!("{what} {verb:?} after {:?}: {stdout:.2000}{stderr:.2000}", began.elapsed());
    assert!(status == 0 || status == 1, "status {status}: {what}");
    assert!(began.elapsed() < Duration::from_secs(20), "{what}");
    assert!(stdout.len() + stderr.len() < 20_000, "{} bytes: {what}", stdout.len() + stderr.len());
}

const PLAIN_VERBS: &[&[&str]] =
    &[&["deploy", "--dry-run"], &["deploy", "--no-proof"], &["doctor"], &["rollback"]];

fn files_of_gigabytes(rig: &Rig) {
    // Not auth.json.before: a rollback copies it before checking it, which would fill the file system that all trials share.
    for file in ["auth.json", "config.toml", ".env"] {
        let person = rig.person(1);
        person.there(&format!("mkdir -m 700 .codex; truncate -s 8G .codex/{file}; chmod 600 .codex/{file}"));
        for verb in PLAIN_VERBS {
            ends_modestly(&person, verb, file);
        }
    }
}

fn a_startup_file_that_prints_without_end(rig: &Rig) {
    for text in [
        "yes 'a line that goes on and on'",
        "cat /dev/zero",
        "yes >&2",
        "printf 'cra-'; cat /dev/zero | tr '\\0' x",
    ] {
        let person = rig.person(1);
        person.there(&format!("cat >.bashrc <<'END'\n{text}\nEND"));
        for verb in PLAIN_VERBS {
            ends_modestly(&person, verb, text);
        }
        person.account().nothing_runs();
    }
}
