//! Everything that can be wrong with a login file before it is sent.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

use super::{Form, OtherFile};
use crate::message::{Failure, Hint};

/// What is wrong at a place of a file that is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonFault {
    /// The file ends there, in the middle of the JSON.
    CutShort,
    /// The JSON is complete, and something follows it.
    MoreFollows,
    /// Something that JSON does not allow there.
    NotAllowed,
}

/// Why a file is not a login that can be deployed. No variant contains a byte of the file's content.
///
/// Nothing was sent when one of these is returned, so the remote file is unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthProblem {
    /// The file does not exist.
    Missing {
        /// The path as the caller gave it.
        path: PathBuf,
    },
    /// The path is a directory or a socket.
    NotAFile {
        /// The path as the caller gave it.
        path: PathBuf,
        /// Whether it is a directory with an auth.json in it.
        has_auth: bool,
    },
    /// The path is a link to a file that does not exist.
    BrokenLink {
        /// The path as the caller gave it.
        path: PathBuf,
    },
    /// The file does not exist, but one whose name begins with a dot.
    LeadingDot {
        /// The path as the caller gave it.
        path: PathBuf,
        /// The other file.
        dotted: PathBuf,
    },
    /// The path is a terminal, at which nobody can type a login.
    Terminal {
        /// The path as the caller gave it.
        path: PathBuf,
    },
    /// The file exists but cannot be read.
    Unreadable {
        /// The path as the caller gave it.
        path: PathBuf,
        /// The system's error message.
        reason: String,
    },
    /// The file has no bytes, or only white space and NUL bytes, as after an interrupted copy.
    Empty,
    /// The file is larger than any login.
    TooLarge {
        /// The largest accepted size in bytes.
        limit: u64,
    },
    /// The file starts with a UTF-8 byte-order mark, which Codex does not accept.
    ByteOrderMark,
    /// The file is UTF-16, as `>` in Windows PowerShell writes it.
    Utf16,
    /// The file is compressed with gzip.
    Gzip,
    /// The file is not UTF-8.
    NotUtf8,
    /// The file is of another kind, which has to be opened first.
    Other(OtherFile),
    /// NUL bytes follow the JSON.
    TrailingNul,
    /// The file is a login in base64.
    Base64,
    /// The file is not JSON.
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        fault: JsonFault,
    },
    /// The file is one JSON string, and that string contains the login.
    JsonInAString,
    /// The JSON is a list, a number or a string, not an object.
    NotAnObject,
    /// A known field has a value of a type that Codex does not read.
    WrongType {
        /// The field's name, never its value.
        field: &'static str,
        /// The type that Codex writes, with its article.
        expected: &'static str,
    },
    /// A known field appears twice, which Codex refuses.
    RepeatedField {
        /// The field's name.
        field: &'static str,
    },
    /// `auth_mode` is not one of the values that this version knows. A newer Codex may know it.
    UnknownMode,
    /// `auth_mode` has a value that Codex never reads from a file.
    ModeOfNoFile,
    /// The file contains no credential.
    NoCredential,
    /// The file contains no credential that this version knows, but it has fields that a newer Codex may know.
    UnknownCredential,
    /// Codex reads the file as this form, but the field of that form is missing.
    CredentialMissing {
        /// The form.
        form: Form,
        /// Whether the file has a credential of another form, which Codex does not use.
        others: bool,
    },
    /// Codex reads the file as this form, but the field of that form is empty.
    CredentialEmpty {
        /// The form.
        form: Form,
        /// Whether the file has a credential of another form, which Codex does not use.
        others: bool,
    },
    /// `tokens` has no access token, or only an empty one and no refresh token to get another with.
    NoAccessToken,
    /// `tokens` lacks a token that Codex requires.
    TokenMissing {
        /// `id_token` or `refresh_token`.
        field: &'static str,
    },
    /// A token has characters that no token has.
    MaskedToken {
        /// `access_token` or `refresh_token`.
        field: &'static str,
    },
    /// `id_token` is empty, or is not a token that Codex can read.
    BadIdToken,
    /// `last_refresh` is not a date and time with a time zone.
    BadLastRefresh,
    /// The text given as an API key is not one.
    NoApiKey,
    /// What was given as an API key is in quotation marks or after the name of a variable, as in a `.env`.
    KeyInALine,
}

