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
use tests::terminal::Terminal;

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

/// The first word of each line that a call prints.
fn listed(call: &[&str]) -> Vec<String> {
    let output = xtask(call).assert().success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    text.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn help_names_every_verb() {
    let mut all = xtask(&["--help"]).assert().success();
    for verb in [
        "deploy", "rollback", "doctor", "login", "explain", "smoke", "lessons", "mutants", "drift",
        "releases", "guide", "bench", "clean", "ci", "dist",
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
fn an_unknown_check_selects_nothing_and_says_where_the_names_are() {
    let expected =
        contains("unknown check `no-such-lesson`").and(contains("\n  hint: cargo xtask smoke --list"));
    xtask(&["smoke", "no-such-lesson"]).assert().code(4).stderr(expected).stdout("");
}

#[test]
fn an_unknown_codex_is_a_wrong_call_that_says_how_one_is_named() {
    xtask(&["smoke", "--codex", "0.163"]).assert().code(2).stderr(contains("stub:RELEASE"));
}

#[test]
fn the_list_names_the_seven_and_every_lesson_without_an_engine() {
    let texts =
        fs::read_dir(fixtures()).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let is_run =
        |text: &String| !text.contains("tool = \"claude\"") && !text.contains("verdict = \"reported\"");
    let files = texts.filter(is_run).count();
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
    describes("lessons", &list);
    let guide = xtask(&["lessons", "--guide", "--format", "json"]).assert().success();
    describes("guide", &serde_json::from_slice(&guide.get_output().stdout).unwrap());
    let flag = list.as_array().unwrap().iter().find(|lesson| lesson["id"] == "profile-flag").unwrap();
    for field in ["title", "guide", "codex"] {
        assert!(flag[field].is_string(), "{field}");
    }
    assert!(!flag["mutants"].as_array().unwrap().is_empty());
}

#[test]
fn an_unknown_lesson_selects_nothing() {
    for verb in ["lessons", "mutants"] {
        let unknown = contains("unknown lesson").and(contains("`nothing`"));
        xtask(&[verb, "nothing"]).assert().code(4).stderr(unknown);
    }
}

#[test]
fn a_misspelt_name_is_refused_with_the_one_that_was_meant() {
    let meant = contains("`profile-flg`; did you mean `profile-flag`?");
    for call in [
        &["smoke", "profile-flg"][..],
        &["smoke", "--list", "profile-flg"],
        &["lessons", "profile-flg"],
        &["lessons", "--accept", "profile-flg"],
        &["lessons", "--new", "a-new-one", "--like", "profile-flg"],
        &["mutants", "profile-flg"],
        &["drift", "0.163.0", "--offline", "--lesson", "profile-flg"],
    ] {
        xtask(call).assert().code(4).stdout("").stderr(meant.clone());
    }
    xtask(&["smoke", "path"]).assert().code(4).stderr(contains("did you mean 'path*'?"));
    let kind = contains("unknown lesson or smoke test `smoke-8`; did you mean `smoke-");
    xtask(&["mutants", "smoke-8"]).assert().code(4).stderr(kind);
}

#[test]
fn a_filter_selects_what_matches_and_one_that_matches_nothing_has_its_own_exit_status() {
    assert_eq!(listed(&["smoke", "--list", "path-*"]), ["path-bash", "path-sh", "path-zsh"]);
    assert_eq!(listed(&["smoke", "--list", "smoke-?", "path-sh"]).len(), 8);
    assert_eq!(listed(&["lessons", "path-*"]), ["path-bash", "path-sh", "path-zsh"]);
    for call in [
        &["smoke", "no-such-*"][..],
        &["lessons", "no-such-*"],
        &["mutants", "no-such-*"],
        &["drift", "0.163.0", "--lesson", "no-such-*"],
        &["drift", "9.*"],
        &["releases", "--fetch", "9.*"],
    ] {
        xtask(call).assert().code(4).stdout("").stderr(contains(" matches `"));
    }
    xtask(&["lessons", "--accept", "path-*"]).assert().code(2).stderr(contains("one lesson, not several"));
    xtask(&["mutants", "claude-print-flag"]).assert().code(2).stderr(contains("no stub"));
}

#[test]
fn a_section_of_the_guide_selects_its_checks() {
    let smoke_tests = listed(&["smoke", "--list", "@smoke-tests"]);
    assert_eq!((smoke_tests.len(), smoke_tests[0].as_str()), (7, "smoke-1"));
    let sections = listed(&["smoke", "--list", "@troubleshooting", "@smoke-tests"]);
    assert!(sections.len() > 10 && sections.contains(&"trouble-not-trusted".to_owned()), "{sections:?}");
    assert_eq!(listed(&["lessons", "@troubleshooting"]), sections[7..]);
    for call in [
        &["smoke", "@no-such"][..],
        &["lessons", "@no-such"],
        &["mutants", "@no-such"],
        &["drift", "--lesson", "@no-such"],
    ] {
        let said =
            contains("is in the section `@no-such`").and(contains("\n  hint: the sections are @beyond, "));
        xtask(call).assert().code(4).stdout("").stderr(said);
    }
}

#[test]
fn the_parts_of_a_partition_have_every_check_once() {
    let all = listed(&["smoke", "--list"]);
    for way in ["hash", "slice"] {
        let part = |part: u32| listed(&["smoke", "--list", "--partition", &format!("{way}:{part}/4")]);
        let parts: Vec<String> = (1..=4).flat_map(part).collect();
        let [mut parts, mut all] = [parts, all.clone()];
        parts.sort_unstable();
        all.sort_unstable();
        assert_eq!(parts, all, "{way}");
    }
    assert_eq!(listed(&["smoke", "--list", "path-*", "--partition", "slice:2/2"]), ["path-sh"]);
    let empty =
        contains("the part slice:4/4 has none of the 3 selected checks").and(contains("\n  hint: use fewer"));
    xtask(&["smoke", "path-*", "--partition", "slice:4/4"]).assert().code(4).stdout("").stderr(empty);
    for verb in ["smoke", "mutants", "drift"] {
        let wrong = contains("`hash:K/N` or `slice:K/N`, with K from 1 to N");
        xtask(&[verb, "--partition", "hash:0/3"]).assert().code(2).stdout("").stderr(wrong);
    }
}

#[test]
fn a_glob_of_releases_is_about_codex_unless_it_says_claude() {
    let cache = tempfile::tempdir().unwrap();
    // Nothing is in this cache, so the first release that the glob selects is the one that is missed.
    for (glob, first) in [("0.15*", "codex 0.153.4"), ("claude:2*", "claude 2.")] {
        let mut command = without_an_index(&["releases", "--fetch", glob, "--offline"], cache.path());
        command.assert().code(3).stderr(contains(first));
    }
}

#[test]
fn a_release_that_no_run_can_be_about_is_refused_before_anything_is_started() {
    let nowhere = |call: &[&str]| {
        let mut command = xtask(call);
        command.env("DOCKER_HOST", "unix:///nowhere/docker.sock");
        command.assert().code(2).stdout("")
    };
    let refused =
        || contains("does not play Codex 9.9.9").and(contains("0.133.0, ")).and(contains("0.163.0"));
    nowhere(&["smoke", "--codex", "stub:9.9.9"]).stderr(refused());
    nowhere(&["smoke", "--codex", "stub:9.9.9", "--list"]).stderr(refused());
    nowhere(&["drift", "stub:9.9.9"]).stderr(refused());
    for call in [&["smoke", "--codex", "real:9.9.9"][..], &["drift", "9.9.9"]] {
        nowhere(call).stderr(contains("codex 9.9.9 is not pinned").and(contains("0.163.0")));
    }
}

/// The examples of a help text.
fn examples(help: &str) -> Vec<String> {
    help.lines().filter_map(|line| line.trim().strip_prefix("cargo xtask ")).map(str::to_owned).collect()
}

#[test]
fn help_has_examples_that_can_be_called_and_the_exit_statuses() {
    for call in [&["--help"][..], &["smoke", "--help"], &["drift", "--help"], &["mutants", "--help"]] {
        let output = xtask(call).assert().success().stdout(contains("Exit status:").and(contains("130")));
        let help = String::from_utf8(output.get_output().stdout.clone()).unwrap();
        let examples = examples(&help);
        assert!(examples.len() >= 2, "{help}");
        for example in examples {
            // With --help, clap checks the arguments before it, and nothing runs.
            let line = format!("exec '{}' {example} --help", env!("CARGO_BIN_EXE_xtask"));
            Command::new("sh").args(["-c", &line]).assert().success();
        }
    }
}

/// What a terminal of so many columns shows of a command, line by line, without the live line.
fn at_a_terminal(columns: usize, arguments: &str) -> Vec<String> {
    let line = format!("stty cols {columns}; '{}' {arguments}", env!("CARGO_BIN_EXE_xtask"));
    let shown = Terminal::runs(&line, &[]).ends(0);
    let shown = String::from_utf8(shown).unwrap();
    // The first line is the terminal's name. The live line is drawn over and over, each time from the beginning.
    let lines = shown.split(['\n', '\r']).skip(1).map(without_codes);
    lines.filter(|line| !line.trim().is_empty() && !has_a_spinner(line)).collect()
}

/// A line without the codes that control a terminal.
fn without_codes(line: &str) -> String {
    let mut parts = line.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.split_once(|c: char| c.is_ascii_alphabetic()).map_or("", |(_, rest)| rest)
    })
}

/// Whether a text has a character of the live line's spinner.
fn has_a_spinner(text: &str) -> bool {
    text.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c))
}

