//! What a deploy did.

use std::time::Duration;

use crate::codex::FoundCodex;
use crate::remote::ProofOutcome;

/// What a deploy did, with nothing secret in it.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Whether anything was written.
    pub done: Done,
    /// Whether it was only asked what would be done: then nothing was changed.
    pub dry_run: bool,
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
    pub codex: Option<FoundCodex>,
    /// Where the file that was replaced is kept, where that was asked for.
    pub backup: Option<String>,
    /// What was not as it should be, and is now; or what to know.
    pub notices: Vec<Notice>,
    /// What came of the proof.
    pub proof: ProofOutcome,
    /// From the first byte of the channel to the last.
    pub elapsed: Duration,
}

/// Whether a deploy wrote anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// The login was put there.
    Placed,
    /// The same login was there already, and stays as it is.
    AlreadyThere,
    /// It would be put there: it was only asked what would be done.
    WouldPlace,
}

/// What was not as it should be on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Others could read or write the file; it is 0600 now.
    FileMode {
        /// Its permission bits before.
        was: u32,
    },
    /// The file belonged to another user; the new one is the account's.
    FileOwner {
        /// That user's number.
        was: u32,
    },
    /// Others could write to the directory, and so put another login there; they cannot any more.
    DirectoryMode {
        /// Its permission bits before.
        was: u32,
    },
    /// The configuration on the host lets codex choose between the file and a keyring.
    StoreIsChosen,
    /// What a setting on the host does, or may do, to the login.
    Setting {
        /// The setting, its file and line, and what it does.
        effect: String,
    },
    /// What was replaced was no login that any codex reads.
    NoLogin {
        /// Why.
        why: String,
    },
    /// These variables are set on the host, and make a plain command use another credential than auth.json. The proof ran
    /// without them.
    Variables {
        /// Their names.
        names: Vec<String>,
    },
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
