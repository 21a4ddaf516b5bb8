//! One thing that was found.

use crate::codex::Diagnosis;

/// What was found about one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is about, in a word or two.
    pub subject: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was found.
    pub what: String,
    /// The lesson that it belongs to.
    pub lesson: Option<&'static str>,
    /// What a call of codex came to: it leads to a lesson too.
    pub diagnosis: Option<Diagnosis>,
    /// What to type.
    pub next: Option<Next>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Good,
    /// Worth knowing.
    Note,
    /// Something fails, or lies open to others.
    Bad,
}

/// What to type, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// On this machine: a verb of this program, and what stands behind the host's name.
    Verb(&'static str, &'static str),
    /// Over there, in a shell of the account.
    There(String),
}

impl Level {
    /// For a program.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Bad => "bad",
        }
    }
}

impl Finding {
    pub(super) fn good(subject: &'static str, what: impl Into<String>) -> Self {
        Self::of(Level::Good, subject, what)
    }

    pub(super) fn note(subject: &'static str, what: impl Into<String>) -> Self {
        Self::of(Level::Note, subject, what)
    }

    pub(super) fn bad(subject: &'static str, what: impl Into<String>) -> Self {
        Self::of(Level::Bad, subject, what)
    }

    fn of(level: Level, subject: &'static str, what: impl Into<String>) -> Self {
        Self { subject, level, what: what.into(), lesson: None, diagnosis: None, next: None }
    }

    pub(super) fn lesson(self, id: &'static str) -> Self {
        Self { lesson: Some(id), ..self }
    }

    pub(super) fn there(self, command: impl Into<String>) -> Self {
        Self { next: Some(Next::There(command.into())), ..self }
    }

    /// `deploy HOST`, `login HOST`.
    pub(super) fn verb(self, verb: &'static str) -> Self {
        self.verb_with(verb, "")
    }

    pub(super) fn verb_with(self, verb: &'static str, more: &'static str) -> Self {
        Self { next: Some(Next::Verb(verb, more)), ..self }
    }
}
