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
        if let Some(name) = self.other_shell() {
            let why = format!(
                "{name} reads quotation marks in its own way; give the account a POSIX shell, bash, zsh or fish"
            );
            return vec![Hint::on_host(why, "chsh -s /bin/sh")];
        }
        let said = self.said.as_deref().unwrap_or_default();
        if ["sh: command not found", "sh: not found", "Unknown command: sh", "command not found: sh"]
            .iter()
            .any(|sign| said.contains(sign))
        {
            return vec![Hint::words(
                "the PATH of a command has no sh: an rc file on the host replaces the PATH (end that line with :$PATH)",
            )];
        }
        if said.contains("change required") {
            return vec![Hint::words(
                "the account has to choose a new password: log in with `ssh -t` and change it",
            )];
        }
        match &self.how {
            Answer::Ended { .. } => vec![
                Hint::words(
                    "check the account's login shell (nologin, a restricted shell), ForceCommand in sshd_config, command= in \
                     authorized_keys, and `exit` or `exec` in its rc files",
                ),
                Hint::over_ssh("to check it, this must print ok", "sh -c \"echo ok\""),
            ],
            Answer::ReadsInput | Answer::Silent { .. } => vec![
                Hint::words(
                    "look for `exec`, `read` or a program that waits in the rc files that every command reads: ~/.bashrc, \
                     ~/.zshenv, ~/.config/fish/config.fish, ~/.cshrc",
                ),
                Hint::on_host("put this line before it", "case $- in *i*) ;; *) return ;; esac"),
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
            Self::ChangedMeanwhile { .. } => Some("the changed file was kept".into()),
            Self::CannotBePrivate { .. } => Some("nothing was written".into()),
            Self::CannotMakeDirectory { .. } => Some("nothing was changed".into()),
            Self::HomeChanged { .. }
            | Self::CannotBackUp { .. }
            | Self::CannotWrite { .. }
            | Self::Damaged { .. }
            | Self::CannotReplace { .. } => unchanged,
            Self::CannotKeep { kept, .. } => Some(
                format!("auth.json on the host is the restored login; the one that it replaced is {kept}")
                    .into(),
            ),
            Self::NoRandomNumbers { .. } => Some("nothing was sent, and nothing was changed".into()),
            Self::Unknown { state, .. } => state.in_words().map(Cow::Borrowed),
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
            Self::ChangedMeanwhile { .. } => vec![Hint::words("codex may have renewed it: try again")],
            Self::Damaged { .. } => vec![Hint::words("try again")],
            Self::HomeChanged { .. } | Self::Unknown { .. } => vec![look()],
            Self::CannotKeep { kept, .. } => vec![
                Hint::on_host("to be able to roll back again, correct that, and then", keep(kept)),
                look(),
            ],
            Self::NoRandomNumbers { .. } => vec![Hint::words("check that this machine has /dev/urandom")],
            Self::CannotBePrivate { .. } => {
                vec![Hint::words("set CODEX_HOME on the host to a folder on a file system that has modes")]
            }
            Self::CannotBackUp { .. } => vec![Hint::words("correct that on the host, or leave out --backup")],
            Self::CannotMakeDirectory { .. } => vec![
                Hint::words("create the folder and give it to the account"),
                Hint::words(
                    "if you cannot, set CODEX_HOME on the host to a folder that the account can write to",
                ),
            ],
            Self::CannotWrite { said } => about_writing(said),
            Self::CannotReplace { said } if said.contains("busy") => vec![
                Hint::words(
                    "auth.json is mounted on its own, as in a container: mount its folder instead, since a mounted file cannot be replaced",
                ),
                Hint::on_host(
                    "to see what is mounted",
                    "findmnt -T \"${CODEX_HOME:-$HOME/.codex}/auth.json\"",
                ),
            ],
            Self::CannotReplace { .. } => vec![
                Hint::on_host(
                    "to see whether it is immutable",
                    "cd \"${CODEX_HOME:-$HOME/.codex}\" && lsattr -d . auth.json",
                ),
                Hint::words("check that the account can write to its directory"),
            ],
        }
    }
}

/// The command that shows what is on the host.
fn look() -> Hint {
    Hint::ours("to see what is on the host now", "doctor", &[])
}

/// What to do about a file that could not be written, by the message of the tool on the host.
fn about_writing(said: &str) -> Vec<Hint> {
    let says = |signs: &[&str]| signs.iter().any(|sign| said.contains(sign));
    let limits = Hint::on_host("to see the limits of the account", "ulimit -a");
    if says(&["No space left", "uota exceeded"]) {
        let room = Hint::words("make room on the host");
        return vec![room, Hint::ours("to see how much is free, and where", "doctor", &[])];
    }
    if says(&["ead-only"]) {
        return vec![Hint::words(
            "the file system is read-only: set CODEX_HOME on the host to a folder that can be written, or have it mounted writable",
        )];
    }
    if says(&["ermission denied", "not permitted"]) {
        let allow = Hint::words("give the account the right to write to its Codex home");
        return vec![allow, Hint::ours("to see modes and owners", "doctor", &[])];
    }
    if says(&["size limit exceeded", "too large"]) {
        return vec![limits];
    }
    vec![Hint::ours("to see free space and modes", "doctor", &[]), limits]
}

/// A command for the host that puts the replaced login where a rollback looks for it. `kept` is in a folder of its own
/// in the Codex home.
fn keep(kept: &str) -> String {
    let home = kept.rsplitn(3, '/').nth(2).unwrap_or(".");
    format!("mv {} {}", quote(kept), quote(&format!("{home}/auth.json.before")))
}

/// A command for the host that makes a private copy of a file the account's own, in its place.
pub(super) fn make_private(path: &str) -> String {
    let (path, copy) = (quote(path), quote(&format!("{path}.own")));
    format!("cp {path} {copy} && chmod 600 {copy} && mv {copy} {path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_about_writing_fits_the_message() {
        for (said, words) in [
            ("head: write error: No space left on device", "make room"),
            ("mkdir: cannot create directory 'x': Disk quota exceeded", "make room"),
            ("mkdir: cannot create directory 'x': Permission denied", "the right to write"),
            ("chmod: changing permissions of 'x': Operation not permitted", "the right to write"),
            ("sh: 1: cannot create x: Read-only file system", "the file system is read-only"),
            ("File size limit exceeded", "ulimit -a"),
            ("head: write error: File too large", "ulimit -a"),
            ("sync: error syncing 'x': Input/output error", "free space and modes"),
        ] {
            let hints = RemoteError::CannotWrite { said: said.to_owned() }.hints();
            assert!(hints[0].to_string().contains(words), "{said}: {hints:?}");
        }
    }

    #[test]
    fn a_login_that_is_in_the_wrong_place_comes_with_the_command_that_moves_it() {
        let kept = "/home/a b/.codex/.auth.json.cra-1/kept".to_owned();
        let error = RemoteError::CannotKeep { said: "mv: not today".to_owned(), kept };
        assert!(!error.to_string().contains("kept"), "{error}");
        let told = error.in_full();
        let command = "mv '/home/a b/.codex/.auth.json.cra-1/kept' '/home/a b/.codex/auth.json.before'";
        assert!(told.contains("is the restored login") && told.contains(command), "{told}");
    }
}
