//! Finds the documented failure that an output of codex belongs to. The signs and the advice are those of the lessons.

use std::borrow::Cow;

use super::Outcome;
use crate::auth_json::Form;
use crate::lessons::{Catalogue, Lesson};
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
    /// A failure that this lesson knows, and that this program does not treat in another way.
    Known(&'static str),
    /// No lesson knows this failure.
    Unknown,
}

/// How many lines of an output are looked at for the one that tells most.
const MOST_LINES: usize = 40;

/// How lines begin that node, npm and mise print after the one that says what failed.
const TELLS_NOTHING: [&str; 6] =
    ["}", "code: ", "Node.js v", "Run with ", "npm error A complete log", "mise ERROR Run with "];

/// How much of the end of an output is looked at, in bytes. Codex prints its error last, and a search in many megabytes takes seconds.
const MOST_BYTES: usize = 64 * 1024;

impl Diagnosis {
    /// Every diagnosis except those that only a lesson knows.
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
            End::Exit(status) => Self::known(&stderr, &stdout, Some(*status)).unwrap_or(match status {
                127 => Self::CommandNotFound,
                // What codex itself starts can end so too.
                126 if stderr.is_empty() || stderr.contains("codex") => Self::NotExecutable,
                // 128 and the number of the signal: KILL, ILL.
                137 => Self::Known("codex-killed"),
                132 => Self::Known("wrong-machine-type"),
                _ => Self::Unknown,
            }),
            End::Signal(_) => Self::known(&stderr, &stdout, None).unwrap_or(Self::Unknown),
        }
    }

    /// What the lessons know of a failed call. Codex prints its error on stderr, and last.
    fn known(stderr: &str, stdout: &str, status: Option<i32>) -> Option<Self> {
        let catalogue = Catalogue::built_in()?;
        let of_end = |output: &str| catalogue.diagnosis(&without_the_log(end_of(output)), status);
        [stderr, stdout].into_iter().find_map(of_end).map(Self::of_code)
    }

    fn of_code(code: &'static str) -> Self {
        Self::ALL.iter().copied().find(|known| known.code() == code).unwrap_or(Self::Known(code))
    }

    /// The failure that this lesson is about.
    pub(crate) fn of_lesson(id: &'static str) -> Self {
        let lesson = Catalogue::built_in().and_then(|catalogue| catalogue.get(id));
        Self::of_code(lesson.and_then(|lesson| lesson.diagnoses.first()).map_or(id, String::as_str))
    }

    /// The same, where the form of the login says more: a refused API key is not renewed by `codex login`.
    pub(crate) fn of_login(self, form: Form) -> Self {
        match (self, form) {
            (Self::Unauthorized, Form::ApiKey) => Self::Known("api-key-refused"),
            (other, _) => other,
        }
    }

    /// The lesson about this.
    pub fn lesson(self) -> Option<&'static Lesson> {
        let catalogue = Catalogue::built_in()?;
        match self {
            Self::Known(id) => catalogue.get(id),
            other => catalogue.lesson_of_diagnosis(other.code()),
        }
    }

    /// The line of an output that shows this, or the last line that is one.
    pub fn telling_line(self, output: &str, is_line: impl Fn(&str) -> bool) -> Option<&str> {
        let shows = |line: &&str| {
            let known =
                Catalogue::built_in().map(|catalogue| catalogue.explain(line, None)).unwrap_or_default();
            known
                .iter()
                .any(|lesson| Some(lesson.id.as_str()) == self.lesson().map(|lesson| lesson.id.as_str()))
        };
        let last: Vec<&str> = output.lines().rev().filter(|line| is_line(line)).take(MOST_LINES).collect();
        let tells = |line: &&str| !TELLS_NOTHING.iter().any(|begin| line.trim_start().starts_with(begin));
        let of_lesson = last.iter().copied().find(shows);
        of_lesson.or_else(|| last.iter().copied().find(tells)).or(last.first().copied())
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
            Self::Known(id) => id,
            Self::Unknown => "unknown",
        }
    }

    /// The fix, for a person: that of the lesson.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Works => "nothing to do: codex works",
            Self::OtherAnswer => {
                "ask again, or for something else: codex ended well, but did not give the answer that was asked for"
            }
            known => match known.lesson() {
                Some(lesson) => &lesson.fix,
                None => "read what codex said; no lesson knows it",
            },
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
            // Its fix is for a person who looked at `login status`.
            Self::Known("login-status-proves-nothing") => {
                "this login was signed out, or another one took its place: log in on this machine again, and deploy again"
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

/// How codex's log says that it could not ask for the list of models. It goes on without it.
const NO_LIST_OF_MODELS: &str = "failed to refresh available models";

/// An output without what codex logs about its list of models, if codex says at the end why it failed.
fn without_the_log(output: &str) -> Cow<'_, str> {
    let says_why = output.lines().any(|line| line.starts_with("ERROR: "));
    if !says_why || !output.contains(NO_LIST_OF_MODELS) {
        return Cow::Borrowed(output);
    }
    let kept = output.split_inclusive('\n').filter(|line| !line.contains(NO_LIST_OF_MODELS));
    Cow::Owned(kept.collect())
}

