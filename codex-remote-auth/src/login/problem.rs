//! Why a login failed, in what state the host is, and what to do next.

use std::time::Duration;

use thiserror::Error;

use crate::codex::{NearMiss, Wrapper};
use crate::lessons::{Catalogue, Lesson};
use crate::remote::{ConversationProblem, NotOurs, Refusal, RemoteError, RemoteState};
use crate::ssh::{SshProblem, TrustAnswer};

/// The state of the remote auth.json after a login failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginState {
    /// Unchanged.
    Untouched,
    /// Codex is stopped. It writes only at its very end, but this machine cannot tell whether it did.
    Stopped,
}

impl LoginState {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Untouched => "auth.json on the host is unchanged",
            Self::Stopped => {
                "codex on the host stops when the connection ends; auth.json there is unchanged, unless somebody had just approved \
                 the login"
            }
        }
    }
}

/// Why a login failed. No variant contains a link's query or a code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The connection failed or was lost.
    #[error("{problem}")]
    Ssh {
        /// What happened.
        problem: SshProblem,
        /// The state of the remote file.
        state: LoginState,
    },
    /// Another program answered instead of our script. Nothing was sent to it.
    #[error(transparent)]
    NotOurs(NotOurs),
    /// The script on the host ended early, after codex was asked to log in.
    #[error("the script on the host ended early ({status}), after codex was asked to log in")]
    EndedEarly {
        /// How the account's shell ended, in words.
        status: String,
    },
    /// The Codex home or the configuration on the host does not allow a login, or the script failed.
    #[error(transparent)]
    Home(Box<RemoteError>),
    /// There is already a login on the host.
    #[error("there is already a login on the host: {path}")]
    LoginThere {
        /// The path on the host.
        path: String,
    },
    /// The remote auth.json is a symbolic link.
    #[error("`{path}` on the host is a symbolic link, and codex would write through it")]
    AuthIsALink {
        /// The path on the host.
        path: String,
    },
    /// The remote auth.json is a directory, a pipe or a device.
    #[error("`{path}` on the host is not a regular file")]
    AuthNotAFile {
        /// The path on the host.
        path: String,
    },
    /// The configuration on the host makes codex keep logins in another store.
    #[error(
        "the configuration on the host sets cli_auth_credentials_store = \"{store}\", so codex would make no auth.json (lesson \
         keyring-store)"
    )]
    StoreIsNotTheFile {
        /// The value of the setting.
        store: String,
    },
    /// The configuration on the host allows only API keys.
    #[error(
        "the configuration on the host sets forced_login_method = \"{forced}\", so codex refuses a ChatGPT login (lesson \
         forced-login-method)"
    )]
    LoginFormIsForced {
        /// The value of the setting.
        forced: String,
    },
    /// There is no codex on the host.
    #[error("codex was not found on the host, neither on a PATH nor in a usual place{}", .near_miss.as_ref().map(NearMiss::to_string).unwrap_or_default())]
    NoCodex {
        /// Something with its name that cannot be run.
        near_miss: Option<NearMiss>,
    },
    /// The service does not give out device codes.
    #[error("the service does not give out device codes: {said}")]
    NoDeviceLogin {
        /// The message of codex.
        said: String,
    },
    /// The host cannot reach the service.
    #[error("codex on the host does not reach the service: {said}")]
    NoNetwork {
        /// The message of codex.
        said: String,
    },
    /// The person, or the service, refused the login.
    #[error("the login was refused: {said}")]
    Refused {
        /// The message of codex.
        said: String,
    },
    /// The code expired.
    #[error("nobody approved the login in time: {said}")]
    Expired {
        /// The message of codex.
        said: String,
    },
    /// Nobody approved it within the time limit.
    #[error("timed out after {} s waiting for approval", .waited.as_secs())]
    TimedOut {
        /// The time limit.
        waited: Duration,
    },
    /// Another login began on the host. Codex lets only one login wait for a browser.
    #[error("another `codex login` began on the host, which ended this one")]
    Superseded,
    /// The login page belongs neither to Codex nor to the issuer that the caller named.
    #[error("codex on the host asks to log in at {page}, which is not OpenAI's")]
    PageNotTrusted {
        /// Its scheme, host and port.
        page: String,
        /// What the person said about it, or that nobody could be asked.
        answer: TrustAnswer,
    },
    /// The page would send the browser to a port that Codex does not use.
    #[error("codex on the host asks for port {port} of this machine, but Codex uses 1455 and 1457")]
    PortNotTrusted {
        /// The port.
        port: u16,
        /// What the person said about it, or that nobody could be asked.
        answer: TrustAnswer,
    },
    /// The page would send the login to another machine.
    #[error("the page that codex on the host shows would send the login to {to}, not to this machine")]
    SentElsewhere {
        /// The destination: scheme, host and port.
        to: String,
    },
    /// The port that the page sends the browser to is in use on this machine.
    #[error(
        "port {port} of this machine is in use ({reason}), and the browser is sent back to that port only"
    )]
    PortTaken {
        /// The port.
        port: u16,
        /// The system's error message.
        reason: String,
    },
    /// The SSH server does not forward to the port on the host.
    #[error("sshd on the host does not forward to its 127.0.0.1:{port}: {reason}")]
    NotForwarded {
        /// The port.
        port: u16,
        /// The message of the server.
        reason: String,
    },
    /// Codex is a script that gives it another home. A login there, which was not looked at, would be replaced and
    /// revoked.
    #[error("{wrapper}")]
    AnotherHome {
        /// The script, and what it sets.
        wrapper: Wrapper,
    },
    /// Codex reported success, but there is no file.
    #[error("codex on the host reported success, but made no auth.json")]
    NothingArrived,
    /// Others may be able to read the new file, and its mode could not be changed.
    #[error("the mode of auth.json on the host could not be set to 0600: {said}")]
    CannotClose {
        /// The message of the remote tool.
        said: String,
    },
    /// Codex failed in an unknown way.
    #[error("codex login failed on the host ({status}): {said}")]
    Failed {
        /// How it ended, in words.
        status: String,
        /// The last line that it printed.
        said: String,
    },
}

