//! The command as a user calls it.

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, starts_with};
use tests::started;

fn explain(arguments: &[&str]) -> Command {
    let mut command = Command::from_std(started::command(tests::program()));
    // Without a checkout, a home or an engine.
    command
        .arg("explain")
        .args(arguments)
        .current_dir("/")
        .env("HOME", "/nonexistent")
        .env_remove("NO_COLOR")
        .timeout(started::PATIENCE);
    command.env("DOCKER_HOST", "unix:///nowhere");
    command
}

#[test]
fn the_output_of_the_issue_leads_to_its_lesson() {
    let causes = starts_with("3 possible causes of “config profile `…` not found”\nhint: ")
        .and(contains("\n  profile-flag  "))
        .and(contains("trouble-profile-not-found"));
    explain(&["config profile `my prompt` not found"]).assert().success().stdout(causes).stderr("");
}

/// With one cause it is certain, and explained. With several, none of them is.
/// The installed program has fewer features of its libraries than the tests have, and each of its patterns has to work with them.
#[test]
fn the_installed_program_reads_messages_out_of_a_log() {
    for pasted in [
        "2026-11-27T10:00:00.123Z ERROR: You've hit your usa\n2026-11-27T10:00:00.124Z ge limit. Upgrade to Pro",
        "app-1  | ERROR: You've hit your\napp-1  | usage limit. Upgrade to Pro",
        "Nov 27 10:00:00 web codex[12]: ERROR: You've hit your\nNov 27 10:00:00 web codex[12]: usage limit.",
    ] {
        explain(&[pasted]).assert().success().stdout(contains("usage-limit"));
    }
    let answered =
        r#"{"type":"item.completed","item":{"type":"agent_message","text":"You've hit your usage limit."}}"#;
    explain(&[answered]).assert().code(1);
}

#[test]
fn only_a_message_with_one_cause_is_explained_at_once() {
    let page = starts_with("path-sh: ").and(contains("\nWhat to do  ")).and(contains("possible").not());
    explain(&["sh: codex: not found"]).assert().success().stdout(page);
    let said = "ERROR: unexpected status 401 Unauthorized: Missing bearer or basic authentication in header";
    let catalogue = super::embedded();
    let causes = 1 + catalogue.with_the_output_of("leading-dot").count();
    let list = starts_with(format!("{causes} possible causes of "))
        .and(contains("\nhint: codex-remote-auth doctor HOST "))
        .and(contains("\nhint: codex-remote-auth explain NAME "))
        .and(contains("\n* leading-dot "))
        .and(contains("What to do").not());
    explain(&[said]).assert().success().stdout(list);
    let json = explain(&[said, "--format", "json"]).assert().success().get_output().stdout.clone();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["messages"][0]["causes"].as_array().unwrap().len(), causes, "{json}");
    assert_eq!(json["lessons"].as_array().unwrap().len(), causes, "{json}");
    let found = |id: &str| {
        let mut lessons = json["lessons"].as_array().unwrap().iter();
        lessons.find(|lesson| lesson["id"] == id).unwrap()["found_by_doctor"].clone()
    };
    assert_eq!((found("leading-dot"), found("simple-copy")), (true.into(), false.into()));
}

#[test]
fn a_pattern_lists_the_lessons_with_such_names() {
    let catalogue = super::embedded();
    let title = &catalogue.get("path-bash").unwrap().title;
    let list =
        starts_with(format!("path-bash  {title}\n")).and(contains("\npath-sh ")).and(contains("\npath-zsh "));
    explain(&["path-*"]).assert().success().stdout(list.and(contains("profile").not())).stderr("");
    let json = explain(&["path-?sh", "--format", "json"]).assert().success().get_output().stdout.clone();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(
        (&json["lessons"][0]["id"], json["lessons"].as_array().unwrap().len()),
        (&"path-zsh".into(), 1)
    );
    let none = contains("no lesson has such a name").and(contains("explain --list"));
    explain(&["xyzzy-*"]).assert().code(1).stdout("").stderr(none);
    let hint = "hint: codex-remote-auth explain '*rotation*' ";
    explain(&["rotation"]).assert().code(1).stdout("").stderr(contains(hint));
}

#[test]
fn words_are_one_text_and_may_look_like_flags() {
    explain(&["sh:", "codex:", "not", "found"]).assert().success().stdout(starts_with("path-sh: "));
    explain(&["--profile `work` cannot be used while", "--format", "json"])
        .assert()
        .success()
        .stdout(contains("\"id\":\"profile-legacy\""));
    explain(&["a", "directory", "and", "--skip-git-repo-check", "was", "not", "specified."])
        .assert()
        .success()
        .stdout(contains("\n* git-check "));
}

