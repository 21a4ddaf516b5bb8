//! What a job of GitHub Actions shows of a run.

use std::fs;

use crate::called::{HOLDS, WRONG, lessons, xtask};

/// Prints what would be a command to GitHub, a row of a table, and a tag.
const FAILS: &str =
    "run = '''\nprintf '::add-mask::x\\n100%% | <b>, bad\\n'; exit 3\n'''\nexpect = [{ exit = 0 }]";

#[test]
fn a_failure_is_an_annotation_at_its_file_and_line_and_a_row_of_the_summary() {
    let lessons = lessons(&[("fails", FAILS), ("holds", HOLDS)]);
    let summary = lessons.path().join("summary.md");
    fs::write(&summary, "of another step\n").unwrap();
    let mut command = xtask(&["smoke", "fails", "holds", "--format", "json", "--lessons"]);
    command.arg(lessons.path()).env("GITHUB_ACTIONS", "true").env("GITHUB_WORKSPACE", lessons.path());
    let assert = command.env("GITHUB_STEP_SUMMARY", &summary).assert().code(1);
    // The standard output is JSON and nothing else.
    assert!(serde_json::from_slice::<serde_json::Value>(&assert.get_output().stdout).is_ok());
    let said = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    let commands: Vec<&str> = said.lines().filter(|line| line.trim_start().starts_with("::")).collect();
    let annotation = format!(
        "::error file=fails.toml,line={WRONG},title=fails%2C wrong%3A exit::the stub of Codex 0.163.0%0Aexpected: exit 0%0A\
         seen: exit 3 stdout: ::add-mask::x 100%25 | <b>, bad"
    );
    assert_eq!(commands, [annotation]);

    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("of another step\n### cargo xtask smoke: failed\n"), "{text}");
    assert!(text.contains("| the stub of Codex 0&#46;163&#46;0 | 1 | 1 | 0 | 0 | "), "{text}");
    let row = text.lines().find(|line| line.starts_with("| fails, wrong")).unwrap();
    assert!(row.contains("100&#37; &#124; &#60;b&#62;, bad |"), "{row}");
    assert_eq!(row.matches('|').count(), 5, "{row}");
}

#[test]
fn a_drift_has_a_row_for_each_release_and_an_early_end_is_an_annotation() {
    let lessons = lessons(&[("holds", HOLDS)]);
    let summary = lessons.path().join("summary.md");
    let run = |engine: Option<&str>, code: i32| {
        let mut command = xtask(&["drift", "stub:0.133.0", "stub:0.163.0", "--lessons"]);
        command.arg(lessons.path()).env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &summary);
        command.envs(engine.map(|engine| ("DOCKER_HOST", engine)));
        let assert = command.assert().code(code);
        String::from_utf8(assert.get_output().stderr.clone()).unwrap()
    };
    assert!(!run(None, 0).contains("::error"));
    let text = fs::read_to_string(&summary).unwrap();
    assert_eq!(text.matches(" | 1 | 0 | 0 | 0 | ").count(), 2, "{text}");
    let said = run(Some("unix:///nowhere/docker.sock"), 3);
    let why = "::error title=The run ended early::The run ended early: no container engine";
    assert!(said.lines().any(|line| line.starts_with(why) && line.ends_with("did not run: 2.")), "{said}");
    assert!(fs::read_to_string(&summary).unwrap().matches(" | 0 | 0 | 0 | 1 | ").count() == 2);
}

#[test]
fn a_summary_that_cannot_be_written_fails_the_run_and_outside_of_github_nothing_is_told() {
    let lessons = lessons(&[("fails", FAILS), ("holds", HOLDS)]);
    let mut command = xtask(&["smoke", "holds", "--lessons"]);
    command
        .arg(lessons.path())
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", "/nowhere/summary.md");
    let said =
        predicates::str::contains("error: the summary of the job, /nowhere/summary.md, could not be written");
    command.assert().code(1).stderr(said);
    let mut command = xtask(&["smoke", "fails", "--lessons"]);
    let assert =
        command.arg(lessons.path()).env("GITHUB_STEP_SUMMARY", lessons.path().join("no")).assert().code(1);
    assert!(!String::from_utf8_lossy(&assert.get_output().stderr).contains("::"));
    assert!(!lessons.path().join("no").exists());
}
