//! Every lesson in every era, and every mutant, each as a named test, all in one container.
//!
//! `cargo test -- profile-flag` runs that lesson and its mutants; `cargo test --test lessons -- lesson::` all lessons.

use std::process::ExitCode;
use std::sync::Arc;

use codex_remote_auth::lessons::{Action, Field, FileExpect, FileIs, Lesson, Mutant, Tool};
use harness::report::snapshot_page;
use harness::run::{Batch, Check, CheckResult, ERAS, Status};
use libtest_mimic::{Arguments, Failed, Trial};
use tests::{Rig, assert_page, lessons};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let catalogue: &'static _ = Box::leak(Box::new(lessons()));
    let shared = Arc::new(Rig::default());

    let mut trials = Vec::new();
    // The lessons about Claude Code run only on the real program, in the tests `real`.
    for lesson in catalogue.lessons().iter().filter(|lesson| lesson.tool == Tool::Codex) {
        let rig = Arc::clone(&shared);
        trials.push(Trial::test(format!("lesson::{}", lesson.id), move || holds_in_every_era(&rig, lesson)));
        for mutant in &lesson.mutants {
            let rig = Arc::clone(&shared);
            let name = format!("mutant::{}::{}::{}", lesson.id, mutant.id, mutant.field);
            trials.push(Trial::test(name, move || is_noticed(&rig, lesson, mutant)));
        }
    }
    for (name, judge) in JUDGES {
        let rig = Arc::clone(&shared);
        trials.push(Trial::test(format!("judge::{name}"), move || judge(&rig)));
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

fn holds_in_every_era(rig: &Rig, lesson: &'static Lesson) -> Result<(), Failed> {
    let eras: Vec<_> = ERAS.into_iter().filter(|release| lesson.codex.contains(release)).collect();
    let checks = eras.iter().map(|release| Check::lesson(lesson, release.clone())).collect();
    let results = run(rig, checks, |_, _| true)?;
    for (release, result) in eras.iter().zip(&results) {
        if result.status == Status::Fail {
            return Err(
                format!("on {release}: {:#?}\n{}", result.failures, result.transcript.as_str()).into()
            );
        }
    }
    let page = snapshot_page(eras.iter().zip(&results));
    assert_page(lesson, &page);
    Ok(())
}

fn is_noticed(rig: &Rig, lesson: &'static Lesson, mutant: &'static Mutant) -> Result<(), Failed> {
    let eras = ERAS.into_iter().rev().filter(|release| lesson.codex.contains(release));
    let checks = eras.map(|release| Check::mutant(lesson, release, mutant)).collect();
    let mut verdict = None;
    run(rig, checks, |batch, results| {
        verdict = batch.mutant_verdicts(results).pop();
        !verdict.as_ref().is_some_and(|verdict| verdict.killed)
    })?;
    match verdict {
        Some(verdict) if verdict.killed => Ok(()),
        Some(verdict) => Err(verdict.evidence.into()),
        None => Err("no check was run".into()),
    }
}

/// Runs checks in order, while `go_on` allows it. It is given the results so far.
fn run(
    rig: &Rig,
    checks: Vec<Check<'static>>,
    mut go_on: impl FnMut(&Batch<'static>, &[CheckResult]) -> bool,
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
        if !go_on(&batch, &results) {
            break;
        }
    }
    match runner.leak_scanner().leaks().first() {
        Some(leak) if !mutates => Err(format!("a secret was seen, {}: {}", leak.form, leak.place).into()),
        _ => Ok(results),
    }
}

/// A trial of this test program itself.
type Judge = fn(&Rig) -> Result<(), Failed>;

/// Shows that this test program can fail: each trial gives it something that it must not accept.
const JUDGES: &[(&str, Judge)] = &[
    ("a_lesson_that_does_not_hold_fails", |rig| {
        let lesson = edited("git-trust-level", |lesson| lesson.right[0].expect[0].exit = Some(7));
        refused(holds_in_every_era(rig, lesson), "exit 7")
    }),
    ("a_lesson_that_leaks_fails", |rig| {
        let lesson = edited("never-print-tokens", |lesson| lesson.wrong[0].expect[0].leaks = false);
        refused(holds_in_every_era(rig, lesson), "a secret was seen")
    }),
    ("a_lesson_that_notices_nothing_survives", |rig| {
        let lesson = edited("git-trust-level", |lesson| lesson.mutants[0].id.name = "mode-reset".to_owned());
        refused(is_noticed(rig, lesson, &lesson.mutants[0]), "the check held")
    }),
    ("a_lesson_that_fails_in_another_field_survives", |rig| {
        let lesson = edited("git-trust-level", |lesson| lesson.mutants[0].field = Field::Never);
        refused(is_noticed(rig, lesson, &lesson.mutants[0]), "another failure was seen")
    }),
    ("a_lesson_that_fails_in_another_step_survives", |rig| {
        let lesson = edited("git-trust-level", |lesson| lesson.mutants[0].step = "right".to_owned());
        refused(is_noticed(rig, lesson, &lesson.mutants[0]), "another failure was seen")
    }),
    ("a_lesson_that_cannot_be_run_survives", |rig| {
        let lesson = edited("git-trust-level", |lesson| {
            lesson.wrong[0].action = Action::Run("chmod 000 ~".to_owned());
            let absent = FileExpect { path: "no-such".to_owned(), is: FileIs::Absent, mode: None };
            lesson.wrong[0].expect[0].files.push(absent);
        });
        refused(is_noticed(rig, lesson, &lesson.mutants[0]), "could not be run to its end")
    }),
];

/// A lesson of the catalogue, with changes.
fn edited(id: &str, edit: impl FnOnce(&mut Lesson)) -> &'static Lesson {
    let mut lesson = lessons().get(id).cloned().unwrap_or_else(|| panic!("no lesson is called {id}"));
    edit(&mut lesson);
    Box::leak(Box::new(lesson))
}

fn refused(outcome: Result<(), Failed>, why: &str) -> Result<(), Failed> {
    match outcome {
        Ok(()) => Err("it was accepted".into()),
        Err(refusal) if refusal.message().is_some_and(|said| said.contains(why)) => Ok(()),
        Err(other) => Err(format!("refused for another reason than `{why}`: {:?}", other.message()).into()),
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
