//! Why the work on a host failed, and in what state it leaves auth.json there.

use std::fmt;

use thiserror::Error;

use super::{ConversationProblem, NotOurs, Refusal};
use crate::auth_json::AuthProblem;
use crate::ssh::SshProblem;

/// What the remote auth.json is after work that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteState {
    /// As it was before.
    Untouched,
    /// The old file or the new one, whole: the connection was lost while it was being replaced.
    OldOrNew,
    /// The new one: the connection was lost after that was known.
    New,
}

impl fmt::Display for RemoteState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Untouched => "the remote auth.json is as it was",
            Self::OldOrNew => "the remote auth.json is the old one or the new one, whole",
            Self::New => "the new auth.json is in place",
        })
    }
}

/// Why the work on a host failed: a deploy, a rollback, an examination, or the part of a login that they share.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// The login is not one that can be deployed; nothing was sent.
    #[error(transparent)]
    Auth(#[from] AuthProblem),
    /// The connection failed, or was lost.
    #[error("{problem}; {state}")]
    Ssh {
        /// What happened.
        problem: SshProblem,
        /// What the remote file is now.
        state: RemoteState,
    },
    /// Another program answered in place of our script, and was given nothing.
    #[error(transparent)]
    NotOurs(NotOurs),
    /// The host is not one to send this login to. Nothing was sent.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The script ended without a word.
    #[error(
        "the script on the host ended early ({status}); {state}. What ended it may be in the system's log there (a lack of \
         memory, a limit). `doctor` shows what is there now"
    )]
    EndedEarly {
        /// How the account's shell ended, in words.
        status: String,
        /// What the remote file is now.
        state: RemoteState,
    },
    /// A file changed while it was read or was to be replaced: codex renewed it, or somebody else writes there.
    #[error("`{path}` on the host changed meanwhile, as when codex renews it; it was kept. Try again")]
    ChangedMeanwhile {
        /// The file on the host.
        path: String,
    },
    /// A new file can be read by others whatever its mode is set to.
    #[error(
        "a new file in `{path}` on the host cannot be made private (mode 0600); nothing was written. Use a CODEX_HOME on a file \
         system that has modes"
    )]
    CannotBePrivate {
        /// The Codex home.
        path: String,
    },
    /// What was there could not be kept.
    #[error(
        "the file on the host could not be kept as auth.json.before: {said}; the remote auth.json is as it was. Correct that there, \
         or leave out --backup"
    )]
    CannotBackUp {
        /// What the remote tool said.
        said: String,
    },
    /// The directory could not be made.
    #[error(
        "the Codex home could not be made on the host: {said}; nothing was changed. Make it for the account, or set CODEX_HOME to \
         where the account may write"
    )]
    CannotMakeDirectory {
        /// What the remote tool said.
        said: String,
    },
    /// The new file could not be written: no space, a quota, a read-only file system.
    #[error(
        "the login could not be written on the host: {said}; the remote auth.json is as it was. Make room, or give the account the \
         right to write: `doctor` looks at space, quota and modes there, `ulimit -a` at limits"
    )]
    CannotWrite {
        /// What the remote tool said.
        said: String,
    },
    /// Fewer or other bytes arrived than were sent.
    #[error(
        "the login did not arrive whole (size or digest {seen}); the remote auth.json is as it was. Try again"
    )]
    Damaged {
        /// Size in bytes or SHA-256 of what arrived.
        seen: String,
    },
    /// The new file could not take the old one's place.
    #[error(
        "auth.json on the host could not be replaced: {said}; it is as it was. Is it immutable (lsattr), and may the account write to \
         its directory?"
    )]
    CannotReplace {
        /// What the remote tool said.
        said: String,
    },
    /// What was in use could not be kept where a further rollback would look for it.
    #[error(
        "the login was brought back, but the one that it replaced could not be kept as auth.json.before: {said}"
    )]
    CannotKeep {
        /// What the remote tool said, and where it is.
        said: String,
    },
    /// The script answered something that this version does not know.
    #[error("the script on the host stopped with `{code}`: {detail}. `doctor` shows what is there now")]
    Unknown {
        /// The code it gave.
        code: String,
        /// The detail it gave.
        detail: String,
    },
}

impl RemoteError {
    /// What a conversation's problem means where the remote file is in this state.
    pub(crate) fn of(problem: ConversationProblem, state: RemoteState) -> Self {
        match problem {
            ConversationProblem::Ssh(problem) => Self::Ssh { problem, state },
            ConversationProblem::NotOurs(answer) => Self::NotOurs(answer),
            ConversationProblem::Stopped { code, detail } => Self::of_script(&code, detail),
            ConversationProblem::Ended { status } => Self::EndedEarly { status, state },
            ConversationProblem::Changed { name } => Self::ChangedMeanwhile { path: name },
            ConversationProblem::NoRandomNumbers { .. } => {
                Self::Unknown { code: "no-random-numbers".to_owned(), detail: problem.to_string() }
            }
        }
    }

    /// What the script's word means.
    fn of_script(code: &str, said: String) -> Self {
        let path = said;
        match code {
            "home-not-a-directory" => Refusal::HomeNotADirectory { path }.into(),
            "home-open-to-others" => Refusal::HomeOpenToOthers { path }.into(),
            "cannot-be-private" => Self::CannotBePrivate { path },
            "changed-meanwhile" => Self::ChangedMeanwhile { path },
            "cannot-back-up" => Self::CannotBackUp { said: path },
            "cannot-keep" => Self::CannotKeep { said: path },
            "cannot-make-directory" => Self::CannotMakeDirectory { said: path },
            "cannot-write" => Self::CannotWrite { said: path },
            "cannot-replace" => Self::CannotReplace { said: path },
            "cut-short" | "damaged" => Self::Damaged { seen: path },
            _ => Self::Unknown { code: code.to_owned(), detail: path },
        }
    }

    /// The name that lessons and reports use for it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Auth(problem) => problem.code(),
            Self::Ssh { problem, .. } => problem.code(),
            Self::NotOurs(_) => "no-reply",
            Self::Refused(refusal) => refusal.code(),
            Self::ChangedMeanwhile { .. } => "changed-meanwhile",
            Self::CannotBePrivate { .. } => "cannot-be-private",
            Self::EndedEarly { .. } => "ended-early",
            Self::CannotBackUp { .. } => "cannot-back-up",
            Self::CannotMakeDirectory { .. } => "cannot-make-directory",
            Self::CannotWrite { .. } => "cannot-write",
            Self::Damaged { .. } => "damaged",
            Self::CannotReplace { .. } => "cannot-replace",
            Self::CannotKeep { .. } => "cannot-keep",
            Self::Unknown { .. } => "unknown",
        }
    }
}
