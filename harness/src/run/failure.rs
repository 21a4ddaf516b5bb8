//! What a person needs to know of something that did not hold.

/// One thing that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was run.
    pub command: String,
    /// The account it was run as.
    pub account: String,
    /// What it should have shown.
    pub expected: String,
    /// What it showed.
    pub seen: String,
    /// What to do next.
    pub next: String,
}