#[test]
fn rows_and_lists_fit_the_terminal_and_no_word_is_broken() {
    let output = xtask(&["smoke", "--list"]).assert().success();
    let list = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let words: Vec<&str> = list.split_whitespace().collect();
    for columns in [60, 80, 120] {
        for list in ["smoke --list", "lessons"] {
            let shown = at_a_terminal(columns, list);
            let long: Vec<_> = shown.iter().filter(|line| line.chars().count() > columns).collect();
            assert!(long.is_empty(), "{columns}: {long:#?}");
            if list == "smoke --list" {
                let shown: Vec<&str> = shown.iter().flat_map(|line| line.split_whitespace()).collect();
                assert_eq!(shown, words, "{columns}");
            }
        }
        let shown = at_a_terminal(columns, "smoke git-check unauthorized-cut-short");
        let rows: Vec<&String> = shown.iter().filter(|line| line.starts_with("ok ")).collect();
        assert_eq!(rows.len(), 2, "{shown:#?}");
        assert!(rows.iter().all(|row| row.chars().count() <= columns), "{shown:#?}");
        assert!(columns > 60 || rows.iter().any(|row| row.ends_with('…')), "{shown:#?}");
    }
}

#[test]
fn a_row_has_the_title_and_the_last_line_says_which_codex_was_tested() {
    let run = |more: &[&str]| {
        let output = xtask(&[&["smoke", "git-check"], more].concat()).assert().success();
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    let title = "git-check  codex exec needs a git repository, or --skip-git-repo-check\n";
    let plain = run(&[]);
    assert!(plain.starts_with("ok  ") && plain.contains(title), "{plain}");
    assert!(
        plain.contains("1 passed, 0 failed with the stub of Codex 0.163.0; no secret was seen;"),
        "{plain}"
    );
    assert!(!plain.contains("Not inside a trusted directory"), "{plain}");
    assert!(plain.contains("for every era: cargo xtask lessons --accept git-check\n"), "{plain}");
    // There is nothing to accept for a smoke test.
    xtask(&["smoke", "smoke-1"]).assert().success().stdout(contains("--accept").not());
    let verbose = run(&["-v", "--codex", "stub:0.133"]);
    assert!(verbose.contains(title) && verbose.contains("wrong: exit 1 “Not inside a trusted"), "{verbose}");
    assert!(verbose.contains("with the stub of Codex 0.133.0;"), "{verbose}");
}

/// Runs a line as it would be pasted into a shell at this checkout's program, and closes its standard input.
fn pasted(line: &str, runtime: &Path) -> std::process::Output {
    let line = line.replace("cargo xtask", &format!("'{}'", env!("CARGO_BIN_EXE_xtask")));
    let mut command = started::command("sh");
    command.args(["-c", &line]).env("XDG_RUNTIME_DIR", runtime).stdin(Stdio::null());
    started::output(&mut command)
}

#[test]
fn what_keep_prints_works_when_it_is_pasted() {
    let runtime = tempfile::tempdir().unwrap();
    let kept = pasted("cargo xtask smoke profile-flag custom-port smoke-1 --keep", runtime.path());
    let text = String::from_utf8(kept.stdout).unwrap();
    assert_eq!(kept.status.code(), Some(0), "{text}");
    let (_, kept) = text.split_once("\nkept: ").unwrap();
    let after = |word: &str| {
        let line = kept.lines().map(str::trim).find(|line| line.starts_with(word));
        line.unwrap_or_else(|| panic!("{text}"))[word.len()..].trim().to_owned()
    };
    let flag = after("profile-flag");
    assert!(flag.ends_with("@box \"codex -p 'my prompt'\""), "{flag}");
    let output = pasted(&flag, runtime.path());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), said.contains("invalid --profile value")), (Some(2), true), "{said}");
    // A command of the machine that deploys, with its own account.
    let output = pasted(&after("custom-port"), runtime.path());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("Connection refused"), "{said}");
    // A terminal is forced, since the test has none to offer.
    let shell = after("smoke-1").replace("ssh -t ", "printf 'codex --version\\nexit\\n' | ssh -tt ");
    let output = pasted(&shell, runtime.path());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("codex-cli 0.163.0"), "{said}");
    let removed = pasted("cargo xtask clean", runtime.path());
    assert!(String::from_utf8_lossy(&removed.stdout).contains("removed container"), "{removed:?}");
}

