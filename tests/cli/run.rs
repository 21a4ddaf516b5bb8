//! What a run prints and how it ends: engines, JSON, failures, interruptions.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use predicates::prelude::*;
use predicates::str::contains;
use tests::started;

use crate::{describes, lessons, with_lessons, xtask};

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
