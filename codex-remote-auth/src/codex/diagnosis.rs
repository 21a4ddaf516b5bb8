//! Finds the documented failure that an output of codex belongs to.

use super::Outcome;
use crate::ssh::End;

/// The meaning of an outcome. If there is a lesson for it, the code is the one that the lesson uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Diagnosis {
    /// Codex gave the requested answer.
    Works,
    /// Codex succeeded, but did not give the requested answer.
    OtherAnswer,
    /// Codex was still running at the deadline and was killed.
    TimedOut,
    /// The shell did not find codex.
    CommandNotFound,
    /// The file exists but cannot be executed.
    NotExecutable,
    /// `-p` named a profile that does not exist.
    ProfileNotFound,
    /// The value of `-p` is not a valid profile name.
    ProfileNameInvalid,
    /// `-p` named a profile in the form used before 0.134.
    ProfileLegacy,
    /// The directory is not in a git repository, and the flag for that was not given.
    NotTrusted,
    /// The interactive program was started without a terminal.
    NoTerminal,
    /// No login was found.
    NotLoggedIn,
    /// The login was refused.
    Unauthorized,
    /// Another copy of the login has already used the refresh token.
    RefreshTokenUsed,
    /// The refresh token has expired.
    RefreshTokenExpired,
    /// The refresh token was revoked.
    RefreshTokenRevoked,
    /// auth.json is cut short or is not JSON.
    AuthFileBroken,
    /// `CODEX_HOME` names a directory that does not exist.
    CodexHomeMissing,
    /// The configuration does not allow this login, and codex has deleted it.
    LoggedOut,
    /// No lesson knows this failure.
    Unknown,
}

/// Texts in an output, and the diagnosis of each. The first match counts, so specific texts come before general ones.
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
    /// Every diagnosis.
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

    /// The meaning of an outcome. `answer` is the text that stdout has to contain, if any.
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

    /// The code that lessons and reports use for this diagnosis.
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

    /// The fix, for a person.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Works => "nothing to do: codex works",
            Self::OtherAnswer => "ask again, or for something else: the login itself works",
            Self::TimedOut => {
                "close codex's stdin (</dev/null); if it still hangs, look at the network of the host"
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

    /// The fix if this program made the call: codex was found, and its input was closed.
    pub fn advice_on_a_proof(self) -> &'static str {
        match self {
            Self::TimedOut => {
                "its input was closed, so it waited for something else: look at the network of the host, or give it more time"
            }
            Self::CommandNotFound => {
                "what codex runs on (node) is not on the PATH of a plain command: put it on that PATH"
            }
            Self::NotLoggedIn | Self::CodexHomeMissing => {
                "codex did not read the auth.json that this program copied: see which CODEX_HOME and which configuration codex has on \
                 the host"
            }
            Self::AuthFileBroken => {
                "the copy is complete, but this codex cannot read it: see whether its release is too old for this login"
            }
            Self::NotTrusted | Self::NoTerminal | Self::ProfileNotFound | Self::ProfileNameInvalid => {
                "this program already calls codex in the right way: see whether `codex` on the host is a script that changes the call"
            }
            other => other.advice(),
        }
    }

    /// Whether the lesson is about a mistake that this program's own calls do not make.
    pub fn is_seen_to_in_a_proof(self) -> bool {
        self == Self::TimedOut
    }

    /// Whether the lesson is about a mistake that a deploy or a login has just ruled out.
    pub fn is_ruled_out_by_a_deploy(self) -> bool {
        self.is_seen_to_in_a_proof()
            || matches!(
                self,
                Self::NotLoggedIn
                    | Self::CodexHomeMissing
                    | Self::AuthFileBroken
                    | Self::NotTrusted
                    | Self::NoTerminal
                    | Self::ProfileNotFound
                    | Self::ProfileNameInvalid
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: i32, stdout: &str, stderr: &str) -> Outcome {
        Outcome { stdout: stdout.into(), stderr: stderr.into(), end: End::Exit(status) }
    }

    #[test]
    fn only_the_requested_answer_works() {
        assert_eq!(
            Diagnosis::of(&outcome(0, "auth OK\n", "401 Unauthorized"), Some("auth OK")),
            Diagnosis::Works
        );
        assert_eq!(Diagnosis::of(&outcome(0, "hello\n", ""), Some("auth OK")), Diagnosis::OtherAnswer);
        assert_eq!(Diagnosis::of(&outcome(1, "auth OK\n", ""), Some("auth OK")), Diagnosis::Unknown);
    }

    #[test]
    fn the_more_specific_sign_counts() {
        let both = outcome(1, "", "401 Unauthorized ... Missing bearer or basic authentication");
        assert_eq!(Diagnosis::of(&both, None), Diagnosis::NotLoggedIn);
    }

    #[test]
    fn a_deadline_is_a_timeout_whatever_was_printed() {
        let hung = Outcome { end: End::Deadline, ..outcome(0, "auth OK", "") };
        assert_eq!(Diagnosis::of(&hung, Some("auth OK")), Diagnosis::TimedOut);
    }
}
