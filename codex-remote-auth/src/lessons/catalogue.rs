//! Reads all lessons from their folder and checks them.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use semver::Version;
use thiserror::Error;
use toml::de::{DeTable, DeValue};

use super::explain::Texts;
use super::{Expect, Lesson, Mutant, Releases, Step, Tool, Way};

/// All lessons, in the order of their names.
#[derive(Debug, Clone)]
pub struct Catalogue {
    lessons: Vec<Lesson>,
    reported: Vec<Lesson>,
    /// The texts of all signs, compiled when they are first looked for.
    pub(super) texts: OnceLock<Option<Texts>>,
    /// The file of each lesson that a run shows and its text, in the order of the lessons. Empty if the lessons were not read from files.
    files: Vec<(PathBuf, String)>,
}

/// Where a step is in its lesson's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The lesson file.
    pub path: PathBuf,
    /// The line on which the step begins, from 1.
    pub line: usize,
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
    /// The flavours of server that can be run.
    pub flavours: Vec<String>,
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

        let mut read: Vec<Lesson> = Vec::with_capacity(paths.len());
        let mut files: Vec<(PathBuf, String)> = Vec::with_capacity(paths.len());
        for path in paths {
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            let lesson = parse(&path, &text)?;
            if let Some(first) = read.iter().position(|other| other.id == lesson.id) {
                let first = files[first].0.clone();
                return Err(CatalogueProblem::Duplicate { id: lesson.id, first, second: path });
            }
            check(&path, &lesson, known)
                .map_err(|Refusal { key, message }| refused(&path, &text, offset(&text, &key), message))?;
            read.push(lesson);
            files.push((path, text));
        }
        let mut reported = read.iter().map(Lesson::is_reported);
        files.retain(|_| reported.next() == Some(false));
        drop(reported);
        Ok(Self { files, ..read.into_iter().collect() })
    }

    /// The lessons that a run shows, in the order of their names.
    pub fn lessons(&self) -> &[Lesson] {
        &self.lessons
    }

    /// The lessons that users reported and no run shows, in the order of their names. They are never run and never count as passed.
    pub fn reported(&self) -> &[Lesson] {
        &self.reported
    }

    /// The lessons that a run shows, and then those that are only reported.
    pub fn all(&self) -> impl Iterator<Item = &Lesson> + Clone {
        self.lessons.iter().chain(&self.reported)
    }

    /// The lesson of that name, of either kind.
    pub fn get(&self, id: &str) -> Option<&Lesson> {
        self.all().find(|lesson| lesson.id == id)
    }

    /// Where a lesson's step is, by the heading that [`Lesson::headed_steps`] gives it. With another heading, such as an empty
    /// one, the first line of the lesson's file. `None` if the lesson was not read from a file.
    pub fn place(&self, id: &str, heading: &str) -> Option<Place> {
        let at = self.lessons.iter().position(|lesson| lesson.id == id)?;
        let (path, text) = self.files.get(at)?;
        let lesson = &self.lessons[at];
        let step = lesson.headed_steps().position(|(other, _)| other == heading);
        let offset = step.map_or(0, |number| offset(text, &step_key(lesson, number)));
        Some(Place { path: path.clone(), line: line_and_column(text, offset).0 })
    }
}

/// Parses the text of a lesson file.
pub(super) fn parse(path: &Path, text: &str) -> Result<Lesson, CatalogueProblem> {
    let lesson: Lesson = toml::from_str(text).map_err(|error| malformed(path, text, &error))?;
    match lesson.contradiction() {
        None => Ok(lesson),
        Some(message) => Err(refused(path, text, 0, message.to_owned())),
    }
}

impl FromIterator<Lesson> for Catalogue {
    fn from_iter<T: IntoIterator<Item = Lesson>>(lessons: T) -> Self {
        let (reported, lessons) = lessons.into_iter().partition(Lesson::is_reported);
        Self { lessons, reported, texts: OnceLock::new(), files: Vec::new() }
    }
}

/// The error in a file, with its line and column.
pub(super) fn malformed(path: &Path, text: &str, error: &toml::de::Error) -> CatalogueProblem {
    let offset = error.span().map_or(0, |span| span.start);
    refused(path, text, offset, error.message().to_owned())
}

fn refused(path: &Path, text: &str, offset: usize, message: String) -> CatalogueProblem {
    let (line, column) = line_and_column(text, offset);
    CatalogueProblem::Malformed { path: path.to_owned(), line, column, message }
}

/// Line and column of a byte of the text, both from 1.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset.min(text.len())];
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (before.matches('\n').count() + 1, column)
}

/// Where the value of a key begins, as in `wrong.0.expect.1.codex`; if the file has no such key, where the table around it does.
fn offset(text: &str, key: &str) -> usize {
    let Ok(root) = DeTable::parse(text) else { return 0 };
    let mut offset = 0;
    let root = DeValue::Table(root.into_inner());
    let mut value = &root;
    for part in key.split('.') {
        let next = match part.parse::<usize>() {
            Ok(number) => value.get(number),
            Err(_) => value.get(part),
        };
        let Some(next) = next else { break };
        offset = next.span().start;
        value = next.get_ref();
    }
    offset
}

/// What is wrong with a lesson, and the key that says it.
struct Refusal {
    key: String,
    message: String,
}

