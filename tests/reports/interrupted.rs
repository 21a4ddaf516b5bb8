//! The reports of a run that ended early.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Stdio};

use tests::started;

use crate::called::{HOLDS, case, end, json, junit, lessons, xtask};

/// Goes on until the run is interrupted.
const LONG: &str = "run = 'sleep 60'\ndeadline = 90\nexpect = [{ exit = 0 }]";

/// Begins a run of three lessons, one after the other, of which the second does not end. Returns when the first has ended, with
/// what it showed.
fn begin(first: &str, folder: &Path) -> (Child, String) {
    let mut child = started::command(env!("CARGO_BIN_EXE_xtask"))
        .args(["smoke", "aa-first", "long", "zz-last", "--jobs", "1", "--verbose", "--lessons"])
        .arg(folder)
        .args(["xml", "json", "html"].map(|ending| format!("--report={}/report.{ending}", folder.display())))
        .env_remove("DOCKER_HOST")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let [line, shown] = [lines.next(), lines.next()].map(|line| line.unwrap().unwrap());
    assert!(line.starts_with("ok") && line.contains("aa-first"), "{first}: {line}");
    // The rest is read in a thread, so that the program can print it.
    std::thread::spawn(move || lines.count());
    (child, shown)
}

#[test]
fn an_interrupted_run_says_what_it_knows_and_names_what_was_not_run() {
    for signal in ["-INT", "-TERM"] {
        let folder = lessons(&[("aa-first", HOLDS), ("long", LONG), ("zz-last", HOLDS)]);
        let [xml, object] = ["report.xml", "report.json"].map(|name| folder.path().join(name));
        let (mut child, _) = begin(signal, folder.path());
        let said = started::reads(child.stderr.take().unwrap());
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
        let page = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
        let banner = "<strong>The run ended early: interrupted.</strong> 2 checks did not run.</p>";
        assert!(page.contains(banner) && page.contains("<p>not run: interrupted</p>"), "{page}");
        let status = |at: usize| report["checks"][at]["status"].as_str().unwrap().to_owned();
        assert_eq!([0, 1, 2].map(status), ["pass", "not-run", "not-run"], "{report}");
    }
}

#[test]
fn a_run_whose_container_dies_says_so_and_what_passed_before() {
    let shows = "run = 'cat /etc/hostname'\nexpect = [{ exit = 0 }]";
    let folder = lessons(&[("aa-first", shows), ("long", LONG), ("zz-last", HOLDS)]);
    let (mut child, shown) = begin(shows, folder.path());
    // The name of the machine in a container is the container's.
    let id = shown.split(['“', '”']).nth(1).unwrap_or_else(|| panic!("{shown}"));
    let mut engine = UnixStream::connect("/var/run/docker.sock").unwrap();
    write!(engine, "POST /containers/{id}/kill HTTP/1.0\r\nHost: engine\r\nContent-Length: 0\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    engine.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(" 204 "), "{answer}");
    let said = started::reads(child.stderr.take().unwrap());
    assert_eq!(started::ends(&mut child, started::PATIENCE).code(), Some(1));
    let said = String::from_utf8(said.recv().unwrap()).unwrap();

    let report = junit(&folder.path().join("report.xml"));
    let ends = ["aa-first", "long", "zz-last"].map(|id| end(case(&report, id)).0);
    assert_eq!(ends[..2], ["success", "error"], "{report:#?}");
    // No further check begins after the engine has said that the container ended, which takes it a moment.
    assert!(["skipped", "error"].contains(&ends[2]), "{report:#?}");
    let report = json("smoke", &folder.path().join("report.json"));
    let why = report["stopped"].as_str().unwrap();
    assert!(why.starts_with("the container died") && said.contains(why), "{why}\n{said}");
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
