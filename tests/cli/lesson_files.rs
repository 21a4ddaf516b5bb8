//! Lesson files that are wrong, and new ones.

use std::fs;

use predicates::prelude::*;
use predicates::str::contains;

use crate::{lessons, with_lessons};

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
