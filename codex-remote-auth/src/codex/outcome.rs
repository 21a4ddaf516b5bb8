//! What one call of codex gave.

use crate::ssh::{End, Output};

/// What one call of codex gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The last message alone, where it worked.
    pub stdout: Vec<u8>,
    /// Everything else.
    pub stderr: Vec<u8>,
    /// How it ended.
    pub end: End,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self { stdout: output.stdout, stderr: output.stderr, end: output.end }
    }
}
