//! The reports of `drift`.

use std::io::Read as _;
use std::process::Stdio;

use quick_junit::Report;
use serde_json::Value;
use tests::started;

use crate::called::{HOLDS, case, end, json, junit, lessons, xtask};

/// Lessons of which the last one is only about later releases.
fn folder() -> tempfile::TempDir {
    let fails = "run = 'false'\nexpect = [{ codex = '<0.163', exit = 1 }, { codex = '>=0.163', exit = 0 }]";
    let folder = lessons(&[("fails", fails), ("holds", HOLDS), ("later", HOLDS)]);
    let later = folder.path().join("later.toml");
    let text = std::fs::read_to_string(&later).unwrap();
    std::fs::write(later, text.replace("\n\n[given]", "\ncodex = '>=0.134'\n\n[given]")).unwrap();
    folder
}

/// How each case of a suite ended.
fn ends(report: &Report, suite: usize) -> Vec<(&str, &'static str)> {
    let cases = &report.test_suites[suite].test_cases;
    cases.iter().map(|case| (case.name.as_str(), end(case).0)).collect()
}

#[test]
fn each_release_is_a_suite_and_what_does_not_apply_is_skipped() {
    let folder = folder();
    let [xml, object] = ["report.xml", "report.json"].map(|name| folder.path().join(name));
    let mut command = xtask(&["drift", "stub:0.133.0", "stub:0.163.0", "--format", "json", "--lessons"]);
    command.arg(folder.path()).arg("--report").arg(&xml).arg("--report").arg(&object);
    let assert = command.assert().code(1);
    let said: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    assert_eq!(json("drift", &object), said);
    let report = junit(&xml);
    assert_eq!(ends(&report, 0), [("fails", "success"), ("holds", "success"), ("later", "skipped")]);
    assert_eq!(end(case(&report, "later")).1, "the lesson does not apply to the stub of Codex 0.133.0");
    assert_eq!(ends(&report, 1), [("fails", "failure"), ("holds", "success"), ("later", "success")]);
}

#[test]
fn an_interrupted_drift_has_the_releases_that_were_run_and_names_the_rest() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let report = |ending| format!("--report={}/report.{ending}", folder.path().display());
    let mut child = started::command(env!("CARGO_BIN_EXE_xtask"))
        .args(["drift", "stub:0.133.0", "stub:0.163.0", "--jobs", "1", "--lessons"])
        .arg(folder.path())
        .args(["xml", "json", "html"].map(report))
        .env_remove("DOCKER_HOST")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The line of the first release. The container of the second one starts after it.
    child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(started::ends(&mut child, started::PATIENCE).code(), Some(130));

    let report = junit(&path("report.xml"));
    assert_eq!(ends(&report, 0), [("fails", "success"), ("holds", "success"), ("later", "skipped")]);
    assert_eq!(ends(&report, 1), ["fails", "holds", "later"].map(|id| (id, "skipped")));
    let report = json("drift", &path("report.json"));
    assert_eq!((&report["result"], &report["stopped"]), (&"drifted".into(), &"interrupted".into()));
    let status = |release: usize| {
        let cells = report["releases"][release]["cells"].as_array().unwrap();
        cells.iter().map(|cell| cell["status"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(status(0), ["holds", "holds", "not-applicable"]);
    assert_eq!(status(1), ["not-run", "not-run", "not-run"]);
    let page = std::fs::read_to_string(path("report.html")).unwrap();
    assert!(page.contains("3 checks did not run") && page.contains("title=\"not run\">?</td>"), "{page}");
}

/// A comparison with the stub has no reports, also on GitHub.
#[test]
fn a_comparison_has_no_reports() {
    let folder = tempfile::tempdir().unwrap();
    let summary = folder.path().join("summary.md");
    xtask(&["drift", "--against", "stub", "--report", "report.xml"]).assert().code(2);
    let mut command = xtask(&["drift", "--against", "stub", "0.163.0"]);
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &summary);
    command.env("DOCKER_HOST", "unix:///nowhere/docker.sock").assert().code(3);
    assert!(!summary.exists());
}
