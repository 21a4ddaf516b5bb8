//! Accepts what real releases show in place of what the lessons expect: as a change to the lesson files, for review.

mod content;
mod salient_line;
mod stretches;
mod untellable;
mod written;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use semver::Version;

use super::drift::{Cell, CellStatus, ReleaseDrift};
use crate::amend::{NewExpect, amend};
use codex_remote_auth::lessons::{Lesson, Releases, Way};
use stretches::stretches;

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
    /// The step's name.
    pub step: String,
    /// The releases that it is said of.
    pub codex: Releases,
    /// What they show.
    pub shows: NewExpect,
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
/// What is written speaks of no `known` release that was not run.
///
/// A lesson is amended in all that drifted in it, or left as it is.
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
    let seen = in_order(drifts, lesson);
    if !seen.iter().any(|seen| matches!(seen.cell.status, CellStatus::Drifted | CellStatus::Error)) {
        return Ok(Vec::new());
    }
    untellable::refuse(drifts, lesson, &seen)?;
    let text =
        fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    if toml::from_str::<Lesson>(&text).ok().as_ref() != Some(lesson) {
        return Err(format!("{} was changed while the run went on; run it again", path.display()));
    }
    let (amended, accepted) = amended(lesson, &seen, known, text)?;
    written::verify(lesson, &amended, &seen)?;
    write(path, &amended)
        .map_err(|error| format!("{} cannot be written: {error}; it is as it was", path.display()))?;
    Ok(accepted)
}

/// The releases of the run that the lesson applies to, oldest first.
fn in_order<'a>(drifts: &'a [ReleaseDrift], lesson: &Lesson) -> Vec<Seen<'a>> {
    let of_lesson = |drift: &'a ReleaseDrift| {
        let cell = drift.cells.iter().find(|cell| cell.lesson == lesson.id)?;
        (cell.status != CellStatus::NotApplicable).then(|| Seen { release: drift.release(), cell })
    };
    let mut seen: Vec<Seen<'a>> = drifts.iter().filter_map(of_lesson).collect();
    seen.sort_by_key(|seen| seen.release);
    seen
}

fn amended(
    lesson: &Lesson,
    seen: &[Seen<'_>],
    known: &[Version],
    text: String,
) -> Result<(String, Vec<Accepted>), String> {
    let (mut text, mut accepted) = (text, Vec::new());
    for (number, (way, step)) in lesson.steps().enumerate() {
        let at = match way {
            Way::Wrong => number,
            Way::Right => number - lesson.wrong.len(),
        };
        for (stretch, shows) in stretches(step, number, seen, known)? {
            let amended = amend(&text, way, at, &stretch, &shows).map_err(|problem| problem.to_string())?;
            text = amended.text;
            let step = heading(seen, number);
            accepted.push(Accepted { lesson: lesson.id.clone(), step, codex: amended.codex, shows });
        }
    }
    Ok((text, accepted))
}

fn heading(seen: &[Seen<'_>], number: usize) -> String {
    seen.iter()
        .find_map(|seen| seen.cell.steps().get(number))
        .map_or(String::new(), |step| step.heading.clone())
}

/// At every instant the file is the old one or the new one, whole.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::metadata(path)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests;