fn refuse<T>(key: impl Into<String>, message: String) -> Result<T, Refusal> {
    Err(Refusal { key: key.into(), message })
}

/// The key of the `number`th step, counted from 0 over wrong and right ways.
fn step_key(lesson: &Lesson, number: usize) -> String {
    match number.checked_sub(lesson.wrong.len()) {
        None => format!("{}.{number}", Way::Wrong.as_str()),
        Some(number) => format!("{}.{number}", Way::Right.as_str()),
    }
}

fn check(path: &Path, lesson: &Lesson, known: &Known) -> Result<(), Refusal> {
    check_ranges(lesson, known)?;
    check_mutants(lesson, known)?;
    for release in known.releases_of(lesson) {
        let silent = |step: &Step| !step.usual().any(|expect| expect.codex.contains(release));
        if let Some((at, (heading, _))) =
            lesson.headed_steps().enumerate().find(|(_, (_, step))| silent(step))
        {
            let message =
                format!("step `{heading}` expects nothing on {release}, to which the lesson applies");
            return refuse(step_key(lesson, at), message);
        }
    }
    if path.file_stem().is_none_or(|stem| stem != lesson.id.as_str()) {
        return refuse("id", format!("the id is `{}`; a lesson has the name of its file", lesson.id));
    }
    Ok(())
}

/// An expectation for no release that can be run is never checked, and of two expectations for one release at most one holds.
fn check_ranges(lesson: &Lesson, known: &Known) -> Result<(), Refusal> {
    let check = |key: String, what: &str, range: &Releases| {
        if known.releases_of(lesson).any(|release| range.contains(release)) {
            return Ok(());
        }
        let message = format!(
            "{what} is for `{range}`, and no known release of the lesson is in that range\n  \
             hint: correct the range, or pin the release: cargo xtask releases --update"
        );
        refuse(key, message)
    };
    check("codex".to_owned(), "the lesson", &lesson.codex)?;
    for (at, sign) in lesson.signs.iter().enumerate() {
        check(format!("signs.{at}.codex"), "a sign", &sign.codex)?;
    }
    for (at, silent) in lesson.silent.iter().enumerate() {
        check(format!("silent.{at}.codex"), &format!("the silent step `{}`", silent.step), &silent.codex)?;
    }
    for (number, (step, of)) in lesson.headed_steps().enumerate() {
        let key = |at: usize| format!("{}.expect.{at}.codex", step_key(lesson, number));
        for (at, expect) in of.expect.iter().enumerate() {
            check(key(at), &format!("an expectation of step `{step}`"), &expect.codex)?;
            if let Some(unknown) = expect.flavours.iter().find(|name| !known.flavours.contains(name)) {
                let known = known.flavours.join(", ");
                let message = format!("there is no flavour `{unknown}`; these exist: {known}");
                return refuse(format!("{}.expect.{at}.flavours", step_key(lesson, number)), message);
            }
        }
        for (at, second) in of.expect.iter().enumerate() {
            let same_servers = |first: &&Expect| {
                let both_usual = first.flavours.is_empty() && second.flavours.is_empty();
                both_usual || first.flavours.iter().any(|name| second.flavours.contains(name))
            };
            for first in of.expect[..at].iter().filter(same_servers) {
                if let Some(release) = first.codex.first_common(&second.codex) {
                    let (first, second) = (&first.codex, &second.codex);
                    let message =
                        format!("step `{step}` has two expectations for {release}: `{first}` and `{second}`");
                    return refuse(key(at), message);
                }
            }
        }
    }
    Ok(())
}

fn check_mutants(lesson: &Lesson, known: &Known) -> Result<(), Refusal> {
    let headings: Vec<String> = lesson.headed_steps().map(|(heading, _)| heading).collect();
    if let Some(at) = (1..headings.len()).find(|at| headings[..*at].contains(&headings[*at])) {
        let message = format!("two steps are called `{}`; give each a name of its own", headings[at]);
        return refuse(format!("{}.name", step_key(lesson, at)), message);
    }
    for (at, Mutant { id, step, .. }) in lesson.mutants.iter().enumerate() {
        if !known.mutants.contains(&id.to_string()) {
            let message = format!("there is no mutant `{id}`; these exist: {}", known.mutants.join(", "));
            return refuse(format!("mutants.{at}.id"), message);
        }
        if !headings.contains(step) {
            let known = headings.join("; ");
            let message =
                format!("`{id}` is to fail step `{step}`, which the lesson has not; it has: {known}");
            return refuse(format!("mutants.{at}.step"), message);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_where_its_value_begins_or_else_its_table() {
        let text = "id = 'one'\nmutants = [\n  { id = 'a' },\n]\n[[wrong]]\nrun = 'a'\n[[wrong]]\nrun = 'b'\nexpect = [{ exit = 0, codex = '*' }]\n";
        let place = |key: &str| line_and_column(text, offset(text, key));
        assert_eq!(place("id"), (1, 6));
        assert_eq!(place("mutants.0.id"), (3, 10));
        assert_eq!(place("wrong.1.expect.0.codex"), (9, 31));
        assert_eq!(place("wrong.1.name"), (7, 1));
        assert_eq!(place("wrong.0.expect.0.codex"), (5, 1));
    }
}
