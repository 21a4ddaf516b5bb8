//! Which documented failure an output of codex belongs to.

use super::Outcome;
use crate::ssh::End;

/// What an outcome means. The names are those of the lessons where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Diagnosis {
    /// It answered as it was asked to.
    Works,
    /// It ended well, and its answer was another than the one asked for.
    OtherAnswer,
    /// It had not ended when the deadline passed, and was killed.
    TimedOut,
    /// The shell found no codex.
    CommandNotFound,
    /// The file is there and may not be run.
    NotExecutable,
    /// `-p` named a profile that is not there.
    ProfileNotFound,
    /// `-p` got something that is no profile name.
    ProfileNameInvalid,
    /// `-p` named a profile in the form of before 0.134.
    ProfileLegacy,
    /// No git repository, and the flag was not given.
    NotTrusted,
    /// The interactive program, without a terminal.
    NoTerminal,
    /// No login was found.
    NotLoggedIn,
    /// The login was refused.
    Unauthorized,
    /// The refresh token was used before, by another copy of the login.
    RefreshTokenUsed,
    /// The refresh token has expired.
    RefreshTokenExpired,
    /// The refresh token was revoked.
    RefreshTokenRevoked,
    /// auth.json is cut short, or no JSON.
    AuthFileBroken,
    /// `CODEX_HOME` names a directory that is not there.
    CodexHomeMissing,
    /// The configuration does not allow this login, and codex has removed it.
    LoggedOut,
    /// Something that no lesson knows.
    Unknown,
}

/// What in an output leads to which diagnosis; the first that matches counts, the telling before the general.
const SIGNS: &[(&str, Diagnosis)] = &[
    ("invalid --profile value", Diagnosis::ProfileNameInvalid),
    ("config profile `", Diagnosis::ProfileNotFound),
    ("contains legacy `profile", Diagnosis::ProfileLegacy),
    ("Not inside a trusted directory", Diagnosis::NotTrusted),
    ("stdin is not a terminal", Diagnosis::NoTerminal),
    ("CODEX_HOME points to", Diagnosis::CodexHomeMissing),
    ("Logging out.", Diagnosis::LoggedOut),
    ("refresh token was already used", Diagnosis::RefreshTokenUsed),
    ("refresh token has expired", Diagnosis::RefreshTokenExpired),
    ("refresh token was revoked", Diagnosis::RefreshTokenRevoked),
    ("EOF while parsing", Diagnosis::AuthFileBroken),
    ("Missing bearer", Diagnosis::NotLoggedIn),
    ("401 Unauthorized", Diagnosis::Unauthorized),
];

