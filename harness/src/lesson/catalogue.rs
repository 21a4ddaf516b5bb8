//! All lessons, read from their folder.

use std::path::{Path, PathBuf};

use semver::Version;
use thiserror::Error;

use super::{Lesson, MutantName};

/// All lessons, in the order of their names.
#[derive(Debug, Clone)]
pub struct Catalogue {
    lessons: Vec<Lesson>,
}

/// Why a lesson file is refused. Nothing has been run when one of these is returned.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CatalogueProblem {
    /// The folder or a file in it cannot be read.
    #[error("{path}: {reason}", path = path.display())]
    Unreadable {
        /// What was to be read.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A file is no lesson.
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
    /// A lesson is not called as its file is.
    #[error("{path}: the id is `{id}`; a lesson has the name of its file", path = path.display())]
    Misnamed {
        /// The lesson file.
        path: PathBuf,
        /// The id in it.
        id: String,
    },
    /// Two files hold a lesson of one id.
    #[error("{first} and {second} both have the id `{id}`", first = first.display(), second = second.display())]
    Duplicate {
        /// The id.
        id: String,
        /// The file that was read first.
        first: PathBuf,
        /// The other one.
        second: PathBuf,
    },
    /// A lesson names a mutant that does not exist.
    #[error("{path}: there is no mutant `{mutant}`; these exist: {known}", path = path.display())]
    UnknownMutant {
        /// The lesson file.
        path: PathBuf,
        /// The mutant it names.
        mutant: String,
        /// The mutants that exist.
        known: String,
    },
    /// A step says nothing about a release that its lesson applies to.
    #[error("{path}: step {step} expects nothing on {release}, to which the lesson applies", path = path.display())]
    Gap {
        /// The lesson file.
        path: PathBuf,
        /// The step, counted from 1 over wrong and right ways.
        step: usize,
        /// The release.
        release: Version,
    },
}

impl Catalogue {
    /// Reads every `*.toml` below `folder`.
    ///
    /// `mutants` are the mutants that exist; `releases` are those that every step has to say something about.
    ///
    /// # Errors
    /// The first [`CatalogueProblem`], in the order of the file names.
    pub fn read(folder: &Path, mutants: &[String], releases: &[Version]) -> Result<Self, CatalogueProblem> {
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
            check(&path, &lesson, mutants, releases)?;
            read.push((path, lesson));
        }
        Ok(Self { lessons: read.into_iter().map(|(_, lesson)| lesson).collect() })
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

/// A lesson file's text as a lesson.
pub(super) fn parse(path: &Path, text: &str) -> Result<Lesson, CatalogueProblem> {
    toml::from_str(text).map_err(|error| malformed(path, text, &error))
}

impl FromIterator<Lesson> for Catalogue {
    fn from_iter<T: IntoIterator<Item = Lesson>>(lessons: T) -> Self {
        Self { lessons: lessons.into_iter().collect() }
    }
}

/// What is wrong in a file, and where.
pub(super) fn malformed(path: &Path, text: &str, error: &toml::de::Error) -> CatalogueProblem {
    let before = &text[..error.span().map_or(0, |span| span.start).min(text.len())];
    CatalogueProblem::Malformed {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.chars().rev().take_while(|c| *c != '\n').count() + 1,
        message: error.message().to_owned(),
    }
}

fn check(
    path: &Path,
    lesson: &Lesson,
    mutants: &[String],
    releases: &[Version],
) -> Result<(), CatalogueProblem> {
    let path = path.to_owned();
    let is_known = |mutant: &&MutantName| !mutants.contains(&mutant.to_string());
    if let Some(mutant) = lesson.mutants.iter().find(is_known) {
        let known = mutants.join(", ");
        return Err(CatalogueProblem::UnknownMutant { path, mutant: mutant.to_string(), known });
    }
    for release in releases.iter().filter(|release| lesson.codex.contains(release)) {
        let silent = |step: &super::Step| !step.expect.iter().any(|expect| expect.codex.contains(release));
        if let Some(at) = lesson.steps().position(|(_, step)| silent(step)) {
            return Err(CatalogueProblem::Gap { path, step: at + 1, release: release.clone() });
        }
    }
    if path.file_stem().is_none_or(|stem| stem != lesson.id.as_str()) {
        return Err(CatalogueProblem::Misnamed { path, id: lesson.id.clone() });
    }
    Ok(())
}
