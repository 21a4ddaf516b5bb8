//! Reads all lessons from their folder and checks them.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use regex::bytes::RegexSet;
use semver::Version;
use thiserror::Error;

use super::{Lesson, Mutant, Releases, Step, Tool};

/// All lessons, in the order of their names.
#[derive(Debug, Clone)]
pub struct Catalogue {
    lessons: Vec<Lesson>,
    /// The texts of all signs, compiled when an output is first explained.
    pub(super) texts: OnceLock<Option<RegexSet>>,
}

/// Why a lesson file is refused. Nothing has been run when one of these is returned.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CatalogueProblem {
    /// The folder or a file in it cannot be read.
    #[error("{path}: {reason}", path = path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// The error of the system.
        reason: String,
    },
    /// A file is not a valid lesson.
    #[error("{path}:{line}:{column}: {message}", path = path.display())]
    Malformed {
        /// The lesson file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// The id of a lesson differs from the name of its file.
    #[error("{path}: the id is `{id}`; it must be the name of the file", path = path.display())]
    Misnamed {
        /// The lesson file.
        path: PathBuf,
        /// The id in it.
        id: String,
    },
    /// Two files have the same id.
    #[error("{first} and {second} both have the id `{id}`", first = first.display(), second = second.display())]
    Duplicate {
        /// The id.
        id: String,
        /// The file that was read first.
        first: PathBuf,
        /// The second file.
        second: PathBuf,
    },
    /// A lesson names a mutant that does not exist.
    #[error("{path}: unknown mutant `{mutant}`; the mutants are: {known}", path = path.display())]
    UnknownMutant {
        /// The lesson file.
        path: PathBuf,
        /// The mutant it names.
        mutant: String,
        /// The mutants that exist.
        known: String,
    },
    /// A mutant names a step that the lesson does not have.
    #[error("{path}: `{mutant}` is to fail step `{step}`, which the lesson has not; it has: {known}", path = path.display())]
    UnknownStep {
        /// The lesson file.
        path: PathBuf,
        /// The mutant.
        mutant: String,
        /// The step it names.
        step: String,
        /// The lesson's steps.
        known: String,
    },
    /// Two steps of a lesson have the same heading.
    #[error("{path}: two steps have the heading `{step}`; give each its own name", path = path.display())]
    SameHeading {
        /// The lesson file.
        path: PathBuf,
        /// The heading.
        step: String,
    },
    /// Two expectations of a step apply to the same release.
    #[error("{path}: step `{step}` has two expectations for {release}: {ranges}", path = path.display())]
    Overlap {
        /// The lesson file.
        path: PathBuf,
        /// The step's heading.
        step: String,
        /// The two ranges.
        ranges: String,
        /// The first release in both.
        release: Version,
    },
    /// A range contains no known release, so its expectation is never checked.
    #[error(
        "{path}: {what} is for `{range}`, and no known release of the lesson is in that range\n  \
         hint: correct the range, or pin the release: cargo xtask releases --update",
        path = path.display()
    )]
    NoRelease {
        /// The lesson file.
        path: PathBuf,
        /// What the range belongs to.
        what: String,
        /// The range.
        range: String,
    },
    /// A step has no expectation for a release that its lesson applies to.
    #[error("{path}: step {step} expects nothing on {release}, to which the lesson applies", path = path.display())]
    Gap {
        /// The lesson file.
        path: PathBuf,
        /// The number of the step, from 1, over wrong and right ways.
        step: usize,
        /// The release.
        release: Version,
    },
}

/// What a lesson may refer to.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The mutants that exist.
    pub mutants: Vec<String>,
    /// The releases of Codex that can be run. Every step needs an expectation for each.
    pub codex: Vec<Version>,
    /// The same for Claude Code.
    pub claude: Vec<Version>,
}

impl Known {
    fn releases_of<'k>(&'k self, lesson: &'k Lesson) -> impl Iterator<Item = &'k Version> {
        let all = match lesson.tool {
            Tool::Codex => &self.codex,
            Tool::Claude => &self.claude,
        };
        all.iter().filter(|release| lesson.codex.contains(release))
    }
}

impl Catalogue {
    /// Reads every `*.toml` below `folder`.
    ///
    /// # Errors
    /// The first [`CatalogueProblem`], in the order of the file names.
    pub fn read(folder: &Path, known: &Known) -> Result<Self, CatalogueProblem> {
        let unreadable = |path: &Path, error: std::io::Error| CatalogueProblem::Unreadable {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
            let path = entry.map_err(|error| unreadable(folder, error))?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                paths.push(path);
            }
        }
        paths.sort();

