//! The result of one call of codex.

use crate::ssh::{End, Output};

/// The result of one call of codex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Standard output. If the call worked, this is only the last message.
    pub stdout: Vec<u8>,
    /// Standard error, with everything else that codex printed.
    pub stderr: Vec<u8>,
    /// How it ended.
    pub end: End,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self { stdout: output.stdout, stderr: output.stderr, end: output.end }
    }
}
