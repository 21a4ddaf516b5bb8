//! One finding.

use crate::codex::Diagnosis;

/// A finding about one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The subject, in a word or two.
    pub subject: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was found.
    pub what: String,
    /// The lesson about it.
    pub lesson: Option<&'static str>,
    /// The result of a call of codex, if it failed. There may be a lesson about it too.
    pub diagnosis: Option<Diagnosis>,
    /// The next step.
    pub next: Option<Next>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// No problem.
    Good,
    /// Worth knowing.
    Note,
    /// Something fails, or others have access to it.
    Bad,
}

/// What to type, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// On this machine: a command of this program, and what follows the host's name.
    Verb(&'static str, &'static str),
    /// On the host, in a shell of the account.
    There(String),
}

impl Level {
    /// One word, for machine-readable output.
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

    /// A next step such as `deploy HOST` or `login HOST`.
    pub(super) fn verb(self, verb: &'static str) -> Self {
        self.verb_with(verb, "")
    }

    pub(super) fn verb_with(self, verb: &'static str, more: &'static str) -> Self {
        Self { next: Some(Next::Verb(verb, more)), ..self }
    }
}
