//! A failed attempt to get a base image.

use super::MissingPrerequisite;
use super::refusal::no_space;

/// A failed attempt to get a base image.
#[derive(Debug, Default)]
pub(super) struct Attempt {
    /// The result.
    pub(super) said: String,
    /// What would make it work.
    pub(super) remedies: Vec<String>,
    /// Set if the disk is full: then every other attempt would fail too.
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