#[test]
fn a_program_reads_how_to_get_into_a_kept_container_and_how_to_remove_it() {
    let runtime = tempfile::tempdir().unwrap();
    let kept = pasted("cargo xtask smoke git-check --keep --format json", runtime.path());
    let report: serde_json::Value = serde_json::from_slice(&kept.stdout).unwrap();
    describes("smoke", &report);
    let kept = &report["kept"];
    let check = &kept["checks"][0];
    assert_eq!((&check["id"], &check["account"]), (&"git-check".into(), &"u1".into()), "{report}");
    let output = pasted(check["command"].as_str().unwrap(), runtime.path());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("Not inside a trusted directory"), "{said}");
    assert!(Path::new(kept["ssh_config"].as_str().unwrap()).exists());
    let removed = pasted(kept["remove"].as_str().unwrap(), runtime.path());
    let said = String::from_utf8_lossy(&removed.stdout).into_owned();
    assert!(said.contains("removed container"), "{said}");
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
fn an_expectation_for_an_unknown_flavour_is_refused_with_those_that_exist() {
    let folder =
        lessons(|text| text.replacen("expect = [{ exit", "expect = [{ flavours = [\"alpine\"], exit", 1));
    let expected = contains("git-trust-level.toml:").and(contains("there is no flavour `alpine`"));
    let expected = expected.and(contains("openssh-bookworm, openssh-trixie, dropbear, busybox"));
    with_lessons("lessons", &folder).assert().code(2).stderr(expected);
}

