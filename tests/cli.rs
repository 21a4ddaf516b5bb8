//! The command line of `cargo xtask` as a user sees it: help, mistakes, lists, reports, exit statuses.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use tests::started;

fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::from_std(started::command(env!("CARGO_BIN_EXE_xtask")));
    command.timeout(started::PATIENCE);
    command.args(arguments).env_remove("DOCKER_HOST").env_remove("NO_COLOR");
    command
}

fn fixtures() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("fixtures/lessons")
}

/// A folder with one good lesson, changed by `edit`.
fn lessons(edit: impl Fn(String) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let good = fs::read_to_string(fixtures().join("git-trust-level.toml")).unwrap();
    fs::write(folder.path().join("git-trust-level.toml"), edit(good)).unwrap();
    folder
}

fn with_lessons(verb: &str, folder: &tempfile::TempDir) -> Command {
    let mut command = xtask(&[verb, "--lessons"]);
    command.arg(folder.path());
    command
}

#[test]
fn help_names_every_verb() {
    let mut all = xtask(&["--help"]).assert().success();
    for verb in [
        "deploy", "rollback", "doctor", "login", "explain", "smoke", "lessons", "mutants", "drift",
        "releases", "bench", "clean", "ci",
    ] {
        all = all.stdout(contains(verb));
    }
}

#[test]
fn a_call_without_a_verb_is_wrong_and_says_how_it_goes() {
    xtask(&[]).assert().code(2).stderr(contains("Usage: cargo xtask"));
}

#[test]
fn an_unknown_flag_is_a_wrong_call() {
    xtask(&["smoke", "--jbos", "3"]).assert().code(2).stderr(contains("--jobs"));
}

#[test]
fn no_jobs_at_all_is_a_wrong_call() {
    xtask(&["smoke", "--jobs", "0"]).assert().code(2).stderr(contains("1 to 64"));
}

#[test]
fn an_unknown_check_is_a_wrong_call_that_says_where_the_names_are() {
    let expected = contains("unknown check no-such-lesson").and(contains("smoke --list"));
    xtask(&["smoke", "no-such-lesson"]).assert().code(2).stderr(expected).stdout("");
}

#[test]
fn an_unknown_codex_is_a_wrong_call_that_says_how_one_is_named() {
    xtask(&["smoke", "--codex", "0.163"]).assert().code(2).stderr(contains("stub:RELEASE"));
}

#[test]
fn the_list_names_the_seven_and_every_lesson_without_an_engine() {
    let texts =
        fs::read_dir(fixtures()).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let files = texts.filter(|text| !text.contains("tool = \"claude\"")).count();
    let output = xtask(&["smoke", "--list"]).env("DOCKER_HOST", "unix:///nowhere").assert().success();
    let list = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    assert_eq!(list.lines().count(), files + 7, "{list}");
    assert!(list.contains("smoke-7") && list.contains("profile-flag"));
}

#[test]
fn lessons_are_listed_shown_and_given_as_json() {
    xtask(&["lessons"]).assert().success().stdout(contains("leading-dot"));
    let page = contains("$ codex -p 'my prompt'").and(contains("fails under: stub:profile-is-prompt"));
    xtask(&["lessons", "profile-flag"]).assert().success().stdout(page);
    let output = xtask(&["lessons", "--format", "json"]).assert().success();
    let list: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    let flag = list.as_array().unwrap().iter().find(|lesson| lesson["id"] == "profile-flag").unwrap();
    for field in ["title", "guide", "codex"] {
        assert!(flag[field].is_string(), "{field}");
    }
    assert!(!flag["mutants"].as_array().unwrap().is_empty());
}

#[test]
fn an_unknown_lesson_is_a_wrong_call() {
    for verb in ["lessons", "mutants"] {
        xtask(&[verb, "nothing"]).assert().code(2).stderr(contains("unknown lesson nothing"));
    }
}