impl AuthProblem {
    /// The code that lessons and reports use for this problem.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "auth-missing",
            Self::NotAFile { .. } => "auth-not-a-file",
            Self::BrokenLink { .. } => "auth-broken-link",
            Self::LeadingDot { .. } => "auth-leading-dot",
            Self::Terminal { .. } => "auth-terminal",
            Self::Unreadable { .. } => "auth-unreadable",
            Self::Empty => "auth-empty",
            Self::TooLarge { .. } => "auth-too-large",
            Self::ByteOrderMark => "auth-byte-order-mark",
            Self::Utf16 => "auth-utf-16",
            Self::Gzip => "auth-gzip",
            Self::NotUtf8 => "auth-not-utf-8",
            Self::Other(_) => "auth-other-file",
            Self::TrailingNul => "auth-trailing-nul",
            Self::Base64 => "auth-base64",
            Self::NotJson { .. } => "auth-not-json",
            Self::JsonInAString => "auth-json-in-a-string",
            Self::NotAnObject => "auth-not-an-object",
            Self::WrongType { .. } => "auth-wrong-type",
            Self::RepeatedField { .. } => "auth-repeated-field",
            Self::UnknownMode => "auth-unknown-mode",
            Self::ModeOfNoFile => "auth-mode-of-no-file",
            Self::NoCredential => "auth-no-credential",
            Self::UnknownCredential => "auth-unknown-credential",
            Self::CredentialMissing { .. } => "auth-credential-missing",
            Self::CredentialEmpty { .. } => "auth-credential-empty",
            Self::NoAccessToken => "auth-no-access-token",
            Self::TokenMissing { .. } => "auth-token-missing",
            Self::MaskedToken { .. } => "auth-masked-token",
            Self::BadIdToken => "auth-bad-id-token",
            Self::BadLastRefresh => "auth-bad-last-refresh",
            Self::NoApiKey => "auth-no-api-key",
            Self::KeyInALine => "auth-key-in-a-line",
        }
    }

    /// Whether replacing the file may lose a login although this version cannot use it: a newer Codex may read it, or
    /// it contains a credential that a small change makes usable.
    pub fn may_hide_a_login(&self) -> bool {
        match self {
            Self::CredentialMissing { others, .. } | Self::CredentialEmpty { others, .. } => *others,
            Self::WrongType { field, .. } => !matches!(*field, "OPENAI_API_KEY" | "tokens" | "last_refresh"),
            Self::Missing { .. }
            | Self::NotAFile { .. }
            | Self::BrokenLink { .. }
            | Self::LeadingDot { .. }
            | Self::Terminal { .. }
            | Self::Unreadable { .. }
            | Self::TooLarge { .. }
            | Self::NotAnObject
            | Self::Gzip
            | Self::Other(_)
            | Self::UnknownMode
            | Self::ModeOfNoFile
            | Self::UnknownCredential => true,
            _ => false,
        }
    }

    /// Whether the bytes may hold a complete login in a form that Codex does not read.
    pub(super) fn is_about_the_wrapping(&self) -> bool {
        matches!(
            self,
            Self::ByteOrderMark | Self::Utf16 | Self::TrailingNul | Self::Base64 | Self::JsonInAString
        )
    }

    /// What is wrong, without the fix.
    pub fn what(&self) -> String {
        match self {
            Self::Missing { path } => format!("{} does not exist", path.display()),
            Self::NotAFile { path, .. } => format!("{} is not a regular file", path.display()),
            Self::BrokenLink { path } => format!("{} is a link to a file that does not exist", path.display()),
            Self::LeadingDot { path, dotted } => {
                format!("{} does not exist, but {} does", path.display(), dotted.display())
            }
            Self::Terminal { path } => format!("{} is a terminal, and not a file", path.display()),
            Self::Unreadable { path, reason } => format!("{} cannot be read: {reason}", path.display()),
            Self::Empty => "the login file is empty".to_owned(),
            Self::TooLarge { limit } => {
                format!("the login file has more than the {limit} bytes that any login needs")
            }
            Self::ByteOrderMark => {
                "the login file starts with a byte-order mark, which Codex cannot read".to_owned()
            }
            Self::Utf16 => "the login file is UTF-16, which Codex cannot read".to_owned(),
            Self::Gzip => "the login file is compressed with gzip, so Codex cannot read it".to_owned(),
            Self::NotUtf8 => "the login file is not UTF-8, so Codex cannot read it".to_owned(),
            Self::Other(other) => format!("the login file is {other}"),
            Self::TrailingNul => "the login file ends with NUL bytes, so Codex cannot read it".to_owned(),
            Self::Base64 => "the login file is base64".to_owned(),
            Self::NotJson { line, column, fault } => {
                let fault = match fault {
                    JsonFault::CutShort => "it ends too early",
                    JsonFault::MoreFollows => "something follows the JSON",
                    JsonFault::NotAllowed => "a mistake",
                };
                format!("the login file is not JSON ({fault}: line {line}, column {column})")
            }
            Self::JsonInAString => "the login file is a JSON string with the login inside it".to_owned(),
            Self::NotAnObject => "the login file is JSON, but not an object".to_owned(),
            Self::WrongType { field, expected } => {
                format!("the field `{field}` of the login file is not {expected}")
            }
            Self::RepeatedField { field } => {
                format!("the field `{field}` appears twice in the login file, so Codex cannot read it")
            }
            Self::UnknownMode => "the field `auth_mode` of the login file has an unknown value".to_owned(),
            Self::ModeOfNoFile => {
                "the field `auth_mode` of the login file is `headers`, which Codex never reads from a file".to_owned()
            }
            Self::NoCredential => "the login file has neither `tokens` nor `OPENAI_API_KEY`".to_owned(),
            Self::UnknownCredential => {
                "the login file has neither `tokens` nor `OPENAI_API_KEY`, but fields that are unknown here".to_owned()
            }
            Self::CredentialMissing { form, .. } => {
                format!("Codex looks for `{}` in the login file, and it is missing", form.field())
            }
            Self::CredentialEmpty { form, .. } => {
                format!("Codex uses `{}` of the login file, and it is empty", form.field())
            }
            Self::NoAccessToken => "the login file has `tokens` without an `access_token`".to_owned(),
            Self::TokenMissing { field } => {
                format!("the login file has `tokens` without `{field}`, so Codex cannot read it")
            }
            Self::MaskedToken { field } => format!(
                "the field `{field}` of the login file is not a token: a log has masked it, or it is a placeholder"
            ),
            Self::BadIdToken => {
                "the field `id_token` of the login file is not a JWT, so Codex cannot read the file".to_owned()
            }
            Self::BadLastRefresh => {
                "the field `last_refresh` of the login file is not a date and time with a time zone, so Codex cannot \
                 read the file"
                    .to_owned()
            }
            Self::KeyInALine => {
                "what was given as an API key has quotation marks or the name of a variable around it".to_owned()
            }
            Self::NoApiKey => "what was given as an API key is empty, or has white space in it".to_owned(),
        }
    }

    /// The fix, if the file is the caller's own.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "run `codex login` first, or name the file that holds the login",
            Self::NotAFile { has_auth: true, .. } => "name the auth.json inside it",
            Self::NotAFile { has_auth: false, .. } => {
                "name the auth.json that `codex login` wrote; an empty folder with that name is from a container that mounted a missing file: remove it, and run `codex login`"
            }
            Self::BrokenLink { .. } => "run `codex login` where the login should be, or correct the link",
            Self::LeadingDot { .. } => {
                "the login of Codex is auth.json without a dot at the beginning: name the other file with --auth, if that is it"
            }
            Self::Terminal { .. } => "give the login through a pipe or from a file",
            Self::Unreadable { reason, .. } if reason.contains("symbolic links") => {
                "the link leads back to itself: name the file that it should lead to"
            }
            Self::Unreadable { .. } => "check its owner and mode (it should be yours, 0600)",
            Self::Empty => {
                "run `codex login` again; if it came through a pipe, the command before the pipe printed nothing"
            }
            Self::TooLarge { .. } => "check that this is the right file",
            Self::ByteOrderMark => "save it as UTF-8 without one",
            Self::Utf16 => {
                "save it as UTF-8 without a byte-order mark; `>` of Windows PowerShell writes UTF-16"
            }
            Self::Gzip => "decompress it first, with gunzip (base64 -d | gunzip if it is also base64)",
            Self::NotUtf8 => "save it as UTF-8",
            Self::Other(other) => other.hint(),
            Self::Base64 => "decode it first, with base64 -d",
            Self::JsonInAString => "take the string out first, with jq -r .",
            // Not even its beginning is that of a login.
            Self::NotJson { line: 1, column: 0..=1, .. } => {
                "name the auth.json that `codex login` wrote (by default ~/.codex/auth.json); an API key is given by --api-key"
            }
            Self::NotJson { fault: JsonFault::CutShort, .. } => {
                "copy the whole file again, or run `codex login` again"
            }
            Self::NotJson { fault: JsonFault::MoreFollows, .. } => {
                "remove what follows the closing brace, such as a second login"
            }
            Self::NotJson { fault: JsonFault::NotAllowed, .. } => {
                "correct that place (JSON has no comments, and no comma before a closing brace), or run `codex login` again"
            }
            Self::UnknownMode => "it may be from a newer Codex than this program knows",
            Self::NoCredential | Self::UnknownCredential => "run `codex login` first",
            Self::CredentialMissing { others: true, .. } => "set `auth_mode`, or run `codex login` again",
            Self::CredentialEmpty { others: true, .. } => "set it to null, or run `codex login` again",
            Self::NoApiKey | Self::KeyInALine => "give only the key",
            Self::MaskedToken { .. } => {
                "take the whole file that `codex login` wrote, and not what a log shows of it"
            }
            _ => "run `codex login` again",
        }
    }
}

