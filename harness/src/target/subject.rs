//! The programs under test in a container, and how far they are trusted.

use std::path::PathBuf;

/// The programs under test in a container: files on this machine that the container only reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The program that accounts find as `codex`.
    pub codex: PathBuf,
    /// The program that accounts find as `claude`, if any.
    pub claude: Option<PathBuf>,
    /// How far they are trusted.
    pub trust: Trust,
}

/// How far the programs in a container are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// They are the project's own, and connect only to loopback.
    Own,
    /// They are somebody else's, and run only where they can reach nothing else.
    Foreign,
}
