//! One finding.

use crate::codex::Diagnosis;
use crate::message::{Command, Failure, Hint};

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
    /// The next steps, in the order in which they are done.
    pub next: Vec<Hint>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing is wrong.
    Ok,
    /// Worth knowing.
    Note,
    /// Something fails, or others have access to it.
    Problem,
}

impl Level {
    /// One word, for people and programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Problem => "problem",
        }
    }
}

impl Finding {
    pub(super) fn ok(subject: &'static str, what: impl Into<String>) -> Self {
        Self::of(Level::Ok, subject, what)
    }

    pub(super) fn note(subject: &'static str, what: impl Into<String>) -> Self {
        Self::of(Level::Note, subject, what)
    }

    pub(super) fn problem(subject: &'static str, what: impl Into<String>) -> Self {
        Self::of(Level::Problem, subject, what)
    }

    fn of(level: Level, subject: &'static str, what: impl Into<String>) -> Self {
        Self { subject, level, what: what.into(), lesson: None, diagnosis: None, next: Vec::new() }
    }

    pub(super) fn lesson(self, id: &'static str) -> Self {
        Self { lesson: Some(id), ..self }
    }

    /// A next step.
    pub(super) fn then(mut self, next: Hint) -> Self {
        self.next.push(next);
        self
    }

    /// A command for a shell of the account on the host. It works as it is printed.
    pub(super) fn on_host(self, command: impl Into<String>) -> Self {
        self.then(Hint::on_host("", command))
    }

    /// What a person has to do by hand.
    pub(super) fn advice(self, words: impl Into<String>) -> Self {
        self.then(Hint::words(words.into()))
    }

    /// The next steps of a refusal, except to call the refused command again in another way: nobody called it.
    pub(super) fn advised_by(mut self, refusal: &impl Failure) -> Self {
        let is_again = |hint: &Hint| matches!(hint.command, Some(Command::Again(_)));
        self.next.extend(refusal.hints().into_iter().filter(|hint| !is_again(hint)));
        self
    }

    /// A deploy to the host, with these options.
    pub(super) fn deploy(self, arguments: &[&'static str]) -> Self {
        self.then(Hint::ours("", "deploy", arguments))
    }
}
