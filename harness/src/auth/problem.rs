//! Everything that can be wrong with a login file before it is sent anywhere.

use std::path::PathBuf;

use thiserror::Error;

/// Why a file is not a login that can be deployed. No variant carries a byte of the file's content.
///
/// Nothing has been sent anywhere when one of these is returned, so the remote file is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AuthProblem {
    /// There is no such file.
    #[error("{path} does not exist; run `codex login` first, or name the file that holds the login")]
    Missing {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The path is a directory, or something else that is no regular file.
    #[error("{path} is not a regular file; name the auth.json inside it")]
    NotAFile {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The file is there and may not be read.
    #[error("{path} cannot be read: {reason}; check its owner and mode (it should be yours, 0600)")]
    Unreadable {
        /// The path as it was given.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file has no bytes, as an interrupted copy leaves it.
    #[error("the login file is empty; run `codex login` again")]
    Empty,
    /// The file is larger than any login is.
    #[error(
        "the login file has {bytes} bytes, more than the {limit} that any login needs; is it the right file?"
    )]
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
        /// The most that is accepted.
        limit: u64,
    },
    /// The file starts with a byte-order mark, which Codex does not accept.
    #[error(
        "the login file starts with a byte-order mark, which Codex cannot read; save it as UTF-8 without one"
    )]
    ByteOrderMark,
    /// The file is no JSON.
    #[error(
        "the login file is no JSON (line {line}, column {column}); it may be cut short: run `codex login` again"
    )]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// The JSON is a list, a string, a number, and not an object.
    #[error("the login file holds JSON, but no object; run `codex login` again")]
    NotAnObject,
    /// A known field holds a value of another type than a login has.
    #[error("the field `{field}` of the login file is no {expected}; run `codex login` again")]
    WrongType {
        /// The field's name, never its value.
        field: &'static str,
        /// What Codex writes there.
        expected: &'static str,
    },
    /// Neither OAuth tokens nor an API key: nothing in it authenticates.
    #[error("the login file has neither `tokens` nor `OPENAI_API_KEY`; run `codex login` first")]
    NoCredential,
    /// There are `tokens`, and no access token among them.
    #[error("the login file has `tokens` without an `access_token`; run `codex login` again")]
    NoAccessToken,
    /// What was given as an API key is none.
    #[error("what was given as an API key is empty, or has white space in it; give the key alone")]
    NoApiKey,
}

impl AuthProblem {
    /// The name that lessons and reports use for it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "auth-missing",
            Self::NotAFile { .. } => "auth-not-a-file",
            Self::Unreadable { .. } => "auth-unreadable",
            Self::Empty => "auth-empty",
            Self::TooLarge { .. } => "auth-too-large",
            Self::ByteOrderMark => "auth-byte-order-mark",
            Self::NotJson { .. } => "auth-not-json",
            Self::NotAnObject => "auth-not-an-object",
            Self::WrongType { .. } => "auth-wrong-type",
            Self::NoCredential => "auth-no-credential",
            Self::NoAccessToken => "auth-no-access-token",
            Self::NoApiKey => "auth-no-api-key",
        }
    }
}
