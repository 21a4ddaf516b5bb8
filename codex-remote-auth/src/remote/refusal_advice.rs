//! What to do about a refusal. Nothing on the host was changed.

use std::borrow::Cow;

use super::advice::make_private;
use super::refusal::{UNREADABLE, UNREADABLE_BY_MODE};
use super::{Guard, Refusal};
use crate::message::{Failure, Hint, quote};

impl Failure for Refusal {
    fn state(&self) -> Option<Cow<'static, str>> {
        Some("nothing was sent, and nothing was changed".into())
    }

    fn hints(&self) -> Vec<Hint> {
        match self {
            Self::NoHome { home } if home.is_empty() => {
                vec![Hint::words("remove the line that unsets HOME from the account's rc files")]
            }
            Self::NoHome { .. } => vec![
                Hint::words("create it and give it to the account"),
                Hint::words(
                    "if the account has another home, correct HOME in its rc files or its entry in passwd",
                ),
            ],
            Self::OtherHome { .. } => vec![
                Hint::words("remove the line that sets HOME from the account's rc files"),
                force("to deploy there anyway", Guard::OtherHome),
            ],
            Self::TildeInCodexHome { .. } => vec![Hint::words(
                "write $HOME in its place, without single quotes, where the rc file on the host sets it",
            )],
            Self::HomeNotADirectory { path } => vec![
                Hint::on_host("move it away", move_away(path)),
                Hint::words("to keep it, set CODEX_HOME on the host to another folder"),
            ],
            Self::HomeNotOurs { .. } => vec![
                Hint::words("if it is that user's Codex home, log in as that user and deploy there"),
                Hint::words("if it is the account's, ask an administrator to give it back with chown"),
            ],
            Self::HomeOpenToOthers { .. } => vec![
                Hint::words(
                    "ask an administrator to take the right to write from group and others (chmod go-w)",
                ),
                Hint::words(
                    "if its file system has no modes, set CODEX_HOME on the host to one that has them",
                ),
            ],
            Self::FolderOpenToOthers { path } => vec![
                Hint::on_host("take that right from them", format!("chmod go-w {}", quote(path))),
                Hint::words("if you cannot, set CODEX_HOME on the host to another folder"),
                force("to deploy there anyway", Guard::OpenFolder),
            ],
            Self::FileOpenToOthers { path } => vec![
                Hint::on_host("read it, then make it the account's own and private", make_private(path)),
                force("to deploy there anyway", Guard::Settings),
            ],
            Self::NoNullDevice => vec![Hint::on_host(
                "let root make it again",
                "rm -f /dev/null && mknod -m 666 /dev/null c 1 3",
            )],
            Self::MissingTools { .. } => {
                vec![Hint::words("install them, or set PATH in the account's rc file")]
            }
            Self::InputIsRead { .. } => vec![Hint::words(
                "an rc file of the account starts it in the background: give it another input there (COMMAND </dev/null &), \
                 or start it only in a terminal",
            )],
            Self::CannotTell { .. } => vec![Hint::words(
                "the script needs stat or ls, id, wc, head and env: check that the account's PATH has them",
            )],
            Self::AuthIsALink { path } => vec![
                Hint::again("to replace the link with a file", &["--replace-link"]).only("deploy"),
                Hint::words("to keep the link, set CODEX_HOME on the host to where it leads").only("deploy"),
                Hint::on_host("move the link away first", move_away(path)).only("rollback"),
            ],
            Self::AuthNotAFile { path } => vec![Hint::on_host("move it away first", move_away(path))],
            Self::UnknownLogin { path, why } if why == UNREADABLE_BY_MODE => {
                vec![Hint::on_host("let the account read it", format!("chmod 600 {}", quote(path)))]
            }
            // It cannot be copied either.
            Self::UnknownLogin { path, why } if why == UNREADABLE => vec![
                Hint::words(format!("ask an administrator to give {path} to the account with chown")),
                force("to replace it without a copy", Guard::UnknownLogin),
            ],
            Self::UnknownLogin { .. } => vec![
                Hint::again("to replace it and keep a copy", &["--force=unknown-login", "--backup"])
                    .only("deploy"),
            ],
            Self::RemoteIsNewer { .. } => vec![
                Hint::words("refresh tokens work once, so the newer login is the one that works"),
                Hint::again("to replace it anyway and keep a copy", &["--force", "--backup"]).only("deploy"),
            ],
            Self::BackupNotALogin { .. } => {
                vec![Hint::words("deploy a login, or log in on the host: the one in use stays until then")]
            }
            Self::HomeClosed { path, .. } => {
                vec![Hint::on_host("to open it to the account", format!("chmod 700 {}", quote(path)))]
            }
            Self::SavedLogin { path } => vec![
                Hint::on_host("keep it under another name", format!("mv {0} {0}.kept", quote(path))),
                force("to replace it", Guard::SavedLogin),
            ],
            Self::OursHasEnded { .. } | Self::OursCannotRenew => vec![
                Hint::here("log in on this machine", "codex login"),
                Hint::again("to replace it anyway and keep a copy", &["--force", "--backup"]).only("deploy"),
            ],
            Self::AnotherLogin { .. } => vec![
                Hint::again("to replace it and keep a copy", &["--force", "--backup"]).only("deploy"),
                Hint::words("to copy the login of another account, name its file with --auth").only("deploy"),
            ],
            Self::UnknownSettings { .. } => {
                vec![Hint::words("correct it"), force("to deploy anyway", Guard::UnknownSettings)]
            }
            Self::WouldBeIgnored { hint, lesson, .. } | Self::WouldBeDeleted { hint, lesson, .. } => {
                let mut hints = vec![Hint::words(*hint), force("to deploy anyway", Guard::Settings)];
                hints.extend(lesson.map(Hint::explain));
                hints
            }
            Self::NoDigestTool => vec![Hint::words("install one of them on the host")],
            Self::NoBackup { .. } => vec![Hint::ours("to see what is on the host", "doctor", &[])],
        }
    }
}

/// The same deploy, without this guard.
fn force(words: &'static str, guard: Guard) -> Hint {
    let option: Cow<'static, str> = match guard {
        Guard::NewerLogin | Guard::AnotherLogin | Guard::Settings => "--force".into(),
        other => format!("--force={}", other.name()).into(),
    };
    Hint::again_with(words, vec![option]).only("deploy")
}

fn move_away(path: &str) -> String {
    format!("mv {} {}", quote(path), quote(&format!("{path}.old")))
}
