//! The result of a deploy.

use std::time::Duration;

use crate::codex::FoundCodex;
use crate::remote::ProofOutcome;

/// The result of a deploy. It contains nothing secret.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Whether anything was written.
    pub done: Done,
    /// Whether this was a dry run, which changes nothing.
    pub dry_run: bool,
    /// The remote Codex home: its `CODEX_HOME`, or `~/.codex`.
    pub home: String,
    /// The path of auth.json on the host.
    pub path: String,
    /// Its permission bits.
    pub mode: u32,
    /// The permission bits of the Codex home.
    pub directory_mode: u32,
    /// Whether the Codex home did not exist, so that the deploy makes it.
    pub directory_made: bool,
    /// The size of the login in bytes.
    pub size: u64,
    /// The SHA-256 of the login.
    pub sha256: String,
    /// The remote auth.json before the deploy.
    pub was: Was,
    /// The codex on the host that is called, if there is one.
    pub codex: Option<FoundCodex>,
    /// Where the replaced file is kept, if a backup was asked for, or if it was a damaged login.
    pub backup: Option<String>,
    /// What a person should know about the host, including what the deploy corrects.
    pub notices: Vec<Notice>,
    /// The result of the verification.
    pub proof: ProofOutcome,
    /// From the start of the script to the end of the deploy.
    pub elapsed: Duration,
}

/// Whether a deploy wrote anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// The login was copied.
    Placed,
    /// The same login was already on the host. Its content was not written again.
    AlreadyThere,
    /// The login would be copied; this was a dry run.
    WouldPlace,
}

/// What a person should know about the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Others had rights to the file. The deploy makes it 0600.
    FileMode {
        /// Its permission bits before.
        was: u32,
    },
    /// The file belonged to another user. The new one belongs to the account.
    FileOwner {
        /// The number of that user.
        was: u32,
    },
    /// Others could write to the Codex home, and so put another login in it. The deploy takes that right away.
    DirectoryMode {
        /// Its permission bits before.
        was: u32,
    },
    /// `CODEX_HOME` is a relative path, so it is another folder wherever codex is called.
    RelativeHome {
        /// The value.
        set: String,
    },
    /// The configuration on the host lets codex choose between the file and a keyring.
    StoreIsChosen {
        /// The file and line of the setting.
        place: String,
    },
    /// A setting on the host that affects, or may affect, the login.
    Setting {
        /// The setting, its file and line, and what it does.
        effect: String,
    },
    /// The file to replace is not a login that any Codex reads.
    NoLogin {
        /// Why.
        why: String,
    },
    /// The release of codex on the host is too old for this form of login.
    TooOld {
        /// The release and the form.
        why: String,
    },
    /// These variables are set on the host, and a plain command uses their credential instead of auth.json. The
    /// verification ran without them.
    Variables {
        /// Their names.
        names: Vec<String>,
    },
}

/// The remote auth.json before a deploy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Was {
    /// It did not exist.
    Absent,
    /// A symbolic link.
    Link,
    /// A file with this SHA-256.
    File(String),
    /// A file that the account could not read.
    Unreadable,
}