#[test]
fn the_standard_input_and_a_file_are_read() {
    let said = "\x1b[31mError:\x1b[0m stdin is not a terminal\r\n";
    explain(&[]).write_stdin(said).assert().success().stdout(contains("\n  exec-for-scripts ")).stderr("");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    std::fs::write(&path, said).unwrap();
    let path = path.to_str().unwrap();
    explain(&["--file", path]).assert().success().stdout(contains("\n  exec-for-scripts "));
    explain(&[path]).assert().code(1).stderr(contains("--file FILE").and(contains(path).not()));
    explain(&["--file", "/no/such/file"]).assert().code(2).stderr(contains("/no/such/file"));
    explain(&["--file", "/"]).assert().code(2).stderr(contains("/ cannot be read"));
    explain(&["--file", path, "text"]).assert().code(2);
}

#[test]
fn a_name_shows_its_lesson_and_a_mistyped_one_says_which_is_meant() {
    explain(&["leading-dot"]).assert().success().stdout(starts_with("leading-dot: "));
    explain(&["open-stdin-hang"])
        .assert()
        .code(1)
        .stdout("")
        .stderr(contains("explain open-stdin-hangs   # did"));
    explain(&["nothing-such"]).assert().code(1).stderr(contains("did you mean").not());
    explain(&["xyzzy"]).assert().code(1).stderr(contains("did you mean").not());
}

#[test]
fn the_list_names_every_lesson() {
    let output = explain(&["--list"]).assert().success().get_output().stdout.clone();
    let list = String::from_utf8(output).unwrap();
    let lessons = super::embedded();
    assert_eq!(list.lines().count(), lessons.all().count());
    for (line, lesson) in list.lines().zip(lessons.all()) {
        assert!(line.starts_with(&lesson.id) && line.contains(&lesson.title), "{line}");
        assert_eq!(line.ends_with("(reported, not run)"), lesson.is_reported(), "{line}");
    }
    explain(&["--list", "text"]).assert().code(2);
}

#[test]
fn an_output_of_no_lesson_exits_1_and_says_what_to_try_next() {
    let next =
        contains("no lesson knows this message").and(contains("doctor HOST")).and(contains("explain --list"));
    explain(&["bash: line 1: python: command not found"]).assert().code(1).stdout("").stderr(next);
    explain(&[]).write_stdin("").assert().code(1).stderr(contains("nothing was given"));
    explain(&[]).write_stdin(vec![0xff, 0, 0x1b, b'[', 0xfe, 0x9b]).assert().code(1).stdout("");
}

#[test]
fn a_status_that_contradicts_rules_a_lesson_out() {
    let said = "sh: 1: codex: not found";
    explain(&[said, "--status", "127"]).assert().success().stdout(starts_with("path-sh: "));
    explain(&[said, "--status", "0"]).assert().code(1);
    explain(&[said, "--status", "x"]).assert().code(2);
}

#[test]
fn json_is_one_object_whether_a_lesson_was_found_or_not() {
    let json = |output: &[u8]| serde_json::from_slice::<serde_json::Value>(output).unwrap();
    let found = explain(&["refresh token was already used", "--format", "json"]).assert().success();
    let found = json(&found.get_output().stdout);
    assert_eq!(found["version"], 2);
    let lesson = &found["lessons"][0];
    assert_eq!(lesson["id"], "rotation-shared-login");
    assert!(lesson["also"].as_array().unwrap().contains(&"unauthorized-expired".into()));
    for field in ["title", "symptom", "cause", "fix", "tool", "releases", "guide", "verdict"] {
        assert!(lesson[field].is_string(), "{field}");
    }
    let none = explain(&["OK", "--format", "json"]).assert().code(1);
    assert_eq!(
        json(&none.get_output().stdout),
        serde_json::json!({ "version": 2, "messages": [], "lessons": [] })
    );
    let list = explain(&["--list", "--format", "json"]).assert().success();
    assert_eq!(json(&list.get_output().stdout)["lessons"][0]["id"], "access-token-login");
}

#[test]
fn nothing_of_what_was_pasted_is_repeated() {
    let secret = format!("made-up-canary-{}", std::process::id());
    let login = format!("{{\"access_token\": \"{secret}\", \"refresh_token\": \"{secret}\"}}");
    let failed = format!("Error: config profile `{secret}` not found");
    let nothing = secret.clone();
    let flag = format!("--{secret}");
    for (text, code) in [(login, 0), (failed, 0), (nothing, 1), (flag, 1)] {
        for format in ["human", "json"] {
            let clean = || contains(secret.as_str()).not();
            explain(&[&text, "--format", format]).assert().code(code).stdout(clean()).stderr(clean());
            let piped = explain(&["--format", format]).write_stdin(text.as_str()).assert();
            piped.code(code).stdout(clean()).stderr(clean());
        }
    }
}

#[test]
fn more_than_anybody_looks_at_is_cut_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let mut text = vec![b'x'; 16 * 1_024 * 1_024];
    text.extend_from_slice(b"\nError: stdin is not a terminal\n");
    std::fs::write(&path, text).unwrap();
    let cut = contains("only the first 16 MiB").and(contains("no lesson"));
    explain(&["--file", path.to_str().unwrap()]).assert().code(1).stderr(cut);
}