#[test]
fn a_lesson_file_with_an_unknown_key_is_refused_with_its_line_and_column() {
    let folder = lessons(|text| text.replace("[given]", "[given]\nshel = \"zsh\""));
    let text = fs::read_to_string(folder.path().join("git-trust-level.toml")).unwrap();
    let line = text.lines().position(|line| line.starts_with("shel")).unwrap() + 1;
    let expected = contains(format!("git-trust-level.toml:{line}:1: ")).and(contains("unknown field `shel`"));
    with_lessons("lessons", &folder).assert().code(2).stderr(expected);
}

#[test]
fn a_lesson_file_with_a_bad_range_is_refused() {
    let folder = lessons(|text| text.replace("mutants =", "codex = \"0.134 and later\"\nmutants ="));
    with_lessons("lessons", &folder).assert().code(2).stderr(contains("is no range of releases"));
}

#[test]
fn a_lesson_without_a_mutant_is_refused() {
    let folder = lessons(|text| {
        let start = text.find("mutants = [").unwrap();
        let end = start + text[start..].find(']').unwrap();
        format!("{}mutants = [{}", &text[..start], &text[end..])
    });
    with_lessons("lessons", &folder).assert().code(2).stderr(contains("at least one mutant"));
}

#[test]
fn a_lesson_with_an_unknown_mutant_is_refused_with_those_that_exist() {
    let folder = lessons(|text| text.replace("stub:trust-level-honoured", "stub:no-such"));
    let expected = contains("git-trust-level.toml:9:").and(contains("no mutant `stub:no-such`"));
    let expected = expected.and(contains("stub:git-check-skipped"));
    with_lessons("smoke", &folder).assert().code(2).stderr(expected);
}

#[test]
fn two_lessons_of_one_id_are_refused_with_both_files() {
    let folder = lessons(|text| text);
    let copy = folder.path().join("other.toml");
    fs::copy(folder.path().join("git-trust-level.toml"), &copy).unwrap();
    let expected =
        contains("git-trust-level.toml").and(contains("other.toml")).and(contains("both have the id"));
    with_lessons("lessons", &folder).assert().code(2).stderr(expected);
}

#[test]
fn a_lesson_that_expects_nothing_on_a_release_is_refused() {
    let folder = lessons(|text| text.replacen("expect = [{ exit", "expect = [{ codex = \"<0.134\", exit", 1));
    with_lessons("lessons", &folder).assert().code(2).stderr(contains("expects nothing on 0.144.4"));
}

#[test]
fn a_missing_engine_is_said_with_its_remedy() {
    let assert = xtask(&["smoke", "smoke-1"]).env("DOCKER_HOST", "unix:///nowhere/docker.sock").assert();
    assert.code(3).stdout("").stderr(contains("no container engine").and(contains("remedy: ")));
}

#[test]
fn an_engine_that_refuses_is_said_with_its_remedy() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let assert = xtask(&["smoke", "smoke-1"]).env("DOCKER_HOST", format!("tcp://127.0.0.1:{port}")).assert();
    assert.code(3).stderr(contains("remedy: ").and(contains("DOCKER_HOST")));
}

#[test]
fn a_base_image_that_is_not_there_is_never_passed_over() {
    let assert = xtask(&["smoke", "smoke-1", "--base-image", "no-such-image:none"]).assert();
    assert.code(3).stderr(contains("no-such-image:none").and(contains("remedy: ")));
}

#[test]
fn json_is_one_object_and_nothing_else_and_has_no_colour() {
    let output = xtask(&["smoke", "smoke-1", "git-check", "--format", "json"]).assert().success();
    let report: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["result"], "pass");
    assert_eq!(report["codex"]["kind"], "stub");
    assert!(report["target"].is_object() && report["seconds"].is_number());
    let checks = report["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 2);
    for (check, kind) in checks.iter().zip(["smoke", "lesson"]) {
        assert_eq!(check["kind"], kind);
        assert_eq!(check["status"], "pass");
        assert!(check["seconds"].is_number() && check["summary"].is_string());
    }
}

