//! Amends the text of a lesson: what a step has to show from one release on, or up to one.

mod entry;
mod interval;
mod splice;

use semver::Version;
use thiserror::Error;
use toml_edit::{DocumentMut, Item, TableLike};

use codex_remote_auth::lessons::{Lesson, Releases, Way};
use interval::Interval;
use splice::Piece;

/// Releases one after the other that show the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The first one that was seen.
    pub first: Version,
    /// Whether no older release is known, so that it begins where the expectation began.
    pub open_below: bool,
    /// The first one that shows something else again.
    pub until: Option<Version>,
}

/// What a step has to show on a stretch. The rest of the expectation stays as it is elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewExpect {
    /// The exit status.
    pub exit: Option<i32>,
    /// It has not ended when its deadline passes.
    pub hangs: bool,
    /// Texts that stand in the standard output.
    pub stdout: Vec<String>,
    /// Texts that stand in the standard error.
    pub stderr: Vec<String>,
    /// What the product says the output means.
    pub diagnosis: Option<String>,
}

/// A lesson's text after an amendment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amended {
    /// The text.
    pub text: String,
    /// The releases that the new expectation is said of.
    pub codex: Releases,
}

/// Why a lesson's text cannot be amended.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AmendProblem {
    /// It is no lesson, or would be none afterwards.
    #[error("the text is no lesson: {0}")]
    NoLesson(String),
    /// Writing it back would change more than the expectation.
    #[error("its line ends or its layout would not survive; write it with plain line feeds")]
    NotKept,
    /// There is no such step.
    #[error("it has no step {step} among its {way} ways", way = way.as_str())]
    NoStep {
        /// The way.
        way: Way,
        /// The step, from 0.
        step: usize,
    },
    /// Not exactly one expectation of the step speaks of the release.
    #[error("{count} expectations of one step speak of {release}, where one can be amended")]
    NotOne {
        /// The release.
        release: Version,
        /// How many do.
        count: usize,
    },
    /// The range of the expectation has another form than those that can be narrowed.
    #[error("the range `{0}` is none of `*`, `<0.134`, `>=0.134` and `>=0.134, <0.147`")]
    Range(Releases),
    /// The stretch has no release in common with the range of the expectation.
    #[error("the range `{0}` has nothing of the stretch")]
    Outside(Releases),
}

/// Says of a stretch of releases that the `step`th of the `way` has to show `content` on them.
///
/// The expectation that spoke of them is narrowed to the releases before and after; all else stays byte for byte.
///
/// # Errors
/// [`AmendProblem`]; nothing is half done.
pub fn amend(
    text: &str,
    way: Way,
    step: usize,
    stretch: &Stretch,
    content: &NewExpect,
) -> Result<Amended, AmendProblem> {
    let lesson = parse(text)?;
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| AmendProblem::NoLesson(error.to_string()))?;
    if document.to_string() != text {
        return Err(AmendProblem::NotKept);
    }
    let no_step = || AmendProblem::NoStep { way, step };
    let (at, whole) = the_one(&lesson, way, step, &stretch.first)?;
    let range = Interval::of(whole).ok_or_else(|| AmendProblem::Range(whole.clone()))?;
    let [below, within, above] = range.split(stretch);
    let within = within.ok_or_else(|| AmendProblem::Outside(whole.clone()))?;
    let codex = Releases::try_from(within.to_string()).map_err(|_| AmendProblem::Outside(whole.clone()))?;

    let pieces: Vec<Piece<'_>> = [(below, None), (Some(within), Some(content)), (above, None)]
        .into_iter()
        .filter_map(|(range, content)| Some(Piece { range: range?, content }))
        .collect();
    let steps = document.get_mut(way.as_str()).ok_or_else(no_step)?;
    let expects = nth(steps, step).and_then(|step| step.get_mut("expect")).ok_or_else(no_step)?;
    splice::replace(expects, at, &pieces).ok_or_else(no_step)?;
    let text = document.to_string();
    parse(&text)?;
    Ok(Amended { text, codex })
}

fn parse(text: &str) -> Result<Lesson, AmendProblem> {
    toml::from_str(text).map_err(|error| AmendProblem::NoLesson(error.message().to_owned()))
}

/// The expectation that speaks of a release: its place among those of its step, and its range.
fn the_one<'a>(
    lesson: &'a Lesson,
    way: Way,
    step: usize,
    release: &Version,
) -> Result<(usize, &'a Releases), AmendProblem> {
    let steps = match way {
        Way::Wrong => &lesson.wrong,
        Way::Right => &lesson.right,
    };
    let step = steps.get(step).ok_or(AmendProblem::NoStep { way, step })?;
    let speaking: Vec<_> =
        step.expect.iter().enumerate().filter(|(_, expect)| expect.codex.contains(release)).collect();
    match speaking.as_slice() {
        [(at, expect)] => Ok((*at, &expect.codex)),
        others => Err(AmendProblem::NotOne { release: release.clone(), count: others.len() }),
    }
}

/// The `at`th step, in whichever form the steps are written.
fn nth(steps: &mut Item, at: usize) -> Option<&mut dyn TableLike> {
    match steps {
        Item::ArrayOfTables(tables) => tables.get_mut(at).map(|table| table as &mut dyn TableLike),
        Item::Value(value) => {
            let table = value.as_array_mut()?.get_mut(at)?.as_inline_table_mut()?;
            Some(table as &mut dyn TableLike)
        }
        Item::None | Item::Table(_) => None,
    }
}

#[cfg(test)]
mod tests;
