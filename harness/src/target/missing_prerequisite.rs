//! What this machine does not have, said so that a person can mend it.

use std::fmt;

/// Something the machine lacks, with what was tried and how to get it. The commands exit 3 on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingPrerequisite {
    /// What is missing, as one sentence fragment: `no container engine answers`.
    pub what: String,
    /// What was tried, in order, each with what came of it.
    pub tried: Vec<String>,
    /// What a person can do, any one of them enough.
    pub remedies: Vec<String>,
}

impl MissingPrerequisite {
    /// A lack with nothing tried and no remedy yet.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), tried: Vec::new(), remedies: Vec::new() }
    }

    /// Adds one thing that was tried, and what came of it.
    #[must_use]
    pub fn tried(mut self, attempt: impl Into<String>) -> Self {
        self.tried.push(attempt.into());
        self
    }

    /// Adds one way to mend it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedies.push(remedy.into());
        self
    }
}

impl fmt::Display for MissingPrerequisite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        for attempt in &self.tried {
            write!(f, "\n  tried: {attempt}")?;
        }
        for remedy in &self.remedies {
            write!(f, "\n  remedy: {remedy}")?;
        }
        Ok(())
    }
}

impl std::error::Error for MissingPrerequisite {}