        let mut read: Vec<(PathBuf, Lesson)> = Vec::with_capacity(paths.len());
        for path in paths {
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            let lesson = parse(&path, &text)?;
            if let Some((first, _)) = read.iter().find(|(_, other)| other.id == lesson.id) {
                return Err(CatalogueProblem::Duplicate {
                    id: lesson.id,
                    first: first.clone(),
                    second: path,
                });
            }
            check(&path, &lesson, known)?;
            read.push((path, lesson));
        }
        Ok(read.into_iter().map(|(_, lesson)| lesson).collect())
    }

    /// The lessons, in the order of their names.
    pub fn lessons(&self) -> &[Lesson] {
        &self.lessons
    }

    /// The lesson of that name.
    pub fn get(&self, id: &str) -> Option<&Lesson> {
        self.lessons.iter().find(|lesson| lesson.id == id)
    }
}

/// Parses the text of a lesson file.
pub(super) fn parse(path: &Path, text: &str) -> Result<Lesson, CatalogueProblem> {
    toml::from_str(text).map_err(|error| malformed(path, text, &error))
}

impl FromIterator<Lesson> for Catalogue {
    fn from_iter<T: IntoIterator<Item = Lesson>>(lessons: T) -> Self {
        Self { lessons: lessons.into_iter().collect(), texts: OnceLock::new() }
    }
}

/// The error in a file, with its line and column.
pub(super) fn malformed(path: &Path, text: &str, error: &toml::de::Error) -> CatalogueProblem {
    let before = &text[..error.span().map_or(0, |span| span.start).min(text.len())];
    CatalogueProblem::Malformed {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.chars().rev().take_while(|c| *c != '\n').count() + 1,
        message: error.message().to_owned(),
    }
}

fn check(path: &Path, lesson: &Lesson, known: &Known) -> Result<(), CatalogueProblem> {
    check_ranges(path, lesson, known)?;
    check_mutants(path, lesson, known)?;
    for release in known.releases_of(lesson) {
        let silent = |step: &Step| !step.expect.iter().any(|expect| expect.codex.contains(release));
        if let Some(at) = lesson.steps().position(|(_, step)| silent(step)) {
            let path = path.to_owned();
            return Err(CatalogueProblem::Gap { path, step: at + 1, release: release.clone() });
        }
    }
    if path.file_stem().is_none_or(|stem| stem != lesson.id.as_str()) {
        return Err(CatalogueProblem::Misnamed { path: path.to_owned(), id: lesson.id.clone() });
    }
    Ok(())
}

/// Checks that every expectation applies to some known release, and no two to the same one.
fn check_ranges(path: &Path, lesson: &Lesson, known: &Known) -> Result<(), CatalogueProblem> {
    let runs = |range: &Releases| known.releases_of(lesson).any(|release| range.contains(release));
    let expects = lesson.headed_steps().flat_map(|(step, of)| {
        of.expect.iter().map(move |expect| (format!("an expectation of step `{step}`"), &expect.codex))
    });
    let ranges = std::iter::once(("the lesson".to_owned(), &lesson.codex))
        .chain(lesson.signs.iter().map(|sign| ("a sign".to_owned(), &sign.codex)))
        .chain(
            lesson.silent.iter().map(|silent| (format!("the silent step `{}`", silent.step), &silent.codex)),
        )
        .chain(expects);
    for (what, range) in ranges {
        if !runs(range) {
            return Err(CatalogueProblem::NoRelease {
                path: path.to_owned(),
                what,
                range: range.to_string(),
            });
        }
    }
    for (step, of) in lesson.headed_steps() {
        for (at, first) in of.expect.iter().enumerate() {
            for second in &of.expect[at + 1..] {
                if let Some(release) = first.codex.first_common(&second.codex) {
                    let ranges = format!("`{}` and `{}`", first.codex, second.codex);
                    return Err(CatalogueProblem::Overlap { path: path.to_owned(), step, ranges, release });
                }
            }
        }
    }
    Ok(())
}

fn check_mutants(path: &Path, lesson: &Lesson, known: &Known) -> Result<(), CatalogueProblem> {
    let path = path.to_owned();
    let headings: Vec<String> = lesson.headed_steps().map(|(heading, _)| heading).collect();
    if let Some(at) = (1..headings.len()).find(|at| headings[..*at].contains(&headings[*at])) {
        return Err(CatalogueProblem::SameHeading { path, step: headings[at].clone() });
    }
    for Mutant { id, step, .. } in &lesson.mutants {
        let mutant = id.to_string();
        if !known.mutants.contains(&mutant) {
            return Err(CatalogueProblem::UnknownMutant { path, mutant, known: known.mutants.join(", ") });
        }
        if !headings.contains(step) {
            let (step, known) = (step.clone(), headings.join("; "));
            return Err(CatalogueProblem::UnknownStep { path, mutant, step, known });
        }
    }
    Ok(())
}
