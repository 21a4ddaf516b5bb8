//! What this machine lacks, in words that help to fix it.

use std::fmt;

/// Something the machine lacks, with what was tried and how to get it. The commands then exit with 3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingPrerequisite {
    /// What is missing, as one sentence fragment: `no container engine was found`.
    pub what: String,
    /// What was tried, in order, each with its result.
    pub tried: Vec<String>,
    /// What a person can do. Any one of them is enough.
    pub remedies: Vec<String>,
}

impl MissingPrerequisite {
    /// Something that is missing, without attempts or remedies yet.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), tried: Vec::new(), remedies: Vec::new() }
    }

    /// Adds an attempt and its result.
    #[must_use]
    pub fn tried(mut self, attempt: impl Into<String>) -> Self {
        self.tried.push(attempt.into());
        self
    }

    /// Adds a remedy.
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
