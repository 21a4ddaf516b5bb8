//! Why the template of the guide is refused.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// What is wrong in the template, and on which line. Nothing has been written when one of these is returned.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{path}:{line}: {what}\n  hint: {hint}", path = path.display())]
pub struct SkillProblem {
    /// The template.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
    /// What to do: a command, or what to write instead.
    pub hint: String,
}

/// The same before it is known where in the template it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    what: String,
    hint: String,
}

impl Fault {
    pub(super) fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into() }
    }

    pub(super) fn at(self, path: &Path, line: usize) -> SkillProblem {
        SkillProblem { path: path.to_owned(), line, what: self.what, hint: self.hint }
    }
}
