//! What a deploy did.

use std::time::Duration;

use crate::codex::{Diagnosis, Outcome};

/// What a deploy did, with nothing secret in it.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The remote Codex home: its `CODEX_HOME`, or `~/.codex`.
    pub home: String,
    /// Where the login now is.
    pub path: String,
    /// Its permission bits.
    pub mode: u32,
    /// The permission bits of the directory that holds it.
    pub directory_mode: u32,
    /// Whether the deploy made that directory.
    pub directory_made: bool,
    /// Its size in bytes, the same as here.
    pub size: u64,
    /// Its SHA-256, the same as here.
    pub sha256: String,
    /// What was there before.
    pub was: Was,
    /// The codex that was found there.
    pub codex: Option<String>,
    /// What came of the proof.
    pub proof: ProofOutcome,
    /// From the first byte of the channel to the last.
    pub elapsed: Duration,
}

/// What the remote auth.json was before a deploy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Was {
    /// Not there.
    Absent,
    /// A symbolic link.
    Link,
    /// A file with this SHA-256.
    File(String),
    /// A file that the account could not read.
    Unreadable,
}

/// What came of the proof.
#[derive(Debug, Clone)]
pub enum ProofOutcome {
    /// It was not asked for.
    NotAsked,
    /// It was asked for, and no codex was found there.
    NoCodex,
    /// Codex ran.
    Ran {
        /// What it gave.
        outcome: Outcome,
        /// What that means.
        diagnosis: Diagnosis,
    },
}

impl ProofOutcome {
    /// Whether codex answered as it was asked to.
    pub fn holds(&self) -> bool {
        matches!(self, Self::Ran { diagnosis: Diagnosis::Works, .. })
    }
}
