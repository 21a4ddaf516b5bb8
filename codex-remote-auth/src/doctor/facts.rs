//! What was seen on the host: by the look of every command, and by the examination.

use crate::auth_json::{AuthFile, AuthProblem, Existing};
use crate::codex::{FoundCodex, Settings};
use crate::remote::{FileFacts, Look};

/// What was seen. An empty field means that there was nothing, or that it could not be determined.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) look: Look,
    /// The content of auth.json; `None` if there is no file or it cannot be read.
    pub(super) existing: Option<Existing>,
    pub(super) settings: Settings,
    /// The codex that a deploy would call.
    pub(super) codex: Option<FoundCodex>,
    pub(super) more: More,
}

/// The answer to the examination's own order.
#[derive(Debug, Default)]
pub(super) struct More {
    /// Seconds since 1970 by the clock of the host.
    pub(super) clock: Option<i64>,
    /// Whether the account may write to the Codex home; if that does not exist, to the directory in `nearest`.
    pub(super) writable: bool,
    /// The Codex home, or the nearest directory above it that exists.
    pub(super) nearest: String,
    /// A line of `df -Pk`.
    pub(super) space: String,
    /// What `quota -q` prints about exceeded limits.
    pub(super) quota: String,
    /// The target of auth.json, if that is a symbolic link.
    pub(super) leads_to: String,
    pub(super) strays: Vec<String>,
    /// Private directories that interrupted deploys or rollbacks have left.
    pub(super) rests: Vec<String>,
    /// The output of `git rev-parse --is-inside-work-tree`, or `no` if that failed; `None` if git is not installed.
    pub(super) git: Option<String>,
    /// Whether a login shell finds codex; `None` if it was not asked or printed no PATH.
    pub(super) login_shell: Option<bool>,
    /// The same for an interactive shell.
    pub(super) terminal: Option<bool>,
    /// The output of `codex doctor --json`.
    pub(super) report: Option<String>,
}

impl Facts {
    /// The login on the host, if there is one.
    pub(super) fn login(&self) -> Option<&AuthFile> {
        match &self.existing {
            Some(Existing::Login(login)) => Some(login),
            _ => None,
        }
    }

    /// What is wrong with the content of auth.json.
    pub(super) fn problem(&self) -> Option<&AuthProblem> {
        match &self.existing {
            Some(Existing::NotALogin { why } | Existing::Unknown { why }) => Some(why),
            _ => None,
        }
    }

    /// The facts of auth.json, or of its target if it is a link.
    pub(super) fn file(&self) -> Option<FileFacts> {
        self.look.auth.followed()
    }

    /// The name of the account, for use in a command.
    pub(super) fn user(&self) -> &str {
        &self.look.user
    }
}
