//! What was seen on the host: what every command looks at, and what only an examination does.

use crate::auth_json::{AuthFile, AuthProblem, Existing};
use crate::codex::{FoundCodex, Settings};
use crate::remote::{FileFacts, Look};

/// What was seen. A field that is empty was not there, or could not be told.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) look: Look,
    /// What the bytes of auth.json are; `None` where there is no file, or it cannot be read.
    pub(super) existing: Option<Existing>,
    pub(super) settings: Settings,
    /// The codex that a deploy would call.
    pub(super) codex: Option<FoundCodex>,
    pub(super) more: More,
}

/// What the examination's own order has said.
#[derive(Debug, Default)]
pub(super) struct More {
    /// Seconds since 1970 by the clock of the host.
    pub(super) clock: Option<i64>,
    /// Whether the account may write to the Codex home, or make it.
    pub(super) writable: bool,
    /// The Codex home, or where it would be made: the first directory above it that exists.
    pub(super) nearest: String,
    /// A line of `df -Pk`.
    pub(super) space: String,
    /// What `quota -q` says of limits that are passed.
    pub(super) quota: String,
    /// Where auth.json leads to, where it is a symbolic link.
    pub(super) leads_to: String,
    pub(super) strays: Vec<String>,
    /// What deploys that were cut off have left.
    pub(super) rests: Vec<String>,
    /// What `git rev-parse --is-inside-work-tree` says; `None` where there is no git.
    pub(super) git: Option<String>,
    /// Whether a login shell finds codex; `None` where it was not asked, or said no PATH.
    pub(super) login_shell: Option<bool>,
    /// Whether an interactive shell does.
    pub(super) terminal: Option<bool>,
    /// What `codex doctor --json` said.
    pub(super) report: Option<String>,
}

impl Facts {
    /// The login on the host, where there is one.
    pub(super) fn login(&self) -> Option<&AuthFile> {
        match &self.existing {
            Some(Existing::Login(login)) => Some(login),
            _ => None,
        }
    }

    /// What is wrong with the bytes of auth.json.
    pub(super) fn problem(&self) -> Option<&AuthProblem> {
        match &self.existing {
            Some(Existing::NotALogin { why } | Existing::Unknown { why }) => Some(why),
            _ => None,
        }
    }

    /// The facts of auth.json itself, or of what it leads to.
    pub(super) fn file(&self) -> Option<FileFacts> {
        self.look.auth.followed()
    }

    /// What the account is called in a command.
    pub(super) fn user(&self) -> &str {
        &self.look.user
    }
}