impl From<Refusal> for LoginError {
    fn from(refusal: Refusal) -> Self {
        Self::Home(RemoteError::from(refusal).into())
    }
}

impl From<RemoteError> for LoginError {
    fn from(error: RemoteError) -> Self {
        Self::Home(error.into())
    }
}

/// Makes an error from the message of codex.
type OfSaid = fn(String) -> LoginError;

/// The lessons whose message in the last line of codex means an error of its own.
const OF_LESSONS: &[(&str, OfSaid)] = &[
    ("device-login-not-allowed", |said| LoginError::NoDeviceLogin { said }),
    ("no-network", |said| LoginError::NoNetwork { said }),
];

/// Texts in the last line of codex that are in no lesson, and the error of each.
const SIGNS: &[(&str, OfSaid)] = &[
    ("error sending request", |said| LoginError::NoNetwork { said }),
    ("timed out after", |said| LoginError::Expired { said }),
    ("Login cancelled", |_| LoginError::Superseded),
    ("Sign-in failed", |said| LoginError::Refused { said }),
    ("device auth failed with status 4", |said| LoginError::Refused { said }),
    ("token endpoint returned status 4", |said| LoginError::Refused { said }),
    ("ChatGPT login is disabled", |_| LoginError::LoginFormIsForced { forced: "api".to_owned() }),
];

/// The lesson about what codex said, if there is one.
pub(super) fn known_to_a_lesson(said: &str) -> Option<&'static Lesson> {
    Catalogue::built_in()?.lesson_told_last(said)
}

impl LoginError {
    /// The error for a failed call of codex.
    pub(super) fn of_codex(status: i32, said: Option<String>) -> Self {
        let said = said.unwrap_or_else(|| "nothing".to_owned());
        let lesson = known_to_a_lesson(&said).map(|lesson| lesson.id.as_str());
        let of_lesson = OF_LESSONS.iter().find(|(id, _)| Some(*id) == lesson);
        match of_lesson.or_else(|| SIGNS.iter().find(|(sign, _)| said.contains(sign))) {
            Some((_, error)) => error(said),
            None => Self::Failed { status: format!("exit status {status}"), said },
        }
    }