impl Diagnosis {
    /// Every diagnosis there is.
    pub const ALL: &'static [Self] = &[
        Self::Works,
        Self::OtherAnswer,
        Self::TimedOut,
        Self::CommandNotFound,
        Self::NotExecutable,
        Self::ProfileNotFound,
        Self::ProfileNameInvalid,
        Self::ProfileLegacy,
        Self::NotTrusted,
        Self::NoTerminal,
        Self::NotLoggedIn,
        Self::Unauthorized,
        Self::RefreshTokenUsed,
        Self::RefreshTokenExpired,
        Self::RefreshTokenRevoked,
        Self::AuthFileBroken,
        Self::CodexHomeMissing,
        Self::LoggedOut,
        Self::Unknown,
    ];

    /// What an outcome means, given what the answer had to contain.
    pub fn of(outcome: &Outcome, answer: Option<&str>) -> Self {
        let stdout = String::from_utf8_lossy(&outcome.stdout);
        let stderr = String::from_utf8_lossy(&outcome.stderr);
        match &outcome.end {
            End::Deadline => Self::TimedOut,
            End::Exit(0) if answer.is_none_or(|answer| stdout.contains(answer)) => Self::Works,
            End::Exit(0) => Self::OtherAnswer,
            End::Exit(127) => Self::CommandNotFound,
            End::Exit(126) => Self::NotExecutable,
            End::Exit(_) | End::Signal(_) => SIGNS
                .iter()
                .find(|(sign, _)| stderr.contains(sign) || stdout.contains(sign))
                .map_or(Self::Unknown, |(_, diagnosis)| *diagnosis),
        }
    }

    /// The name that lessons and reports use for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::OtherAnswer => "other-answer",
            Self::TimedOut => "timed-out",
            Self::CommandNotFound => "command-not-found",
            Self::NotExecutable => "not-executable",
            Self::ProfileNotFound => "profile-not-found",
            Self::ProfileNameInvalid => "profile-name-invalid",
            Self::ProfileLegacy => "profile-legacy",
            Self::NotTrusted => "not-trusted",
            Self::NoTerminal => "no-terminal",
            Self::NotLoggedIn => "not-logged-in",
            Self::Unauthorized => "unauthorized",
            Self::RefreshTokenUsed => "refresh-token-used",
            Self::RefreshTokenExpired => "refresh-token-expired",
            Self::RefreshTokenRevoked => "refresh-token-revoked",
            Self::AuthFileBroken => "auth-file-broken",
            Self::CodexHomeMissing => "codex-home-missing",
            Self::LoggedOut => "logged-out",
            Self::Unknown => "unknown",
        }
    }

    /// What to do about it, for a person.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Works => "nothing: it works",
            Self::OtherAnswer => "ask again, or for something else: the login itself works",
            Self::TimedOut => {
                "close codex's stdin (</dev/null); if it still hangs, look at the network there"
            }
            Self::CommandNotFound => "source the shell's rc file first, or call codex by its full path",
            Self::NotExecutable => "make it executable: chmod +x",
            Self::ProfileNotFound | Self::ProfileNameInvalid => {
                "-p selects a profile; give the prompt as an argument: codex exec \"prompt\""
            }
            Self::ProfileLegacy => "move the [profiles.NAME] table to NAME.config.toml, as the message says",
            Self::NotTrusted => "add --skip-git-repo-check",
            Self::NoTerminal => "use codex exec: the bare form is interactive",
            Self::NotLoggedIn => "copy auth.json (no leading dot) to the Codex home on the host",
            Self::Unauthorized => "run codex login here and deploy again",
            Self::RefreshTokenUsed => "two machines share one login: give each a login of its own",
            Self::RefreshTokenExpired | Self::RefreshTokenRevoked => "run codex login here and deploy again",
            Self::AuthFileBroken => "the copy is cut short: deploy again",
            Self::CodexHomeMissing => "make the directory that CODEX_HOME names, or unset it",
            Self::LoggedOut => "change forced_login_method on the host, or deploy the other form of login",
            Self::Unknown => "read what codex said; no lesson knows it",
        }
    }

    /// The same where the call was one of ours: codex was found, and its input was closed.
    pub fn advice_on_a_proof(self) -> &'static str {
        match self {
            Self::TimedOut => {
                "its input was closed, so it waited for something else: look at the network there, or give it more time"
            }
            Self::CommandNotFound => {
                "codex is there, and what it runs on (node) is not on the PATH of a plain command: put it there too"
            }
            other => other.advice(),
        }
    }

    /// Whether the lesson on it is about something that a call of ours sees to.
    pub fn is_seen_to_in_a_proof(self) -> bool {
        self == Self::TimedOut
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: i32, stdout: &str, stderr: &str) -> Outcome {
        Outcome { stdout: stdout.into(), stderr: stderr.into(), end: End::Exit(status) }
    }

    #[test]
    fn an_answer_is_works_only_where_it_is_the_one_asked_for() {
        assert_eq!(
            Diagnosis::of(&outcome(0, "auth OK\n", "401 Unauthorized"), Some("auth OK")),
            Diagnosis::Works
        );
        assert_eq!(Diagnosis::of(&outcome(0, "hello\n", ""), Some("auth OK")), Diagnosis::OtherAnswer);
        assert_eq!(Diagnosis::of(&outcome(1, "auth OK\n", ""), Some("auth OK")), Diagnosis::Unknown);
    }

    #[test]
    fn the_more_telling_sign_counts() {
        let both = outcome(1, "", "401 Unauthorized ... Missing bearer or basic authentication");
        assert_eq!(Diagnosis::of(&both, None), Diagnosis::NotLoggedIn);
    }

    #[test]
    fn a_deadline_is_a_timeout_whatever_was_printed() {
        let hung = Outcome { end: End::Deadline, ..outcome(0, "auth OK", "") };
        assert_eq!(Diagnosis::of(&hung, Some("auth OK")), Diagnosis::TimedOut);
    }
}
