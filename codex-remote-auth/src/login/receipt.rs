//! The result of a login.

use std::time::Duration;

use crate::codex::FoundCodex;
use crate::remote::ProofOutcome;

/// The result of a login. It contains nothing secret.
#[derive(Debug, Clone)]
pub struct LoginReceipt {
    /// The path of the login on the host.
    pub path: String,
    /// Its permission bits.
    pub mode: u32,
    /// The permission bits that codex gave the file, if they had to be changed to 0600.
    pub mode_was: Option<u32>,
    /// The permission bits of the Codex home, if others could write to it. They no longer can.
    pub directory_was: Option<u32>,
    /// Whether it replaced another login.
    pub replaced: bool,
    /// The codex that made it.
    pub codex: FoundCodex,
    /// How the login was made.
    pub way: LoginFlow,
    /// The result of the verification.
    pub proof: ProofOutcome,
    /// From the start of the script to the end of the login.
    pub elapsed: Duration,
}

/// How a login is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginFlow {
    /// With a code that a person enters in any browser.
    Device,
    /// With a browser on this machine, and a port that is forwarded to the host.
    Browser,
}

impl LoginFlow {
    /// One word, for machine-readable output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Browser => "browser",
        }
    }
}
