//! Which checks and lessons a call is about: names, filters, partitions, releases.

use std::fs;

use predicates::prelude::*;
use predicates::str::contains;

use crate::releases::without_an_index;
use crate::{describes, fixtures, listed, xtask};

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

#[test]
fn an_unknown_flavour_leads_to_all_names() {
    for command in ["smoke", "repro"] {
        let names = "openssh-bullseye, openssh-bookworm, openssh-trixie, dropbear, busybox";
        let expected = contains("there is no flavour `alpine`; there are ").and(contains(names));
        xtask(&[command, "custom-port", "--flavour", "alpine"]).assert().code(2).stdout("").stderr(expected);
    }
}

#[test]
fn a_lesson_that_the_chosen_codex_is_not_about_is_named_with_one_that_it_is_about() {
    let about = contains("profile-legacy is only about Codex >=0.134").and(contains("hint: add --codex"));
    xtask(&["smoke", "profile-legacy", "--codex", "stub:0.133"]).assert().code(2).stderr(about);
    let about = contains("is only about Claude Code").and(contains("--codex claude:RELEASE"));
    xtask(&["smoke", "claude-print-flag"]).assert().code(2).stderr(about);
    xtask(&["lessons", "--accept", "claude-print-flag"]).assert().code(2).stderr(contains("--test real"));
}
