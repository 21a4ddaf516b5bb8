//! What a login brought.

use std::time::Duration;

use crate::codex::FoundCodex;
use crate::remote::ProofOutcome;

/// What a login brought, with nothing secret in it.
#[derive(Debug, Clone)]
pub struct LoginReceipt {
    /// Where the login is.
    pub path: String,
    /// Its permission bits.
    pub mode: u32,
    /// Its permission bits as codex left them, where others could read or write it: it is 0600 now.
    pub mode_was: Option<u32>,
    /// The permission bits of the directory, where others could write to it, and so put another login there; they cannot any more.
    pub directory_was: Option<u32>,
    /// Whether it is in the place of another.
    pub replaced: bool,
    /// The codex that made it.
    pub codex: FoundCodex,
    /// By which way.
    pub way: LoginFlow,
    /// What came of the proof.
    pub proof: ProofOutcome,
    /// From the first byte of the channel to the last.
    pub elapsed: Duration,
}

/// How a login is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginFlow {
    /// By a code that a person enters in any browser.
    Device,
    /// By a browser on this machine, and a port that leads to the host.
    Browser,
}

impl LoginFlow {
    /// For a program.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Browser => "browser",
        }
    }
}
