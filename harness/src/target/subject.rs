//! The programs that a container is about, and how far they are trusted.

use std::path::PathBuf;

/// The programs that a container is about: files on this machine, which it only reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// What accounts find as `codex`.
    pub codex: PathBuf,
    /// What they find as `claude`, where it is there.
    pub claude: Option<PathBuf>,
    /// How far they are trusted.
    pub trust: Trust,
}

/// How far the programs in a container are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// They are the project's own, and ask nobody but loopback.
    Own,
    /// They are somebody else's, and are run only where nothing else can be reached.
    Foreign,
}