#[test]
fn a_check_that_fails_is_told_with_what_a_person_needs_and_exits_1() {
    let folder = lessons(|text| text.replace("exit = 1", "exit = 7"));
    let needs = ["command", "account", "expected  exit 7", "seen", "next", "1 failed"];
    let mut assert = with_lessons("smoke", &folder).arg("git-trust-level").assert().code(1);
    for need in needs {
        assert = assert.stdout(contains(need));
    }
    assert.stdout(contains("\x1b[").not());
}

#[test]
fn an_interrupted_run_exits_130_and_leaves_nothing() {
    // Its own runtime folder, so that only this run's leftovers are in it.
    let runtime = tempfile::tempdir().unwrap();
    let mut child = started::command(env!("CARGO_BIN_EXE_xtask"))
        .args(["smoke", "--jobs", "1"])
        .env("XDG_RUNTIME_DIR", runtime.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut first_line = String::new();
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut stdout, &mut first_line).unwrap();
    assert!(first_line.starts_with("ok"), "{first_line}");
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let began = Instant::now();
    let status = started::ends(&mut child, started::PATIENCE);
    assert_eq!(status.code(), Some(130));
    assert!(began.elapsed() < Duration::from_secs(20));
    let clean = xtask(&["clean"]).env("XDG_RUNTIME_DIR", runtime.path()).assert().success();
    clean.stdout("nothing to remove\n");
}

/// Runs the command with its own cache and without a way to download packages.
fn without_an_index(arguments: &[&str], cache: &Path) -> Command {
    let mut command = xtask(arguments);
    command.env("XDG_CACHE_HOME", cache).env("PATH", cache);
    command
}

#[test]
fn releases_names_what_is_pinned_and_where_the_cache_is() {
    let cache = tempfile::tempdir().unwrap();
    let said = contains("0.163.0").and(contains("2.1.")).and(contains(cache.path().to_str().unwrap()));
    without_an_index(&["releases"], cache.path()).assert().success().stdout(said);
    let report = without_an_index(&["releases", "--format", "json"], cache.path()).assert().success();
    let report: serde_json::Value = serde_json::from_slice(&report.get_output().stdout).unwrap();
    assert!(report["releases"].as_array().unwrap().len() > 20, "{report}");
}

#[test]
fn a_release_that_is_nowhere_is_named_with_what_would_help() {
    let cache = tempfile::tempdir().unwrap();
    let offline = contains("--offline").and(contains("releases --fetch codex:0.163.0"));
    without_an_index(&["releases", "--fetch", "0.163.0", "--offline"], cache.path())
        .assert()
        .code(3)
        .stderr(offline);
    without_an_index(&["releases", "--fetch", "0.163.0"], cache.path())
        .assert()
        .code(3)
        .stderr(contains("install Python's pip"));
    let unpinned = contains("--unpinned").and(contains("releases --update"));
    without_an_index(&["releases", "--fetch", "0.140.0"], cache.path()).assert().code(2).stderr(unpinned);
    xtask(&["releases", "--fetch", "newest"]).assert().code(2);
    xtask(&["releases", "--update", "--offline"]).assert().code(2);
}

#[test]
fn a_file_of_pins_that_cannot_be_read_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let pins = folder.path().join("pins.toml");
    fs::write(&pins, "[[release]]\nno-such-key = 1\n").unwrap();
    let pins = pins.to_str().unwrap();
    xtask(&["drift", "--pins", pins]).assert().code(2).stderr(contains("pins.toml:"));
}

#[test]
fn drift_refuses_what_is_no_release_and_what_is_no_lesson() {
    xtask(&["drift", "newest"]).assert().code(2).stderr(contains("real:RELEASE"));
    let unknown = contains("unknown lesson no-such");
    xtask(&["drift", "0.163.0", "--lesson", "no-such"]).assert().code(2).stderr(unknown);
    xtask(&["drift", "stub:0.163.0", "--write"]).assert().code(2).stderr(contains("real releases"));
    xtask(&["drift", "--accept", "--against", "stub"]).assert().code(2);
}

