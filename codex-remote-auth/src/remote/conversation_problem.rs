//! Why a conversation ended early.

use std::time::Duration;

use thiserror::Error;

use crate::ssh::{End, SshProblem};

/// Why a conversation ended early. Each command adds in what state the host is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConversationProblem {
    /// The connection failed, or a time limit passed.
    #[error(transparent)]
    Ssh(#[from] SshProblem),
    /// The script never reported that it runs. Nothing was sent to whatever ran instead.
    #[error(transparent)]
    NotOurs(#[from] NotOurs),
    /// Another program on the host has the input of the script open, and could read the login. Nothing was sent.
    #[error("another program on the host reads the input: process {reader}")]
    InputIsRead {
        /// Its process id and its name.
        reader: String,
    },
    /// The script stopped and gave the reason.
    #[error("the script on the host stopped with `{code}`: {detail}")]
    Stopped {
        /// The script's code for the reason.
        code: String,
        /// The message of a tool on the host, or a path.
        detail: String,
    },
    /// The script ended without giving a reason.
    #[error("the script on the host ended early ({status})")]
    Ended {
        /// How the command ended, in words.
        status: String,
    },
    /// A file on the host changed while it was read.
    #[error("the file `{name}` on the host changed while it was read")]
    Changed {
        /// The file.
        name: String,
    },
    /// The system gave no random numbers, so no conversation was begun.
    #[error("this machine gives no random numbers ({reason})")]
    NoRandomNumbers {
        /// The system's error message.
        reason: String,
    },
}

/// Another program answered instead of our script. Nothing was sent to it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "the account's shell{} did not run our script: {}{}",
    .shell.as_ref().map_or_else(String::new, |shell| format!(" {shell}")),
    .how,
    .said.as_ref().map_or_else(String::new, |said| format!(", and printed `{said}`"))
)]
pub struct NotOurs {
    /// How the other program was noticed.
    pub how: Answer,
    /// The last line that it printed, without terminal codes and without words that look like a secret.
    pub said: Option<String>,
    /// The account's login shell, if it could be asked for it.
    pub shell: Option<String>,
}

/// Shells that read our command in their own way. There is no quotation that they share with POSIX shells.
const OTHER_SHELLS: [&str; 4] = ["xonsh", "elvish", "nu", "pwsh"];

impl NotOurs {
    /// The name of the account's login shell, if it is none that works.
    pub(super) fn other_shell(&self) -> Option<&str> {
        let name = self.shell.as_deref()?.rsplit('/').next()?;
        OTHER_SHELLS.contains(&name).then_some(name)
    }
}

/// How the other program was noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The command ended.
    Ended {
        /// How, in words.
        status: String,
    },
    /// Something waited for input. Once its input was closed, it ended or let our script run.
    ReadsInput,
    /// It neither answered nor ended, even after its input was closed.
    Silent {
        /// How long it had to answer.
        waited: Duration,
    },
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ended { status } => write!(f, "the command ended with {status}"),
            Self::ReadsInput => f.write_str("another program waited for input"),
            Self::Silent { waited } => {
                write!(
                    f,
                    "it did not start within {:.1} s, because something else runs first",
                    waited.as_secs_f64()
                )
            }
        }
    }
}

/// How a command ended, in words.
pub(crate) fn status_in_words(end: &End) -> String {
    match end {
        End::Exit(status) => format!("exit status {status}"),
        End::Signal(name) => format!("signal {name}"),
        End::Deadline => "no end at all".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Failure;

    #[test]
    fn each_answer_says_what_was_seen_and_where_to_look() {
        let answers = [
            (Answer::Ended { status: status_in_words(&End::Exit(7)) }, "exit status 7", "nologin"),
            (
                Answer::Ended { status: status_in_words(&End::Signal("KILL".to_owned())) },
                "signal KILL",
                "ForceCommand",
            ),
            (Answer::Ended { status: status_in_words(&End::Deadline) }, "no end at all", "authorized_keys"),
            (Answer::ReadsInput, "waited for input", "~/.bashrc"),
            (Answer::Silent { waited: Duration::from_millis(2_500) }, "within 2.5 s", "~/.zshenv"),
        ];
        for (answer, seen, look) in answers {
            let problem = NotOurs { how: answer, said: None, shell: None };
            let (told, hints) = (problem.to_string(), problem.hints());
            assert!(told.contains(seen), "{told}");
            assert!(hints.iter().any(|hint| hint.words.contains(look)), "{told}: {hints:?}");
        }
    }

    #[test]
    fn a_shell_that_reads_quotes_in_its_own_way_is_named_with_the_way_out() {
        let problem = |shell: &str| NotOurs {
            how: Answer::Ended { status: "exit status 64".to_owned() },
            said: None,
            shell: Some(shell.to_owned()),
        };
        let other = problem("/usr/bin/xonsh");
        assert!(other.to_string().starts_with("the account's shell /usr/bin/xonsh did not run our script: "));
        assert!(other.in_full().contains("chsh -s /bin/sh"), "{}", other.in_full());
        assert!(!other.in_full().contains("echo ok"), "that works there: {}", other.in_full());
        assert!(problem("/bin/bash").in_full().contains("echo ok"));
    }
}