#[test]
fn a_step_needs_an_expectation_for_every_server_and_one_for_each() {
    // Only for one server.
    let folder =
        lessons(|text| text.replacen("expect = [{ exit", "expect = [{ flavours = [\"busybox\"], exit", 1));
    with_lessons("lessons", &folder).assert().code(2).stderr(contains("expects nothing on"));
    // Two for the same server.
    let two = "expect = [{ flavours = [\"busybox\"], exit = 1 }, { flavours = [\"dropbear\", \"busybox\"], exit = 2 }, { exit";
    let folder = lessons(|text| text.replacen("expect = [{ exit", two, 1));
    with_lessons("lessons", &folder).assert().code(2).stderr(contains("has two expectations for"));
    // One for each of two, and one for the others.
    let folder = lessons(|text| {
        text.replacen("expect = [{ exit", &two.replace("\"dropbear\", \"busybox\"", "\"dropbear\""), 1)
    });
    with_lessons("lessons", &folder).assert().success();
}

#[test]
fn an_unknown_flavour_leads_to_all_names() {
    for command in ["smoke", "repro"] {
        let names = "openssh-bullseye, openssh-bookworm, openssh-trixie, dropbear, busybox";
        let expected = contains("there is no flavour `alpine`; there are ").and(contains(names));
        xtask(&[command, "custom-port", "--flavour", "alpine"]).assert().code(2).stdout("").stderr(expected);
    }
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
    describes("smoke", &report);
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
    let file = folder.path().join("git-trust-level.toml");
    let text = fs::read_to_string(&file).unwrap();
    let line = text.lines().position(|line| line == "[[wrong]]").unwrap() + 1;
    let place = format!("file      {}:{line}", file.display());
    let again = format!(
        "hint: to run it again and keep its account: cargo xtask smoke git-trust-level --keep --lessons {}",
        folder.path().display()
    );
    let needs = [
        "FAIL git-trust-level: trust_level in",
        "step      wrong",
        &place,
        "command",
        "account",
        "expected  exit 7",
        "seen      exit 1",
        &again,
        "1 failed",
    ];
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
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = started::reads(child.stderr.take().unwrap());
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
    let said = String::from_utf8(said.recv_timeout(Duration::from_secs(10)).unwrap()).unwrap();
    let last = said.lines().last().unwrap();
    let count = |after: &str, before: &str| -> usize {
        let number = last.split(after).nth(1).and_then(|rest| rest.split(before).next());
        number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{said}"))
    };
    let (passed, rest) = (count("interrupted: ", " passed"), count("passed, ", " not run"));
    assert!(passed >= 1 && rest >= 1, "{said}");
    let all = xtask(&["smoke", "--list"]).assert().success().get_output().stdout.clone();
    assert_eq!(passed + rest, String::from_utf8(all).unwrap().lines().count(), "{said}");
    assert!(last.ends_with("; removing the containers of this run…"), "{said}");
    let clean = xtask(&["clean"]).env("XDG_RUNTIME_DIR", runtime.path()).assert().success();
    clean.stdout("nothing to remove\n");
}