/// The end of an output, which is at most [`MOST_BYTES`] long.
fn end_of(output: &str) -> &str {
    let first = output.len().saturating_sub(MOST_BYTES);
    (first..).find_map(|start| output.get(start..)).unwrap_or_default()
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
        let both = outcome(
            1,
            "",
            "ERROR: unexpected status 401 Unauthorized: Missing bearer or basic authentication in header",
        );
        assert_eq!(Diagnosis::of(&both, None), Diagnosis::NotLoggedIn);
    }

    #[test]
    fn a_failure_that_a_lesson_knows_has_its_code_and_its_fix() {
        for (status, said, code) in [
            (1, "ERROR: You’ve hit your usage limit. Try again later.", "usage-limit"),
            (
                1,
                "Login is restricted to workspace(s) a, but current credentials belong to b. Logging out.",
                "forced-workspace",
            ),
            (1, "ERROR: Missing environment variable: `RELAY_KEY`.", "env-key-missing"),
            (
                1,
                "Error: Missing optional dependency @openai/codex-linux-x64.\n\nNode.js v22\n",
                "npm-no-platform",
            ),
            (127, "/usr/bin/env: ‘node’: No such file or directory", "node-missing"),
            (127, "bash: line 1: codex: command not found", "command-not-found"),
            (127, "something else", "command-not-found"),
            (126, "/usr/bin/codex: something else", "not-executable"),
            (126, "permission denied while trying to connect to the Docker daemon socket", "unknown"),
            (137, "Killed", "codex-killed"),
            (132, "Illegal instruction (core dumped)", "wrong-machine-type"),
            (1, "something else", "unknown"),
        ] {
            let diagnosis = Diagnosis::of(&outcome(status, "", said), None);
            assert_eq!(diagnosis.code(), code, "{said}");
            if let Diagnosis::Known(id) = diagnosis {
                assert_eq!(diagnosis.advice(), diagnosis.lesson().unwrap().fix, "{id}");
                assert_eq!(diagnosis.telling_line(said, |line| !line.is_empty()), said.lines().next());
            }
        }
    }

    #[test]
    fn the_line_that_tells_is_not_the_one_behind_it() {
        let telling = |said: &str| {
            let diagnosis = Diagnosis::of(&outcome(1, "", said), None);
            diagnosis.telling_line(said, |line| !line.is_empty()).unwrap().to_owned()
        };
        let module = "Error: Cannot find module 'x'";
        assert_eq!(
            telling(&format!("{module}\n  code: 'MODULE_NOT_FOUND',\n}}\n\nNode.js v22.1.0\n")),
            module
        );
        let mise = "mise ERROR a tool failed";
        assert_eq!(
            telling(&format!(
                "{mise}\nmise ERROR Run with --verbose or MISE_VERBOSE=1 for more information\n"
            )),
            mise
        );
        assert_eq!(
            telling("npm error network down\nnpm error A complete log of this run can be found in: x\n"),
            "npm error network down"
        );
        assert_eq!(telling("}\n"), "}");
    }

    #[test]
    fn a_login_that_was_signed_out_has_to_be_made_anew() {
        let said = "ERROR: Your access token could not be refreshed because you have since logged out or signed in to another account. \
            Please sign in again.";
        let advice = Diagnosis::of(&outcome(1, "", said), None).advice_on_a_proof();
        assert!(advice.contains("log in on this machine again, and deploy again"), "{advice}");
    }

    #[test]
    fn the_last_failure_counts() {
        let said = "WARNING: proceeding, even though we could not create PATH aliases: Permission denied (os error 13)\n\
            ERROR: unexpected status 401 Unauthorized: Workspace is not authorized in this region., url: https://a.invalid\n";
        assert_eq!(Diagnosis::of(&outcome(1, "", said), None), Diagnosis::Known("region-not-allowed"));
        // It was printed before too, and another message in between.
        let used = "Your access token could not be refreshed because your refresh token was already used. Please log out and sign in again.";
        let said = format!(
            "2026-11-27T10:00:00Z ERROR codex_login: Failed to refresh token: {used}\n\
             2026-11-27T10:00:01Z ERROR codex_models: unexpected status 404 Not Found: no, url: https://a.invalid\n\
             ERROR: {used}\n"
        );
        assert_eq!(Diagnosis::of(&outcome(1, "", &said), None), Diagnosis::RefreshTokenUsed);
    }

    #[test]
    fn a_list_of_models_that_did_not_come_is_not_the_failure() {
        let log = "2026-11-28T05:00:00Z ERROR codex_models_manager::manager: failed to refresh available models: unexpected status 404 \
            Not Found: {}, url: http://127.0.0.1:1/v1/models?client_version=0.163.0";
        let busy = "ERROR: rate limit exceeded: Rate limit reached for gpt-5.5. Please try again in 11.054s.";
        for (said, code) in [
            (format!("{log}\n{busy}\n"), "service-busy"),
            (format!("{log}\nERROR: something that no lesson knows\n"), "unknown"),
            (format!("{log}\n"), "provider-wrong-url"),
        ] {
            assert_eq!(Diagnosis::of(&outcome(1, "", &said), None).code(), code, "{said}");
        }
    }

    #[test]
    fn a_deadline_is_a_timeout_whatever_was_printed() {
        let hung = Outcome { end: End::Deadline, ..outcome(0, "auth OK", "") };
        assert_eq!(Diagnosis::of(&hung, Some("auth OK")), Diagnosis::TimedOut);
    }
}
