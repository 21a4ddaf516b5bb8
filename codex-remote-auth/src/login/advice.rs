//! What to do about a login that failed, and in what state it leaves the host.

use std::borrow::Cow;

use super::problem::known_to_a_lesson;
use super::{LoginError, LoginState};
use crate::codex::{Sets, Wrapper};
use crate::message::{Failure, Hint, quote};
use crate::ssh::TrustAnswer;

/// The state if codex was running and was stopped.
const STOPPED: &str = "codex on the host was stopped, and auth.json there is unchanged";

impl Failure for LoginError {
    fn state(&self) -> Option<Cow<'static, str>> {
        let state = match self {
            Self::Ssh { problem, .. } if problem.is_before_a_command() => return problem.state(),
            Self::Ssh { state, .. } => state.in_words(),
            Self::NotOurs(answer) => return answer.state(),
            Self::Home(error) => return error.state(),
            Self::EndedEarly { .. } => "auth.json on the host is either the old file or a new one",
            Self::LoginThere { .. }
            | Self::AuthIsALink { .. }
            | Self::AuthNotAFile { .. }
            | Self::StoreIsNotTheFile { .. }
            | Self::LoginFormIsForced { .. }
            | Self::NoCodex { .. } => "nothing was changed",
            Self::Failed { .. }
            | Self::NoDeviceLogin { .. }
            | Self::NoNetwork { .. }
            | Self::AnotherHome { .. }
            | Self::Refused { .. }
            | Self::Expired { .. } => LoginState::Untouched.in_words(),
            Self::TimedOut { .. }
            | Self::PageNotTrusted { .. }
            | Self::PortNotTrusted { .. }
            | Self::SentElsewhere { .. }
            | Self::PortTaken { .. }
            | Self::NotForwarded { .. } => STOPPED,
            Self::Superseded => "auth.json on the host now depends on that other login",
            Self::NothingArrived => {
                "codex may have stored the login in another place on the host, such as a keyring"
            }
            Self::CannotClose { .. } => "the login is on the host, and others can read it",
        };
        Some(state.into())
    }

    fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Ssh { problem, .. } => problem.hints(),
            Self::NotOurs(answer) => answer.hints(),
            Self::Home(error) => error.hints(),
            Self::EndedEarly { .. } => vec![
                Hint::ours("to see which", "doctor", &[]),
                Hint::words("the system's log on the host may say what ended it (out of memory, a limit)"),
            ],
            Self::LoginThere { .. } => vec![
                Hint::again(
                    "to replace it after a new login has succeeded (copies of it elsewhere keep working)",
                    &["--force"],
                ),
                Hint::words(
                    "`codex login` on the host would revoke it, with every copy of it (lesson login-ends-the-old-one)",
                ),
            ],
            Self::AuthIsALink { path } => vec![
                Hint::on_host("remove the link", format!("rm {}", quote(path))),
                Hint::words("or set CODEX_HOME on the host to where it leads"),
            ],
            Self::AuthNotAFile { path } => vec![Hint::on_host(
                "move it away first",
                format!("mv {} {}", quote(path), quote(&format!("{path}.old"))),
            )],
            Self::StoreIsNotTheFile { .. } => {
                vec![Hint::words("set it to \"file\" in config.toml on the host")]
            }
            Self::LoginFormIsForced { .. } => vec![
                Hint::words("change it in config.toml on the host"),
                Hint::ours(
                    "or copy an API key, which is read from the standard input",
                    "deploy",
                    &["--api-key"],
                ),
            ],
            Self::NoCodex { .. } => vec![Hint::on_host("install it", "npm install -g @openai/codex")],
            Self::NoDeviceLogin { .. } => vec![
                Hint::words(
                    "allow device codes (ChatGPT: Settings, Security, device code login; in a workspace its admin does)",
                ),
                Hint::again("or log in with a browser on this machine", &["--browser"]),
            ],
            Self::NoNetwork { .. } => vec![Hint::words(
                "the host may need a proxy (HTTPS_PROXY) or a certificate authority (CODEX_CA_CERTIFICATE)",
            )],
            Self::Refused { .. } => vec![Hint::again("try again with the right account", &[])],
            Self::Expired { .. } => vec![
                Hint::again("try again", &[]),
                Hint::words(
                    "if the page asked for it, allow device code login first (ChatGPT: Settings, Security)",
                ),
            ],
            Self::TimedOut { .. } => vec![
                Hint::again("try again", &[]),
                Hint::words("--timeout sets how long to wait; a code expires after 15 minutes"),
            ],
            Self::Superseded => vec![Hint::again("when that one is done, try again", &[])],
            Self::PageNotTrusted { answer, .. } => {
                let see = Hint::words("to see the page and decide, run this in a terminal");
                let see = (*answer == TrustAnswer::Nobody).then_some(see);
                [attack()].into_iter().chain(see).collect()
            }
            Self::PortNotTrusted { answer: TrustAnswer::Nobody, .. } => {
                vec![Hint::words("to decide about the port, run this in a terminal")]
            }
            Self::PortNotTrusted { .. } => Vec::new(),
            Self::SentElsewhere { .. } => vec![attack()],
            Self::PortTaken { port, .. } => vec![Hint::here(
                "to see which program uses it (often another codex login)",
                format!("ss -ltnp 'sport = :{port}'"),
            )],
            Self::NotForwarded { .. } => vec![
                Hint::words(
                    "check sshd_config on the host: AllowTcpForwarding (yes or local), DisableForwarding, PermitOpen",
                ),
                Hint::words(
                    "check authorized_keys on the host: no-port-forwarding before the key forbids it",
                ),
                Hint::words(
                    "the device login needs no forwarding: leave out --browser, or update codex on the host",
                ),
            ],
            Self::AnotherHome { wrapper: Wrapper { sets: Sets::Elsewhere(_), .. } } => {
                vec![Hint::words(
                    "log in where the script runs codex, or put codex itself before the script on the PATH",
                )]
            }
            Self::AnotherHome { wrapper } => vec![Hint::words(match wrapper.home() {
                Some(home) => {
                    format!(
                        "remove that line; to keep that home, set CODEX_HOME to {home} in the account's rc file instead"
                    )
                }
                None => "remove that line, and set the same CODEX_HOME in the account's rc file instead"
                    .to_owned(),
            })],
            Self::NothingArrived => vec![Hint::ours("to see the host's configuration", "doctor", &[])],
            Self::CannotClose { .. } => {
                vec![Hint::on_host("make it private", "chmod 600 \"${CODEX_HOME:-$HOME/.codex}/auth.json\"")]
            }
            Self::Failed { said, .. } => match known_to_a_lesson(said) {
                Some(lesson) => vec![Hint::words(lesson.fix.as_str()), lesson_hint(&lesson.id)],
                None => vec![Hint::on_host("to see more, log in", "codex login")],
            },
        }
    }
}

fn lesson_hint(id: &str) -> Hint {
    Hint::words(format!("more about this: codex-remote-auth explain {id}"))
}

fn attack() -> Hint {
    Hint::words("someone on the host may be trying to get your login")
}
