//! A way to a base image that led nowhere.

use super::MissingPrerequisite;
use super::refusal::no_space;

/// A way to a base that led nowhere.
#[derive(Debug, Default)]
pub(super) struct Attempt {
    /// What came of it.
    pub(super) said: String,
    /// What would let it succeed.
    pub(super) remedies: Vec<String>,
    /// Set where the disk is full: every other way would end there too.
    pub(super) full: Option<MissingPrerequisite>,
}

impl Attempt {
    pub(super) fn new(said: impl Into<String>) -> Self {
        let said = said.into();
        Self { full: no_space(&said), said, remedies: Vec::new() }
    }

    pub(super) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedies.push(remedy.into());
        self
    }
}
