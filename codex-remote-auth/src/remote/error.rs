//! Why the work on a host failed, and in what state the remote auth.json is.

use thiserror::Error;

use super::{ConversationProblem, NotOurs, Refusal};
use crate::auth_json::AuthProblem;
use crate::ssh::SshProblem;

/// The state of the remote auth.json after the work failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteState {
    /// The host was not reached, so there is nothing to say about it.
    NotReached,
    /// Unchanged.
    Untouched,
    /// The old file or the new one, complete. Contact was lost while it was being replaced.
    OldOrNew,
    /// The new file: the connection was lost after that was known.
    New,
}

impl RemoteState {
    /// In words. `None` if there is nothing to say.
    pub fn in_words(self) -> Option<&'static str> {
        match self {
            Self::NotReached => None,
            Self::Untouched => Some("auth.json on the host is unchanged"),
            Self::OldOrNew => Some("auth.json on the host is either the old file or the new one, complete"),
            Self::New => Some("the new auth.json is in place"),
        }
    }
}

/// Why the work on a host failed: a deploy, a rollback, an examination, or the part that `login` shares with them.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// The login is not one that can be deployed; nothing was sent.
    #[error(transparent)]
    Auth(#[from] AuthProblem),
    /// The connection failed, or was lost.
    #[error("{problem}")]
    Ssh {
        /// What happened.
        problem: SshProblem,
        /// The state of the remote file.
        state: RemoteState,
    },
    /// Another program answered instead of our script. Nothing was sent to it.
    #[error(transparent)]
    NotOurs(NotOurs),
    /// The state of the host does not allow this login. Its auth.json was not changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The script ended without giving a reason.
    #[error("the script on the host ended early ({status})")]
    EndedEarly {
        /// How the account's shell ended, in words.
        status: String,
        /// The state of the remote file.
        state: RemoteState,
    },
    /// A file changed while it was read or before it was replaced: codex renewed it, or somebody else writes to it.
    #[error("`{path}` on the host changed in the meantime")]
    ChangedMeanwhile {
        /// The file on the host.
        path: String,
    },
    /// The Codex home was a private directory of the account when it was looked at, and no longer is.
    #[error(
        "`{path}` on the host changed in the meantime: it is no longer a directory that only the account can write to"
    )]
    HomeChanged {
        /// The Codex home on the host.
        path: String,
        /// The code that lessons and reports use.
        code: &'static str,
    },
    /// Others can read a new file even after its mode is set.
    #[error("a new file in `{path}` on the host cannot be made private (mode 0600)")]
    CannotBePrivate {
        /// The Codex home.
        path: String,
    },
    /// The existing file could not be kept.
    #[error("the file on the host could not be saved as auth.json.before: {said}")]
    CannotBackUp {
        /// The message of the remote tool.
        said: String,
    },
    /// The Codex home could not be created.
    #[error("the Codex home could not be created on the host: {said}")]
    CannotMakeDirectory {
        /// The message of the remote tool.
        said: String,
    },
    /// The new file could not be written: no space, a quota, or a read-only file system.
    #[error("the login could not be written on the host: {said}")]
    CannotWrite {
        /// The message of the remote tool.
        said: String,
    },
    /// The bytes that arrived differ from those sent, in number or content.
    #[error("the login did not arrive unchanged: the host got {seen}")]
    Damaged {
        /// How many bytes arrived, or the SHA-256 of what arrived.
        seen: String,
    },
    /// The old file could not be replaced with the new one.
    #[error("auth.json on the host could not be replaced: {said}")]
    CannotReplace {
        /// The message of the remote tool.
        said: String,
    },
    /// The login was restored, but the replaced one could not be kept for another rollback.
    #[error("the login that was replaced on the host could not be saved as auth.json.before: {said}")]
    CannotKeep {
        /// The message of the remote tool.
        said: String,
        /// Where the replaced login is.
        kept: String,
    },
    /// The system gave no random numbers, so no conversation was begun.
    #[error("this machine gives no random numbers: {reason}")]
    NoRandomNumbers {
        /// The system's error message.
        reason: String,
    },
    /// The script stopped with a code that this version does not know.
    #[error("the script on the host stopped with `{code}`: {detail}")]
    Unknown {
        /// The code.
        code: String,
        /// The detail.
        detail: String,
        /// The state of the remote file.
        state: RemoteState,
    },
}

impl RemoteError {
    /// Turns a problem of the conversation into an error, with the state that the remote file is in.
    pub(crate) fn of(problem: ConversationProblem, state: RemoteState) -> Self {
        match problem {
            ConversationProblem::Ssh(problem) => Self::Ssh { problem, state },
            ConversationProblem::NotOurs(answer) => Self::NotOurs(answer),
            ConversationProblem::InputIsRead { reader } => Refusal::InputIsRead { reader }.into(),
            ConversationProblem::Stopped { code, detail } => Self::of_script(&code, detail, state),
            ConversationProblem::Ended { status } => Self::EndedEarly { status, state },
            ConversationProblem::Changed { name } => Self::ChangedMeanwhile { path: name },
            ConversationProblem::NoRandomNumbers { reason } => Self::NoRandomNumbers { reason },
        }
    }