#[test]
fn a_file_that_is_no_program_is_refused_before_it_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("codex");
    fs::write(&script, "#!/bin/sh\necho codex-cli 0.163.0\n").unwrap();
    let script = script.to_str().unwrap();
    xtask(&["smoke", "--codex", script])
        .assert()
        .code(2)
        .stderr(contains("script").and(contains("nothing was run")));
    xtask(&["smoke", "--codex", "./no-such-program"]).assert().code(2).stderr(contains("no-such-program"));
}

#[test]
fn a_program_that_is_no_codex_is_refused_by_what_it_says_of_itself() {
    let refused = contains("codex-cli X.Y.Z").and(contains("exit 127").or(contains("it ended with exit")));
    xtask(&["smoke", "--codex", "/bin/true"]).assert().code(2).stderr(refused);
}

#[test]
fn the_guides_statements_are_marked() {
    let said =
        contains("holds").and(contains("wrong")).and(contains("cargo xtask drift --lesson leading-dot"));
    xtask(&["lessons", "--guide"]).assert().success().stdout(said);
}

/// The name of a new lesson in these tests.
const NEW: &str = "a-new-one";

#[test]
fn a_new_lesson_is_a_file_that_loads_and_is_never_written_over_another() {
    let folder = lessons(|text| text);
    let new = || {
        let mut command = with_lessons("lessons", &folder);
        command.args(["--new", NEW]);
        command
    };
    new().assert().success().stdout(contains("a-new-one.toml").and(contains("lessons --accept a-new-one")));
    with_lessons("lessons", &folder).arg(NEW).assert().success().stdout(contains("TODO: what it teaches"));
    with_lessons("smoke", &folder).arg("--list").assert().success().stdout(contains(NEW));

    let path = folder.path().join("a-new-one.toml");
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("[given]", "[given]\nshel = \"zsh\""))
        .unwrap();
    let edited = fs::read_to_string(&path).unwrap();
    new().assert().code(1).stdout("").stderr(contains("a-new-one.toml").and(contains("nothing was changed")));
    assert_eq!(fs::read_to_string(&path).unwrap(), edited);
    let line = edited.lines().position(|line| line.starts_with("shel")).unwrap() + 1;
    with_lessons("lessons", &folder)
        .args(["--accept", NEW])
        .assert()
        .code(2)
        .stderr(contains(format!("a-new-one.toml:{line}:1: unknown field `shel`")));
}

#[test]
fn a_new_lesson_can_begin_as_another_one() {
    let folder = lessons(|text| text);
    let like = |id: &str, other: &str| {
        let mut command = with_lessons("lessons", &folder);
        command.args(["--new", id, "--like", other]);
        command
    };
    like(NEW, "git-trust-level").assert().success();
    let text = fs::read_to_string(folder.path().join("a-new-one.toml")).unwrap();
    let other = fs::read_to_string(folder.path().join("git-trust-level.toml")).unwrap();
    let differing: Vec<_> = text.lines().zip(other.lines()).filter(|(one, other)| one != other).collect();
    assert_eq!(differing.len(), 2, "{text}");
    assert!(text.contains("id = \"a-new-one\"\ntitle = \"TODO: trust_level in"), "{text}");

    like("another", "no-such").assert().code(2).stderr(contains("no-such.toml cannot be read"));
    for id in ["Two", "two words", "../up", "a--b", "a_b", ""] {
        like(id, "git-trust-level").assert().code(2).stderr(contains("joined by hyphens"));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_lesson_that_the_chosen_codex_is_not_about_is_named_with_one_that_it_is_about() {
    let about = contains("profile-legacy is only about Codex >=0.134").and(contains("hint: add --codex"));
    xtask(&["smoke", "profile-legacy", "--codex", "stub:0.133"]).assert().code(2).stderr(about);
    let about = contains("is only about Claude Code").and(contains("--codex claude:RELEASE"));
    xtask(&["smoke", "claude-print-flag"]).assert().code(2).stderr(about);
    xtask(&["lessons", "--accept", "claude-print-flag"]).assert().code(2).stderr(contains("--test real"));
}