    /// The error for a problem of the conversation before codex was called to log in.
    pub(super) fn before(problem: ConversationProblem) -> Self {
        match problem {
            ConversationProblem::Ssh(problem) => Self::Ssh { problem, state: LoginState::Untouched },
            ConversationProblem::NotOurs(answer) => Self::NotOurs(answer),
            problem => Self::Home(RemoteError::of(problem, RemoteState::Untouched).into()),
        }
    }

    /// The same after that call.
    pub(super) fn during(problem: ConversationProblem) -> Self {
        match problem {
            ConversationProblem::Ssh(problem) => Self::Ssh { problem, state: LoginState::Stopped },
            ConversationProblem::Ended { status } => Self::EndedEarly { status },
            ConversationProblem::Stopped { code, detail } if code == "cannot-write" => {
                Self::CannotClose { said: detail }
            }
            problem => Self::Home(RemoteError::of(problem, RemoteState::OldOrNew).into()),
        }
    }

    /// The code that reports use for this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Ssh { problem, .. } => problem.code(),
            Self::NotOurs(_) => "no-reply",
            Self::EndedEarly { .. } => "ended-early",
            Self::Home(error) => error.code(),
            Self::LoginThere { .. } => "login-there",
            Self::AuthIsALink { .. } => "auth-is-a-link",
            Self::AuthNotAFile { .. } => "auth-not-a-file-there",
            Self::StoreIsNotTheFile { .. } => "store-is-not-the-file",
            Self::LoginFormIsForced { .. } => "login-form-is-forced",
            Self::NoCodex { .. } => "no-codex",
            Self::NoDeviceLogin { .. } => "no-device-login",
            Self::NoNetwork { .. } => "no-network",
            Self::Refused { .. } => "refused",
            Self::Expired { .. } => "expired",
            Self::TimedOut { .. } => "timed-out",
            Self::Superseded => "superseded",
            Self::PageNotTrusted { .. } => "page-not-trusted",
            Self::PortNotTrusted { .. } => "port-not-trusted",
            Self::SentElsewhere { .. } => "sent-elsewhere",
            Self::PortTaken { .. } => "port-taken",
            Self::NotForwarded { .. } => "not-forwarded",
            Self::AnotherHome { .. } => "another-codex-home",
            Self::NothingArrived => "nothing-arrived",
            Self::CannotClose { .. } => "cannot-close",
            Self::Failed { .. } => "failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_of_codex_leads_to_its_error() {
        // Printed by 0.163.0, and by 0.133.0 where that was tried.
        for (said, code) in [
            (
                "Error logging in with device code: device code login is not enabled for this Codex server. Use the \
                 browser login or verify the server URL.",
                "no-device-login",
            ),
            (
                "Error logging in with device code: error sending request for url (https://a.invalid/)",
                "no-network",
            ),
            (
                "Error logging in: Token exchange failed: error sending request for url (https://a.invalid/)",
                "no-network",
            ),
            ("Error logging in with device code: device auth failed with status 400 Bad Request", "refused"),
            ("Error logging in with device code: device auth timed out after 15 minutes", "expired"),
            ("Error logging in: Sign-in failed: no", "refused"),
            ("Error logging in: Login cancelled", "superseded"),
            ("Please contact your workspace admin to enable device code authentication", "no-device-login"),
            (
                "Enable device code authorization for Codex in ChatGPT Security Settings, then run `codex login --device-auth` again.",
                "no-device-login",
            ),
            (
                "Error logging in with device code: device code request failed with status 403 Forbidden",
                "no-device-login",
            ),
            ("Device code request returned status 429", "failed"),
            ("ChatGPT login is disabled. Use API key login instead.", "login-form-is-forced"),
            (
                "Error logging in with device code: device auth failed with status 500 Internal Server Error",
                "failed",
            ),
        ] {
            let error = LoginError::of_codex(1, Some(said.to_owned()));
            assert_eq!(error.code(), code, "{said}");
        }
        assert_eq!(
            LoginError::of_codex(70, None).to_string(),
            "codex login failed on the host (exit status 70): nothing"
        );
    }

    #[test]
    fn errors_stay_small() {
        assert!(size_of::<LoginError>() < 128, "{}", size_of::<LoginError>());
    }
}
