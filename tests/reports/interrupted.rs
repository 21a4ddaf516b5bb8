//! The reports of a run that ended early.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use tests::started;

use crate::called::{HOLDS, case, end, json, junit, lessons, xtask};

/// Goes on until the run is interrupted.
const LONG: &str = "run = 'sleep 60'\ndeadline = 90\nexpect = [{ exit = 0 }]";

#[test]
fn an_interrupted_run_says_what_it_knows_and_names_what_was_not_run() {
    for signal in ["-INT", "-TERM"] {
        let folder = lessons(&[("aa-first", HOLDS), ("long", LONG), ("zz-last", HOLDS)]);
        let [xml, object] = ["report.xml", "report.json"].map(|name| folder.path().join(name));
        let mut child = started::command(env!("CARGO_BIN_EXE_xtask"))
            .args(["smoke", "aa-first", "long", "zz-last", "--jobs", "1", "--lessons"])
            .arg(folder.path())
            .arg("--report")
            .arg(&xml)
            .arg("--report")
            .arg(&object)
            .env_remove("GITHUB_ACTIONS")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = started::reads(child.stderr.take().unwrap());
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("ok") && line.contains("aa-first"), "{line}");
        let pid = child.id().to_string();
        assert!(std::process::Command::new("kill").args([signal, &pid]).status().unwrap().success());
        assert_eq!(started::ends(&mut child, started::PATIENCE).code(), Some(130));
        let said = String::from_utf8(said.recv().unwrap()).unwrap();
        assert!(said.contains("interrupted: 1 passed, 2 not run") && said.contains("report.xml"), "{said}");

        let report = junit(&xml);
        assert_eq!(end(case(&report, "aa-first")).0, "success");
        for id in ["long", "zz-last"] {
            assert_eq!(end(case(&report, id)), ("skipped", "not run: interrupted"));
        }
        let report = json("smoke", &object);
        assert_eq!((&report["result"], &report["stopped"]), (&"fail".into(), &"interrupted".into()));
        let status = |at: usize| report["checks"][at]["status"].as_str().unwrap().to_owned();
        assert_eq!([0, 1, 2].map(status), ["pass", "not-run", "not-run"], "{report}");
    }
}

#[test]
fn a_run_that_cannot_start_says_so_in_its_reports() {
    let folder = tempfile::tempdir().unwrap();
    let [xml, object] = ["report.xml", "report.json"].map(|name| folder.path().join(name));
    let mut command = xtask(&["smoke", "smoke-1", "--codex", "./codex", "--report"]);
    let command = command.arg(&xml).arg("--report").arg(&object);
    std::fs::write(folder.path().join("codex"), "").unwrap();
    command.current_dir(folder.path()).env("DOCKER_HOST", "unix:///nowhere/docker.sock").assert().code(3);
    let report = junit(&xml);
    let (end, message) = end(case(&report, "smoke-1"));
    assert_eq!(end, "skipped");
    assert!(message.starts_with("not run: no container engine"), "{message}");
    let report = json("smoke", &object);
    assert_eq!(
        (&report["codex"]["release"], &report["target"]["image"]),
        (&().into(), &().into()),
        "{report}"
    );
}
