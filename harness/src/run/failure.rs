//! What a person needs to know of something that did not hold.

/// One thing that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What it is about.
    pub about: About,
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

/// What a failure is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum About {
    /// How a command ended.
    Ending,
    /// A text that the standard output lacks.
    Stdout,
    /// A text that the standard error lacks.
    Stderr,
    /// A text that an output should not have.
    Never,
    /// Whether a secret is shown.
    Leak,
    /// What the product says the output means.
    Diagnosis,
    /// The error of the deploy logic.
    Error,
    /// A file of the remote account.
    File,
    /// What the stub was given.
    Witness,
    /// What the cloud was asked, or found wrong.
    Cloud,
    /// The check as a whole: it could not be run, or is a smoke test.
    Run,
}
