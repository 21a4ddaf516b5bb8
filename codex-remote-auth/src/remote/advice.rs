//! What to do about the errors of the conversation with a host, and in what state they leave it.

use std::borrow::Cow;

use super::conversation_problem::Answer;
use super::{NotOurs, RemoteError, RemoteState};
use crate::message::{Failure, Hint, quote};

impl Failure for NotOurs {
    fn state(&self) -> Option<Cow<'static, str>> {
        Some("nothing was sent, and no file was changed".into())
    }

    fn hints(&self) -> Vec<Hint> {
        match &self.how {
            Answer::Ended { .. } => vec![
                Hint::words(
                    "check the account's login shell (nologin, a restricted shell), ForceCommand in sshd_config, command= in \
                     authorized_keys, and `exit` or `exec` in its rc files",
                ),
                Hint::words("`ssh HOST 'sh -c \"echo ok\"' </dev/null` must print ok"),
            ],
            Answer::ReadsInput | Answer::Silent { .. } => vec![
                Hint::words(
                    "look for `exec`, `read` or a program that waits in the rc files that every command reads: ~/.bashrc, \
                     ~/.zshenv, ~/.config/fish/config.fish, ~/.cshrc",
                ),
                Hint::words("put it behind this line: case $- in *i*) ;; *) return ;; esac"),
                Hint::words("check ForceCommand in sshd_config and the account's login shell as well"),
            ],
        }
    }
}

impl Failure for RemoteError {
    fn state(&self) -> Option<Cow<'static, str>> {
        let unchanged = RemoteState::Untouched.in_words().map(Cow::Borrowed);
        match self {
            Self::Auth(problem) => problem.state(),
            Self::Ssh { problem, .. } if problem.is_before_a_command() => problem.state(),
            Self::Ssh { state, .. } | Self::EndedEarly { state, .. } => state.in_words().map(Cow::Borrowed),
            Self::NotOurs(answer) => answer.state(),
            Self::Refused(refusal) => refusal.state(),
            Self::ChangedMeanwhile { .. } => Some("it was kept".into()),
            Self::CannotBePrivate { .. } => Some("nothing was written".into()),
            Self::CannotMakeDirectory { .. } => Some("nothing was changed".into()),
            Self::HomeChanged { .. }
            | Self::CannotBackUp { .. }
            | Self::CannotWrite { .. }
            | Self::Damaged { .. }
            | Self::CannotReplace { .. } => unchanged,
            Self::CannotKeep { .. } | Self::Unknown { .. } => None,
        }
    }

    fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Auth(problem) => problem.hints(),
            Self::Ssh { problem, .. } => problem.hints(),
            Self::NotOurs(answer) => answer.hints(),
            Self::Refused(refusal) => refusal.hints(),
            Self::EndedEarly { .. } => vec![
                look(),
                Hint::words("the system's log on the host may say what ended it (out of memory, a limit)"),
            ],
            Self::ChangedMeanwhile { .. } | Self::Damaged { .. } => vec![Hint::words("try again")],
            Self::HomeChanged { .. } | Self::CannotKeep { .. } | Self::Unknown { .. } => vec![look()],
            Self::CannotBePrivate { .. } => {
                vec![Hint::words("set CODEX_HOME on the host to a folder on a file system that has modes")]
            }
            Self::CannotBackUp { .. } => vec![Hint::words("correct that on the host, or leave out --backup")],
            Self::CannotMakeDirectory { .. } => vec![Hint::words(
                "create it for the account, or set CODEX_HOME on the host to where the account can write",
            )],
            Self::CannotWrite { .. } => vec![
                Hint::ours("to see free space and modes", "doctor", &[]),
                Hint::on_host("to see the limits of the account", "ulimit -a"),
            ],
            Self::CannotReplace { .. } => vec![
                Hint::on_host("to see whether it is immutable", "lsattr -d ~/.codex ~/.codex/auth.json"),
                Hint::words("check that the account can write to its directory"),
            ],
        }
    }
}

/// The command that shows what is on the host.
fn look() -> Hint {
    Hint::ours("to see what is on the host now", "doctor", &[])
}

/// A command for the host that makes a private copy of a file the account's own, in its place.
pub(super) fn make_private(path: &str) -> String {
    let (path, copy) = (quote(path), quote(&format!("{path}.own")));
    format!("cp {path} {copy} && chmod 600 {copy} && mv {copy} {path}")
}
