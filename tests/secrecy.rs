//! The gate trips where a secret is shown, in whatever place, and nowhere else.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use harness::lesson::{Lesson, MutantKind, MutantName};
use harness::run::{Check, Quiet, RunResult, Runner, RunnerOptions, newest_release};
use tests::{Shared, lessons};

/// Runs one lesson in a container of its own, under a mutant or under none.
fn run(lesson: &str, mutant: Option<(MutantKind, &str)>) -> RunResult {
    let lessons = lessons();
    let lesson: &Lesson = lessons.get(lesson).unwrap();
    let mutant = mutant.map(|(kind, name)| MutantName { kind, name: name.to_owned() });
    let shared = Shared::default();
    let container = shared.lab().container().unwrap();
    let result = {
        let folder = shared.lab().folder().to_owned();
        let runner = Runner::new(&container, RunnerOptions::new(1, folder));
        let check = match &mutant {
            Some(mutant) => Check::mutant(lesson, newest_release(), mutant),
            None => Check::lesson(lesson, newest_release()),
        };
        let batch = runner.prepare(vec![check]).unwrap();
        runner.run(&batch, &Quiet).unwrap()
    };
    container.stop().unwrap();
    shared.lab().end();
    result
}

fn places(result: &RunResult) -> Vec<&str> {
    result.leaks.iter().map(|leak| leak.place.as_str()).collect()
}

#[test]
fn a_deploy_leaks_nothing_anywhere() {
    let result = run("deploy-makes-directory", None);
    assert!(result.holds(), "{:#?}", result.checks);
    assert_eq!(places(&result), [""; 0]);
}

#[test]
fn a_codex_that_prints_its_token_trips_the_gate_and_the_token_is_shown_nowhere() {
    let result = run("never-print-tokens", Some((MutantKind::Stub, "prints-token")));
    assert!(!result.holds());
    assert!(places(&result).iter().any(|place| place.contains("output")), "{:?}", result.leaks);
    assert!(result.checks[0].transcript.as_str().contains("left out: it shows a secret"));
}

#[test]
fn a_token_in_a_command_line_trips_the_gate() {
    let result = run("deploy-makes-directory", Some((MutantKind::Deploy, "token-in-argv")));
    assert_eq!(places(&result), ["a command line or an environment in the container"]);
}

#[test]
fn a_token_in_an_environment_trips_the_gate() {
    let result = run("deploy-makes-directory", Some((MutantKind::Deploy, "token-in-environment")));
    assert_eq!(places(&result), ["a command line or an environment in the container"]);
}
