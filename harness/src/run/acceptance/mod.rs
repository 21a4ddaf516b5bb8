//! `drift --accept`: writes what real releases show into the lesson files, as a change that a person reviews.

mod lesson_file;
mod new_expects;
mod salient_line;

use std::path::{Path, PathBuf};
use std::{fs, io};

use semver::Version;

use super::drift::{Cell, CellStatus, ReleaseDrift};
use super::failure::About;
use codex_remote_auth::lessons::{Expect, Field, Lesson, Step, Way};
use new_expects::{Part, parts};

/// What was accepted, and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acceptance {
    /// The expectations that were written, in the order of the lessons and of their steps.
    pub accepted: Vec<Accepted>,
    /// The lesson files that were changed.
    pub files: Vec<PathBuf>,
    /// The lessons that drifted and were left as they are.
    pub by_hand: Vec<ByHand>,
}

/// An expectation that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The lesson.
    pub lesson: String,
    /// The step's heading.
    pub step: String,
    /// What the step has to show from now on, and on which releases.
    pub expect: Expect,
}

/// A lesson that a person has to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// The lesson.
    pub lesson: String,
    /// Why.
    pub reason: String,
}

/// One lesson on one release of the run.
struct Seen<'a> {
    release: &'a Version,
    cell: &'a Cell,
}

/// Writes what these releases show into the files of the lessons that drifted, and says what a person has to do.
///
/// A lesson is changed in everything that drifted in it, or left as it is. Nothing new is said of a `known` release that was not
/// run.
pub fn accept(drifts: &[ReleaseDrift], lessons: &[Lesson], known: &[Version], folder: &Path) -> Acceptance {
    let mut acceptance = Acceptance::default();
    for lesson in lessons {
        let path = folder.join(format!("{}.toml", lesson.id));
        match accept_one(drifts, lesson, known, &path) {
            Ok(accepted) if accepted.is_empty() => {}
            Ok(accepted) => {
                acceptance.accepted.extend(accepted);
                acceptance.files.push(path);
            }
            Err(reason) => acceptance.by_hand.push(ByHand { lesson: lesson.id.clone(), reason }),
        }
    }
    acceptance
}

fn accept_one(
    drifts: &[ReleaseDrift],
    lesson: &Lesson,
    known: &[Version],
    path: &Path,
) -> Result<Vec<Accepted>, String> {
    let seen = releases_of(drifts, lesson);
    if !seen.iter().any(|seen| matches!(seen.cell.status, CellStatus::Drifted | CellStatus::Error)) {
        return Ok(Vec::new());
    }
    if let Some(drift) = drifts.iter().find(|drift| !drift.leaks.is_empty()) {
        return Err(format!("a secret was seen on {}; nothing of such a run is written", drift.release()));
    }
    for (at, Seen { release, cell }) in seen.iter().enumerate() {
        if seen[..at].iter().any(|earlier| earlier.release == *release) {
            return Err(format!("the run has {release} twice; name each release once"));
        }
        can_be_written(lesson, release, cell)?;
    }
    let unreadable = |error: io::Error| format!("{} cannot be read: {error}", path.display());
    let mut text = fs::read_to_string(path).map_err(unreadable)?;
    if toml::from_str::<Lesson>(&text).ok().as_ref() != Some(lesson) {
        return Err(format!("{} was changed during the run; run it again", path.display()));
    }
    let (mut wanted, mut accepted) = (lesson.clone(), Vec::new());
    for (number, (way, step)) in lesson.steps().enumerate() {
        let (steps, at) = match way {
            Way::Wrong => (&mut wanted.wrong, number),
            Way::Right => (&mut wanted.right, number - lesson.wrong.len()),
        };
        let heading = seen.first().map_or("", |seen| seen.cell.steps()[number].heading.as_str());
        let parts = parts_of(step, number, &seen, lesson, known)
            .map_err(|reason| format!("in step `{heading}`, {reason}"))?;
        // From the last one on, so that the places of those before it stay.
        for (place, parts) in parts.iter().enumerate().rev().filter(|(_, parts)| !parts.is_empty()) {
            text = lesson_file::replace(&text, way, at, place, parts)
                .ok_or_else(|| format!("{} is not laid out as other lessons are", path.display()))?;
            let expects = parts.iter().map(|part| part.expect.clone());
            steps[at].expect.splice(place..=place, expects);
        }
        let new = parts.into_iter().flatten().filter(|part| part.is_new);
        accepted.extend(new.map(|Part { expect, .. }| Accepted {
            lesson: lesson.id.clone(),
            step: heading.to_owned(),
            expect,
        }));
    }
    if toml::from_str::<Lesson>(&text).ok() != Some(wanted) {
        return Err(format!("{} would not say what the releases show", path.display()));
    }
    lesson_file::write(path, &text)
        .map_err(|error| format!("{} cannot be written and is as it was: {error}", path.display()))?;
    Ok(accepted)
}

/// The releases of the run that the lesson applies to.
fn releases_of<'a>(drifts: &'a [ReleaseDrift], lesson: &Lesson) -> Vec<Seen<'a>> {
    let of_lesson = |drift: &'a ReleaseDrift| {
        let cell = drift.cells.iter().find(|cell| cell.lesson == lesson.id)?;
        (cell.status != CellStatus::NotApplicable).then(|| Seen { release: drift.release(), cell })
    };
    drifts.iter().filter_map(of_lesson).collect()
}

/// For each expectation of a step what takes its place; nothing where it holds.
fn parts_of(
    step: &Step,
    number: usize,
    seen: &[Seen<'_>],
    lesson: &Lesson,
    known: &[Version],
) -> Result<Vec<Vec<Part>>, String> {
    let known = known.iter().filter(|release| lesson.codex.contains(release));
    let known: Vec<&Version> = known.collect();
    let run = seen.iter().map(|seen| (seen.release, &seen.cell.steps()[number]));
    let run: Vec<_> = run.collect();
    // The runs are on the usual server, and say nothing of the others.
    let of = |expect: &Expect| match expect.flavours.is_empty() {
        true => parts(expect, &run, &known),
        false => Ok(Vec::new()),
    };
    step.expect.iter().map(of).collect()
}

/// Whether all that failed on a release can be told from exit status, outputs and diagnosis; otherwise why not.
fn can_be_written(lesson: &Lesson, release: &Version, cell: &Cell) -> Result<(), String> {
    if cell.status == CellStatus::Error {
        return Err(format!("it could not be run to its end on {release}: {}", cell.seen));
    }
    for failure in cell.result.iter().flat_map(|result| &result.failures) {
        let what = match failure.about {
            About::Run => "the check could not be run",
            About::Expect(field) => match field {
                Field::Exit | Field::Hangs | Field::Stdout | Field::Stderr | Field::Diagnosis => continue,
                Field::Never => "an output holds what it must never hold",
                Field::Leaks => "it is about a secret",
                Field::Error => "the deploy ended in another way",
                Field::Files => "a file differs",
                Field::Witness => "codex was called in another way",
                Field::Cloud | Field::Findings => "the cloud was asked something else",
            },
        };
        let (expected, shown) = (&failure.expected, failure.seen.trim());
        return Err(format!("on {release}, {what}: expected {expected}, seen {shown}"));
    }
    if cell.steps().len() != lesson.steps().count() {
        return Err(format!("not all of its steps were run on {release}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
