//! The leak scanner reports a secret that is shown, in every place, and nothing else.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use codex_remote_auth::auth_json::Secret;
use codex_remote_auth::lessons::{Field, Lesson, Mutant, MutantKind, MutantName};
use codex_remote_auth::ssh::End;
use harness::run::{Check, Quiet, RunResult, Runner, RunnerOptions, Status, newest_release};
use tests::trace::Trace;
use tests::{Rig, lessons};

/// Runs one lesson in a separate container, with or without a mutant.
fn run(lesson: &str, mutant: Option<(MutantKind, &str)>) -> RunResult {
    let lessons = lessons();
    let lesson: &Lesson = lessons.get(lesson).unwrap();
    let mutant = mutant.map(|(kind, name)| {
        let id = MutantName { kind, name: name.to_owned() };
        Mutant { id, step: "right".to_owned(), field: Field::Leaks }
    });
    let shared = Rig::default();
    let container = shared.test_environment().container().unwrap();
    let result = {
        let folder = shared.test_environment().folder().to_owned();
        let runner = Runner::new(&container, RunnerOptions::new(1, folder));
        let check = match &mutant {
            Some(mutant) => Check::mutant(lesson, newest_release(), mutant),
            None => Check::lesson(lesson, newest_release()),
        };
        let batch = runner.prepare(vec![check]).unwrap();
        runner.run(&batch, &Quiet).unwrap()
    };
    container.stop().unwrap();
    shared.test_environment().end();
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

/// Deploys under a mutant whose programs end immediately. Returns what a trace of all programs saw, and what the run's leak
/// scanner reports.
fn traced(mutant: &str) -> Option<&'static str> {
    let lessons = lessons();
    let lesson: &Lesson = lessons.get("deploy-makes-directory").unwrap();
    let shared = Rig::alone();
    let container = shared.test_environment().container().unwrap();
    let form = {
        let runner =
            Runner::new(&container, RunnerOptions::new(1, shared.test_environment().folder().to_owned()));
        let id = MutantName { kind: MutantKind::Deploy, name: mutant.to_owned() };
        let mutant = Mutant { id, step: "right".to_owned(), field: Field::Leaks };
        let batch = runner.prepare(vec![Check::mutant(lesson, newest_release(), &mutant)]).unwrap();
        let trace = Trace::begin(&container);
        let result = runner.run_one(&batch, 0);
        assert!(result.ran && result.status == Status::Pass, "{result:#?}");
        runner.leak_scanner().look(&trace.end("Respond: auth OK"))
    };
    container.stop().unwrap();
    shared.test_environment().end();
    form
}

#[test]
fn a_token_in_a_command_line_is_seen_however_short_it_is_there() {
    assert_eq!(traced("token-in-argv"), Some("as it is"));
}

#[test]
fn a_token_in_an_environment_is_seen_however_short_it_is_there() {
    assert_eq!(traced("token-in-environment"), Some("as it is"));
}

#[test]
fn a_deploy_of_another_mutant_starts_no_program_with_a_token() {
    assert_eq!(traced("freshness-ignored"), None);
}

/// A lesson with one wrong way.
fn lesson(wrong: &str) -> Lesson {
    let text = format!(
        "id = 'one'\ntitle = 't'\nguide = 'beyond'\nverdict = 'silent'\nsymptom = 's'\ncause = 'c'\nfix = 'f'\n\
         mutants = [{{ id = 'stub:mode-reset', step = 'wrong', field = 'files' }}]\n\
         [[wrong]]\n{wrong}\n[[right]]\nrun = 'true'\nexpect = [{{ exit = 0 }}]\n"
    );
    toml::from_str(&text).unwrap()
}

const HOLDS: &str = "run = 'true'\nexpect = [{ exit = 0 }]";

/// A text that acts as a secret, different for each place.
fn canary(place: usize) -> String {
    format!("canary{place:02}{:020}", std::process::id())
}

#[test]
fn a_canary_in_each_source_of_a_run_trips_the_gate() {
    let shared = Rig::default();
    let container = shared.test_environment().container().unwrap();
    // Each source of a run that gets the canary, and where it has to be seen then.
    let as_root = |command: &str, canary: &str| {
        let output = container.as_root(command, format!("{canary}\n").as_bytes()).unwrap();
        assert_eq!(output.end, End::Exit(0), "{command}");
    };
    type Plant<'a> = Box<dyn Fn(&str) -> Lesson + 'a>;
    let sources: [(Plant<'_>, &[&str]); 5] = [
        (
            Box::new(|canary| {
                as_root("cat >>/run/sshd.log", canary);
                lesson(HOLDS)
            }),
            &["the container's log"],
        ),
        (
            Box::new(|canary| {
                as_root("cat >/proc/1/fd/1", canary);
                lesson(HOLDS)
            }),
            &["the container's log"],
        ),
        (
            Box::new(|canary| {
                as_root(
                    "mkdir -p /home/u1/.codex-stub/witness; cat >/home/u1/.codex-stub/witness/0.json",
                    canary,
                );
                lesson(HOLDS)
            }),
            &["the witness of a codex"],
        ),
        // The command is part of the transcript, and the transcript is part of the results.
        (
            Box::new(|canary| lesson(&format!("run = 'sleep 0.5; : {canary}'\nexpect = [{{ exit = 0 }}]"))),
            &["a command line or an environment in the container", "the results", "the transcript of one"],
        ),
        // Only a failure shows what was expected, and a failure is a result.
        (
            Box::new(|canary| {
                lesson(&format!("run = 'true'\nexpect = [{{ exit = 0, stdout = ['{canary}'] }}]"))
            }),
            &["the results"],
        ),
    ];
    for (place, (plant, wanted)) in sources.iter().enumerate() {
        let runner =
            Runner::new(&container, RunnerOptions::new(1, shared.test_environment().folder().to_owned()));
        let canary = canary(place);
        runner.leak_scanner().plant_canary(Secret::new(canary.as_bytes()));
        let lesson = plant(&canary);
        let batch = runner.prepare(vec![Check::lesson(&lesson, newest_release())]).unwrap();
        let result = runner.run(&batch, &Quiet).unwrap();
        assert_eq!(places(&result), *wanted, "{place}");
        assert!(!result.holds());
    }
    drop(sources);
    container.stop().unwrap();
    shared.test_environment().end();
}

#[test]
fn what_test_programs_share_is_searched_at_their_end() {
    let ends_with = |plant: &dyn Fn(&Rig, &str)| {
        let shared = Rig::alone();
        let canary = canary(99);
        shared.leak_scanner().plant_canary(Secret::new(canary.as_bytes()));
        plant(&shared, &canary);
        shared.end()
    };
    let nothing = ends_with(&|shared, _| drop(shared.root("true")));
    assert_eq!(nothing, [""; 0]);
    let log = ends_with(&|shared, canary| drop(shared.root(&format!("echo {canary} >>/run/sshd.log"))));
    assert_eq!(log, ["the container's log, as it is"]);
    let processes = ends_with(&|shared, canary| drop(shared.root(&format!("sh -c 'sleep 0.5; :' {canary}"))));
    assert_eq!(processes, ["a command line or an environment in the container, as it is"]);
    let stopped = ends_with(&|shared, _| drop(shared.root("kill $(pidof procwatch); rm /run/procwatch.log")));
    assert!(stopped.len() == 1 && stopped[0].contains("could not be read"), "{stopped:?}");
}