    /// Turns a code of the script into an error.
    fn of_script(code: &str, said: String, state: RemoteState) -> Self {
        let path = said;
        match code {
            "home-not-a-directory" => Self::HomeChanged { path, code: "home-not-a-directory" },
            "home-open-to-others" => Self::HomeChanged { path, code: "home-open-to-others" },
            "home-not-ours" => Self::HomeChanged { path, code: "home-not-ours" },
            "cannot-be-private" => Self::CannotBePrivate { path },
            "changed-meanwhile" => Self::ChangedMeanwhile { path },
            "cannot-back-up" => Self::CannotBackUp { said: path },
            "cannot-keep" => {
                // A message may contain the same words, so the last ones count.
                let (said, kept) = path.rsplit_once("; it is kept: ").unwrap_or((&path, "beside auth.json"));
                Self::CannotKeep { said: said.to_owned(), kept: kept.to_owned() }
            }
            "cannot-make-directory" => Self::CannotMakeDirectory { said: path },
            "cannot-write" => Self::CannotWrite { said: path },
            "cannot-replace" => Self::CannotReplace { said: path },
            "cut-short" => Self::Damaged { seen: format!("{path} bytes") },
            "damaged" => Self::Damaged { seen: format!("SHA-256 {path}") },
            _ => Self::Unknown { code: code.to_owned(), detail: path, state },
        }
    }

    /// The code that lessons and reports use for this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Auth(problem) => problem.code(),
            Self::Ssh { problem, .. } => problem.code(),
            Self::NotOurs(_) => "no-reply",
            Self::Refused(refusal) => refusal.code(),
            Self::ChangedMeanwhile { .. } => "changed-meanwhile",
            Self::HomeChanged { code, .. } => code,
            Self::CannotBePrivate { .. } => "cannot-be-private",
            Self::EndedEarly { .. } => "ended-early",
            Self::CannotBackUp { .. } => "cannot-back-up",
            Self::CannotMakeDirectory { .. } => "cannot-make-directory",
            Self::CannotWrite { .. } => "cannot-write",
            Self::Damaged { .. } => "damaged",
            Self::CannotReplace { .. } => "cannot-replace",
            Self::CannotKeep { .. } => "cannot-keep",
            Self::NoRandomNumbers { .. } | Self::Unknown { .. } => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Failure as _;

    #[test]
    fn every_code_of_the_script_is_an_error_of_its_own() {
        let script = include_str!("script/act.sh");
        let codes = [
            ("home-not-a-directory", "no longer a directory"),
            ("home-open-to-others", "no longer a directory"),
            ("home-not-ours", "no longer a directory"),
            ("cannot-be-private", "cannot be made private"),
            ("changed-meanwhile", "changed in the meantime"),
            ("cannot-back-up", "could not be saved as auth.json.before"),
            ("cannot-keep", "could not be saved as auth.json.before"),
            ("cannot-make-directory", "could not be created"),
            ("cannot-write", "could not be written"),
            ("cannot-replace", "could not be replaced"),
            ("damaged", "did not arrive unchanged"),
        ];
        for (code, words) in codes {
            let error = RemoteError::of_script(code, "DETAIL".to_owned(), RemoteState::OldOrNew);
            assert_eq!(error.code(), code);
            let told = error.to_string();
            assert!(told.contains(words) && told.contains("DETAIL"), "{told}");
            assert!(script.contains(code), "the script does not say {code}");
        }
        let short = RemoteError::of_script("cut-short", "10".to_owned(), RemoteState::OldOrNew);
        assert_eq!(short.code(), "damaged");
        assert!(short.to_string().ends_with("the host got 10 bytes"), "{short}");
        let is_known = |code: &str| code == "cut-short" || codes.iter().any(|(known, _)| *known == code);
        for named in script.split(" fail ").skip(1) {
            let code = named.split([' ', '\n']).next().unwrap();
            assert!(code.starts_with('"') || is_known(code), "{code} is an unknown error");
        }
    }

    #[test]
    fn an_unknown_code_is_repeated() {
        let error = RemoteError::of_script("new-code", "DETAIL".to_owned(), RemoteState::OldOrNew);
        assert_eq!(error.code(), "unknown");
        assert!(error.to_string().contains("`new-code`: DETAIL"), "{error}");
        assert!(error.in_full().contains("either the old file or the new one"), "{}", error.in_full());
    }

    #[test]
    fn each_state_is_told_in_its_own_words() {
        let states = [
            (RemoteState::Untouched, "is unchanged"),
            (RemoteState::OldOrNew, "either the old file or the new one"),
            (RemoteState::New, "in place"),
        ];
        for (state, words) in states {
            let error = RemoteError::EndedEarly { status: "signal KILL".to_owned(), state };
            let told = error.in_full();
            assert!(told.contains(words) && told.contains("signal KILL"), "{told}");
            assert_eq!(error.code(), "ended-early");
        }
    }
}