#[test]
fn an_interrupted_run_leaves_no_live_line_on_the_screen() {
    for arguments in ["smoke --jobs 1", "drift stub:0.163.0 --jobs 1", "mutants --jobs 1"] {
        let runtime = tempfile::tempdir().unwrap();
        let variables = [("XDG_RUNTIME_DIR", runtime.path().as_os_str())];
        let line = format!("'{}' {arguments}", env!("CARGO_BIN_EXE_xtask"));
        let mut terminal = Terminal::runs(&line, &variables);
        terminal.hears(" 1/", b"\x03");
        let shown = String::from_utf8(terminal.ends(130)).unwrap();
        let (before, after) = shown.rsplit_once("interrupted: ").unwrap();
        assert!(after.contains("not run") && !has_a_spinner(after), "{arguments}\n{after}");
        // The last thing before the message is that the live line is cleared.
        let last = before.rsplit(|c| ('\u{2801}'..='\u{28ff}').contains(&c)).next().unwrap();
        assert!(last.contains("\x1b[2K"), "{arguments}\n{last:?}");
    }
}

#[test]
fn lines_that_go_into_a_pipe_are_not_mixed_with_a_live_line() {
    let line = format!("'{}' smoke smoke-1 git-check | head -1", env!("CARGO_BIN_EXE_xtask"));
    let shown = String::from_utf8(Terminal::runs(&line, &[]).ends(0)).unwrap();
    assert!(shown.contains("ok  ") && !has_a_spinner(&shown), "{shown}");
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
    describes("releases", &report);
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
    let unknown = contains("unknown lesson `no-such`");
    xtask(&["drift", "0.163.0", "--lesson", "no-such"]).assert().code(4).stderr(unknown);
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

    like("another", "no-such").assert().code(4).stderr(contains("unknown lesson `no-such`"));
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

/// Checks a report against the part of the schema that has this name.
fn describes(definition: &str, report: &serde_json::Value) {
    let schema = tests::root().join("docs/harness-schema.json");
    let errors = tests::json_schema::errors(&schema, definition, report);
    assert!(errors.is_empty(), "docs/harness-schema.json does not allow this: {errors:?}\n{report:#}");
}

#[test]
fn the_guide_is_what_its_sources_say() {
    xtask(&["guide", "--check"]).assert().success().stdout("");
}

#[test]
fn a_guide_that_is_out_of_date_fails_with_the_command_that_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it's.md");
    let guide = |arguments: &[&str]| {
        let mut command = xtask(&["guide", "--file"]);
        command.arg(&file).args(arguments);
        command
    };
    let command = format!("hint: cargo xtask guide --file '{}/it'\\''s.md'\n", folder.path().display());
    let missing = contains("say: no such file or directory").and(contains(command.clone()));
    guide(&["--check"]).assert().code(1).stderr(missing);

    guide(&[]).assert().success().stderr(contains("wrote "));
    let good = fs::read_to_string(&file).unwrap();
    assert_eq!(good, fs::read_to_string(tests::root().join("docs/SKILL.md")).unwrap());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "a temporary file is left");
    guide(&["--check"]).assert().success();

    fs::write(&file, good.replacen("# exit 1", "# exit 2", 1)).unwrap();
    let told = contains("docs/compatibility.json say: line ")
        .and(contains("has:     # exit 2"))
        .and(contains("must be: # exit 1"));
    guide(&["--check"]).assert().code(1).stdout("").stderr(told.and(contains(command)));
    assert!(fs::read_to_string(&file).unwrap().contains("# exit 2"), "--check has written");
}

#[test]
fn a_wrong_template_of_the_guide_is_told_with_its_line_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (file, template) = (folder.path().join("guide.md"), folder.path().join("template.md"));
    fs::write(&file, "as it was").unwrap();
    fs::write(&template, "# Title\n\n{{step git-chek: right}}\n").unwrap();
    let told = contains("template.md:3: unknown lesson or smoke test `git-chek`; did you mean `git-check`?")
        .and(contains("\n  hint: cargo xtask smoke --list"));
    let run = || {
        let mut command = xtask(&["guide", "--file"]);
        command.arg(&file).arg("--template").arg(&template);
        command
    };
    run().assert().code(2).stdout("").stderr(told);
    fs::remove_file(&template).unwrap();
    let told = contains("template.md").and(contains("hint: ")).and(contains("os error").not());
    run().assert().code(2).stderr(told);
    assert_eq!(fs::read_to_string(&file).unwrap(), "as it was");

    let nowhere = folder.path().join("no-such-folder/guide.md");
    let mut command = xtask(&["guide", "--file"]);
    let told = contains("no-such-folder").and(contains("hint: "));
    command.arg(nowhere).assert().code(2).stderr(told);
}