impl fmt::Display for AuthProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what())
    }
}

impl std::error::Error for AuthProblem {}

impl Failure for AuthProblem {
    fn state(&self) -> Option<Cow<'static, str>> {
        Some("nothing was sent".into())
    }

    fn hints(&self) -> Vec<Hint> {
        vec![Hint::words(self.hint())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_problem_has_the_hint_that_fits_it() {
        let path = || PathBuf::from("auth.json");
        let credential = |others| AuthProblem::CredentialMissing { form: Form::ApiKey, others };
        let not_json = |column, fault| AuthProblem::NotJson { line: 1, column, fault };
        let empty = |others| AuthProblem::CredentialEmpty { form: Form::ApiKey, others };
        for (problem, hint) in [
            (AuthProblem::Missing { path: path() }, "run `codex login` first, or name the file"),
            (AuthProblem::NotAFile { path: path(), has_auth: true }, "name the auth.json inside it"),
            (AuthProblem::NotAFile { path: path(), has_auth: false }, "a container that mounted"),
            (AuthProblem::BrokenLink { path: path() }, "correct the link"),
            (AuthProblem::LeadingDot { path: path(), dotted: path() }, "without a dot"),
            (AuthProblem::MaskedToken { field: "refresh_token" }, "take the whole file"),
            (AuthProblem::Terminal { path: path() }, "through a pipe or from a file"),
            (AuthProblem::Unreadable { path: path(), reason: String::new() }, "check its owner and mode"),
            (
                AuthProblem::Unreadable {
                    path: path(),
                    reason: "too many levels of symbolic links".to_owned(),
                },
                "leads back to itself",
            ),
            (AuthProblem::Empty, "the command before the pipe"),
            (AuthProblem::TooLarge { limit: 1 }, "the right file"),
            (AuthProblem::ByteOrderMark, "UTF-8 without one"),
            (AuthProblem::Utf16, "Windows PowerShell writes UTF-16"),
            (AuthProblem::NotUtf8, "save it as UTF-8"),
            (AuthProblem::Base64, "base64 -d"),
            (AuthProblem::JsonInAString, "jq -r"),
            (not_json(1, JsonFault::NotAllowed), "name the auth.json that"),
            (not_json(2, JsonFault::CutShort), "copy the whole file again"),
            (not_json(2, JsonFault::MoreFollows), "what follows the closing brace"),
            (not_json(2, JsonFault::NotAllowed), "correct that place"),
            (AuthProblem::UnknownMode, "from a newer Codex"),
            (AuthProblem::NoCredential, "run `codex login` first"),
            (AuthProblem::UnknownCredential, "run `codex login` first"),
            (credential(true), "set `auth_mode`, or"),
            (credential(false), "run `codex login` again"),
            (empty(true), "set it to null, or"),
            (empty(false), "run `codex login` again"),
            (AuthProblem::NoApiKey, "give only the key"),
            (AuthProblem::BadIdToken, "run `codex login` again"),
        ] {
            assert!(problem.hint().contains(hint), "{problem:?}: {}", problem.hint());
        }
        assert!(credential(false).hint().starts_with("run") && empty(false).hint().starts_with("run"));
    }
}
