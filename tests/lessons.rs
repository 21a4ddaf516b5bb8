//! Every lesson in every era, and every mutant, each as one named test on one container.
//!
//! `cargo test -- profile-flag` runs that lesson and its mutants; `cargo test --test lessons -- lesson::` all lessons.

use std::process::ExitCode;
use std::sync::Arc;

use harness::lesson::{Lesson, MutantName, Tool};
use harness::run::{Check, CheckResult, ERAS, Status};
use libtest_mimic::{Arguments, Failed, Trial};
use tests::{Shared, assert_page, lessons};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let catalogue: &'static _ = Box::leak(Box::new(lessons()));
    let shared = Arc::new(Shared::default());

    let mut trials = Vec::new();
    // The lessons about Claude Code run on the real one alone, in the tests `real`.
    for lesson in catalogue.lessons().iter().filter(|lesson| lesson.tool == Tool::Codex) {
        let rig = Arc::clone(&shared);
        trials.push(Trial::test(format!("lesson::{}", lesson.id), move || holds_in_every_era(&rig, lesson)));
        for mutant in &lesson.mutants {
            let rig = Arc::clone(&shared);
            let name = format!("mutant::{}::{mutant}", lesson.id);
            trials.push(Trial::test(name, move || is_noticed(&rig, lesson, mutant)));
        }
    }
    trials
        .push(Trial::test("every_snapshot_belongs_to_a_lesson", || no_stray_snapshots(catalogue.lessons())));

    let conclusion = libtest_mimic::run(&arguments, trials);
    let leaks = shared.end();
    for leak in &leaks {
        eprintln!("a secret was seen in {leak}");
    }
    if leaks.is_empty() { conclusion.exit_code() } else { ExitCode::FAILURE }
}

fn holds_in_every_era(rig: &Shared, lesson: &'static Lesson) -> Result<(), Failed> {
    let eras: Vec<_> = ERAS.into_iter().filter(|release| lesson.codex.contains(release)).collect();
    let checks = eras.iter().map(|release| Check::lesson(lesson, release.clone())).collect();
    let results = run(rig, checks, |_| true)?;
    let mut page = String::new();
    for (release, result) in eras.iter().zip(&results) {
        if result.status == Status::Fail {
            return Err(
                format!("on {release}: {:#?}\n{}", result.failures, result.transcript.as_str()).into()
            );
        }
        // Releases that say the same share a section, named for the first of them.
        let said = result.transcript.as_str().replace(&release.to_string(), "<release>");
        if !page.ends_with(&said) {
            page.push_str(&format!("{}== from {release}\n\n{said}", if page.is_empty() { "" } else { "\n" }));
        }
    }
    assert_page(lesson, &page);
    Ok(())
}

fn is_noticed(rig: &Shared, lesson: &'static Lesson, mutant: &'static MutantName) -> Result<(), Failed> {
    let eras = ERAS.into_iter().rev().filter(|release| lesson.codex.contains(release));
    let checks = eras.map(|release| Check::mutant(lesson, release, mutant)).collect();
    let results = run(rig, checks, |result| result.status == Status::Pass)?;
    match results.last() {
        Some(CheckResult { status: Status::Fail, ran: true, .. }) => Ok(()),
        Some(CheckResult { ran: false, failures, .. }) => {
            Err(format!("it could not be run to its end: {failures:?}").into())
        }
        _ => Err(format!("{} holds under {mutant}: it expects too little", lesson.id).into()),
    }
}

/// Runs checks in their order, for as long as `go_on` says.
fn run(
    rig: &Shared,
    checks: Vec<Check<'static>>,
    go_on: impl Fn(&CheckResult) -> bool,
) -> Result<Vec<CheckResult>, Failed> {
    let runner = rig.runner();
    let count = checks.len();
    let batch = runner.prepare(checks)?;
    let mutates = batch.has_mutants();
    if !mutates {
        rig.remember(&runner);
    }
    let mut results = Vec::new();
    for index in 0..count {
        results.push(runner.run_one(&batch, index));
        if !results.last().is_some_and(&go_on) {
            break;
        }
    }
    match runner.gate().leaks().first() {
        Some(leak) if !mutates => Err(format!("a secret was seen, {}: {}", leak.form, leak.place).into()),
        _ => Ok(results),
    }
}

fn no_stray_snapshots(lessons: &[Lesson]) -> Result<(), Failed> {
    for entry in std::fs::read_dir(tests::root().join("tests/snapshots"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let id = name
            .strip_suffix(".snap")
            .ok_or_else(|| format!("{name} is pending: review it (cargo insta)"))?;
        if !lessons.iter().any(|lesson| lesson.id == id) {
            return Err(format!("{name} belongs to no lesson; remove it").into());
        }
    }
    Ok(())
}
