//! The reports of `smoke`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

use crate::called::{HOLDS, WRONG, case, end, json, junit, lessons, xtask};

#[test]
fn a_report_that_cannot_be_written_is_refused_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::create_dir(path("folder.xml")).unwrap();
    let cases = [
        (path("report.txt"), "end it in .xml (JUnit), .json or .html"),
        (path("report"), "end it in .xml (JUnit), .json or .html"),
        (path("nowhere/report.xml"), "its folder does not exist"),
        (path("folder.xml"), "there is something else than a file"),
        ("/proc/self/report.html".to_owned(), "/proc/self/report.html cannot be written: "),
    ];
    for verb in ["smoke", "drift"] {
        for (report, why) in &cases {
            let mut command = xtask(&[verb, "--report", &path("good.json"), "--report", report]);
            // An engine would be missed with exit status 3.
            command.env("DOCKER_HOST", "unix:///nowhere/docker.sock");
            command.assert().code(2).stdout("").stderr(contains(*why).and(contains("\n  hint: ")));
        }
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "something was left");
    xtask(&["smoke", "--list", "--report", &path("good.json")]).assert().code(2).stderr(contains("--list"));
}

#[test]
fn a_run_that_passes_says_the_same_in_each_form() {
    let folder = tempfile::tempdir().unwrap();
    let [xml, object] = ["report.xml", "report.json"].map(|name| folder.path().join(name));
    let mut command = xtask(&["smoke", "smoke-1", "git-check", "--format", "json", "--report"]);
    let assert = command.arg(&xml).arg("--report").arg(&object).assert().code(0);
    let said: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    assert_eq!(json("smoke", &object), said);

    let report = junit(&xml);
    assert_eq!((report.tests, report.failures, report.errors), (2, 0, 0), "{report:#?}");
    assert_eq!(report.test_suites[0].name.as_str(), "the stub of Codex 0.163.0");
    for id in ["smoke-1", "git-check"] {
        assert_eq!(end(case(&report, id)).0, "success");
        assert!(case(&report, id).time.is_some_and(|time| !time.is_zero()));
    }
    let shown = case(&report, "git-check").system_out.as_ref().unwrap().as_str();
    assert!(shown.contains("# wrong") && shown.contains("Not inside a trusted directory"), "{shown}");
    let file = &case(&report, "git-check").extra["file"];
    assert!(file.as_str().ends_with("fixtures/lessons/git-check.toml"), "{file:?}");
    // Others read it: a pipeline publishes it.
    assert_eq!(fs::metadata(&xml).unwrap().permissions().mode() & 0o444, 0o444);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "something was left");
}

#[test]
fn a_run_that_fails_writes_its_reports_with_step_file_and_line() {
    let wrong = "run = 'printf \"\\033[31mred <b>&amp;\\n\"; exit 3'\nexpect = [{ exit = 0 }]";
    let lessons = lessons(&[
        ("fails", wrong),
        ("holds", HOLDS),
        ("breaks", "run = 'chmod 000 ~'\nexpect = [{ exit = 0, files = [{ path = 'no', is = 'absent' }] }]"),
    ]);
    let [xml, object] = ["report.xml", "report.json"].map(|name| lessons.path().join(name));
    let mut command = xtask(&["smoke", "fails", "holds", "breaks", "--lessons"]);
    let command = command.arg(lessons.path()).arg("--report").arg(&xml).arg("--report").arg(&object);
    command.assert().code(1).stderr(contains("report.xml"));

    let report = junit(&xml);
    assert_eq!((report.tests, report.failures), (3, 1), "{report:#?}");
    assert_eq!(end(case(&report, "holds")).0, "success");
    assert_eq!(end(case(&report, "breaks")).0, "error");
    let failed = case(&report, "fails");
    assert_eq!(end(failed), ("failure", "wrong, exit: exit 3 stdout: red <b>&amp;"));
    assert_eq!(failed.extra["line"].as_str(), WRONG.to_string());
    assert!(failed.extra["file"].as_str().ends_with("/fails.toml"));
    assert!(failed.system_out.as_ref().unwrap().as_str().contains("red <b>&amp;"));
    let report = json("smoke", &object);
    assert_eq!(
        (&report["result"], &report["checks"][0]["id"]),
        (&"fail".into(), &"breaks".into()),
        "{report}"
    );
    assert!(report.get("stopped").is_none(), "{report}");
}

/// Reads a token from the login without starting a program, leaves it where only the stub's records are, and shows it.
const SHOWS: &str =
    "run = '''t=$(<~/.codex/auth.json); t=${t#*refresh_token}; t=${t#*rt_}; t=${t%%[!A-Za-z0-9]*}
mkdir -p ~/.codex-stub/witness; echo \"[\\\"$t\\\"]\" >~/.codex-stub/witness/9.json; echo $t'''
deadline = 60
expect = [{ exit = 0, leaks = true }]";

#[test]
fn a_secret_that_was_seen_is_in_each_form_and_no_report_has_it() {
    let lessons = lessons(&[("shows-it", SHOWS)]);
    let path = |name: &str| lessons.path().join(name);
    let mut command = xtask(&["smoke", "shows-it", "--lessons"]);
    command.arg(lessons.path());
    for name in ["report.xml", "report.json", "report.html"] {
        command.arg("--report").arg(path(name));
    }
    command.assert().code(1).stderr(contains("would show").not());
    let report = junit(&path("report.xml"));
    assert_eq!(end(case(&report, "shows-it")).0, "success");
    let leak = case(&report, "leak scanner: the witness of a codex");
    assert_eq!(end(leak), ("failure", "a secret was seen, as it is: the witness of a codex"));
    assert_eq!(json("smoke", &path("report.json"))["leaks"][0]["check"], "shows-it");
    let page = fs::read_to_string(path("report.html")).unwrap();
    assert!(page.contains("a secret of shows-it was seen, as it is: the witness of a codex"), "{page}");
}
