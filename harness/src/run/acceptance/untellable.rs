//! What of a run's failures cannot be written as an expectation from the outputs alone.

use super::super::drift::{CellStatus, ReleaseDrift};
use super::super::failure::About;
use super::Seen;
use codex_remote_auth::lessons::{Field, Lesson};

/// Says why a lesson is not to be amended by a program; none where it may be.
pub(super) fn refuse(drifts: &[ReleaseDrift], lesson: &Lesson, seen: &[Seen<'_>]) -> Result<(), String> {
    if let Some(pair) = seen.windows(2).find(|pair| pair[0].release == pair[1].release) {
        return Err(format!("the run has {} twice; name each release once", pair[0].release));
    }
    if let Some(drift) = drifts.iter().find(|drift| !drift.leaks.is_empty()) {
        return Err(format!(
            "a secret was seen on {}, and nothing is written of such a run",
            drift.release()
        ));
    }
    seen.iter().try_for_each(|seen| refuse_release(lesson, seen))
}

fn refuse_release(lesson: &Lesson, seen: &Seen<'_>) -> Result<(), String> {
    let release = seen.release;
    if seen.cell.status == CellStatus::Error {
        return Err(format!("it could not be run to its end on {release}: {}", seen.cell.seen));
    }
    let failures = seen.cell.result.iter().flat_map(|result| &result.failures);
    for failure in failures {
        if let Some(what) = not_in_an_output(failure.about) {
            let (expected, shown) = (&failure.expected, failure.seen.trim());
            return Err(format!("on {release}, {what}: expected {expected}, seen {shown}"));
        }
    }
    if seen.cell.steps().len() != lesson.steps().count() {
        return Err(format!("not all of its steps were run on {release}"));
    }
    Ok(())
}

fn not_in_an_output(about: About) -> Option<&'static str> {
    match about {
        About::Run => Some("the check could not be run"),
        About::Expect(field) => match field {
            Field::Exit | Field::Hangs | Field::Stdout | Field::Stderr | Field::Diagnosis => None,
            Field::Never => Some("an output holds what it must never hold"),
            Field::Leaks => Some("it is about a secret"),
            Field::Error => Some("the deploy logic ended otherwise"),
            Field::Files => Some("a file is otherwise"),
            Field::Witness => Some("codex was called otherwise"),
            Field::Cloud | Field::Findings => Some("the cloud was asked otherwise"),
        },
    }
}
