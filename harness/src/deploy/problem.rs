//! Everything that can stop a deploy, and in what state it leaves the other machine.

use std::fmt;

use thiserror::Error;

use crate::auth::AuthProblem;
use crate::ssh::SshProblem;

/// What the remote auth.json is after a deploy that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteState {
    /// As it was before.
    Untouched,
    /// The old file or the new one, whole: the connection was lost while it was being replaced.
    OldOrNew,
}

impl fmt::Display for RemoteState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Untouched => "the remote auth.json is as it was",
            Self::OldOrNew => "the remote auth.json is the old one or the new one, whole",
        })
    }
}

/// Why a deploy failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DeployError {
    /// The login is not one that can be deployed; nothing was sent.
    #[error(transparent)]
    Auth(#[from] AuthProblem),
    /// The connection was not to be had, or was lost.
    #[error("{problem}; {state}")]
    Ssh {
        /// What happened.
        problem: SshProblem,
        /// What the remote file is now.
        state: RemoteState,
    },
    /// The account runs something else than our command: `nologin`, a forced command, a broken shell.
    #[error(
        "the account did not run our script (its shell ended with {status}); no auth.json was changed by us{}. \
         Does `ssh HOST true` work, and may the account run commands?",
        if *.sent { ", but whatever ran there in the script's place was given the login on its standard input" } else { "" }
    )]
    NoReply {
        /// How the account's shell ended, in words.
        status: String,
        /// Whether it was given the login.
        sent: bool,
    },
    /// The script was ended behind our back, in the moment in which the file is replaced.
    #[error(
        "the script over there was ended ({status}) while it replaced auth.json, which is the old one or the new one, whole: the \
         verb `doctor` says which. What ends it may stand in the system's log there (a lack of memory, a limit); then try again"
    )]
    EndedEarly {
        /// How the account's shell ended, in words.
        status: String,
    },
    /// The account has no home directory to put a login in.
    #[error(
        "the account's home directory {}; nothing was changed there. Make it and give it to the account, or name another in \
         its entry of passwd",
        if .home.is_empty() { "is not named (HOME)".to_owned() } else { format!("`{home}` does not exist") }
    )]
    NoHome {
        /// `$HOME` over there.
        home: String,
    },
    /// The Codex home is a file, or a link that leads nowhere.
    #[error(
        "`{path}` exists there and is no directory; nothing was changed. Move it away, or set CODEX_HOME"
    )]
    HomeNotADirectory {
        /// The path over there.
        path: String,
    },
    /// The Codex home belongs to somebody else, who could read what we put there.
    #[error("`{path}` there belongs to another user; nothing was changed. Give it to the account: chown")]
    HomeNotOurs {
        /// The path over there.
        path: String,
    },
    /// The remote auth.json is a symbolic link.
    #[error(
        "`{path}` there is a symbolic link; it was left as it is. Deploy to what it points at (CODEX_HOME), \
         or have the link replaced by a file: `deploy --replace-link`"
    )]
    AuthIsALink {
        /// The path over there.
        path: String,
    },
    /// The remote auth.json is a directory, a pipe, a device.
    #[error("`{path}` there is no regular file; it was left as it is. Move it away first")]
    AuthNotAFile {
        /// The path over there.
        path: String,
    },
    /// The remote login was refreshed later than ours, so ours is likely to be dead.
    #[error(
        "the login over there is fresher ({there}Z) than this one; it was kept. Refresh tokens are single-use, so \
         this copy may be dead already: run `codex login` here and deploy again, or --force"
    )]
    RemoteIsFresher {
        /// The remote `last_refresh`, to the second, in UTC.
        there: String,
    },
    /// The login over there is of another account.
    #[error(
        "the login over there is another one ({there}, ours is {ours}); it was kept. If it is to go: --force, and \
         --backup to keep it"
    )]
    AnotherAccount {
        /// Its form and the first digits of its fingerprint.
        there: String,
        /// The same of ours.
        ours: String,
    },
    /// The configuration over there makes codex ignore the file.
    #[error(
        "the configuration over there sets cli_auth_credentials_store = \"{store}\", so codex would ignore auth.json \
         (lesson keyring-store); nothing was changed. Set it to \"file\" in config.toml there, or --force"
    )]
    StoreIsNotTheFile {
        /// What it is set to.
        store: String,
    },
    /// The configuration over there makes codex delete this form of login.
    #[error(
        "the configuration over there sets forced_login_method = \"{forced}\", so codex would delete this login at its \
         first call (lesson forced-login-method); nothing was changed. Bring the form that it wants, or change it in \
         config.toml there, or --force"
    )]
    LoginFormIsForced {
        /// What it is set to.
        forced: String,
    },
    /// What was there could not be kept.
    #[error(
        "the file over there could not be kept as auth.json.before: {said}; the remote auth.json is as it was. Mend that there, \
         or leave --backup out"
    )]
    CannotBackUp {
        /// What the remote tool said.
        said: String,
    },
    /// There is nothing to bring back.
    #[error(
        "there is no {path} over there: no deploy with --backup has replaced a login. Nothing was changed"
    )]
    NoBackup {
        /// The path over there.
        path: String,
    },
    /// None of the tools that compute SHA-256 is there.
    #[error(
        "none of sha256sum, shasum, sha256 and openssl is there, so the copy could not be checked; nothing was \
         changed. Install one of them"
    )]
    NoDigestTool,
    /// The directory could not be made.
    #[error(
        "the Codex home could not be made there: {said}; nothing was changed. Make it there for the account, or set CODEX_HOME \
         to where the account may write"
    )]
    CannotMakeDirectory {
        /// What the remote tool said.
        said: String,
    },
    /// The new file could not be written: no space, a quota, a read-only file system.
    #[error(
        "the login could not be written there: {said}; the remote auth.json is as it was. Make room, or give the account the \
         right to write: the verb `doctor` looks at space, quota and modes there, `ulimit -a` at limits"
    )]
    CannotWrite {
        /// What the remote tool said.
        said: String,
    },
    /// Fewer or other bytes arrived than were sent.
    #[error(
        "the login did not arrive whole ({seen} instead of {sent}); the remote auth.json is as it was. Try again"
    )]
    Damaged {
        /// Size or digest of what was sent.
        sent: String,
        /// Size or digest of what arrived.
        seen: String,
    },
    /// The new file could not take the old one's place.
    #[error(
        "the old auth.json could not be replaced there: {said}; it is as it was. Does something hold it (lsattr), and may the \
         account write to its directory?"
    )]
    CannotReplace {
        /// What the remote tool said.
        said: String,
    },
    /// What was in use could not be kept where a further rollback would look for it.
    #[error(
        "the login was brought back, and the one in whose place it is could not be kept as auth.json.before: {said}"
    )]
    CannotKeep {
        /// What the remote tool said, and where it is.
        said: String,
    },
    /// The script answered something that this version does not know.
    #[error(
        "the script over there stopped with `{code}`: {detail}. The verb `doctor` says what is there now"
    )]
    Unknown {
        /// The code it gave.
        code: String,
        /// The detail it gave.
        detail: String,
    },
}

impl DeployError {
    /// The name that lessons and reports use for it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Auth(problem) => problem.code(),
            Self::Ssh { problem, .. } => problem.code(),
            Self::NoReply { .. } => "no-reply",
            Self::EndedEarly { .. } => "ended-early",
            Self::NoHome { .. } => "no-home",
            Self::HomeNotADirectory { .. } => "home-not-a-directory",
            Self::HomeNotOurs { .. } => "home-not-ours",
            Self::AuthIsALink { .. } => "auth-is-a-link",
            Self::AuthNotAFile { .. } => "auth-not-a-file-there",
            Self::RemoteIsFresher { .. } => "remote-is-fresher",
            Self::AnotherAccount { .. } => "another-account",
            Self::StoreIsNotTheFile { .. } => "store-is-not-the-file",
            Self::LoginFormIsForced { .. } => "login-form-is-forced",
            Self::CannotBackUp { .. } => "cannot-back-up",
            Self::NoBackup { .. } => "no-backup",
            Self::NoDigestTool => "no-digest-tool",
            Self::CannotMakeDirectory { .. } => "cannot-make-directory",
            Self::CannotWrite { .. } => "cannot-write",
            Self::Damaged { .. } => "damaged",
            Self::CannotReplace { .. } => "cannot-replace",
            Self::CannotKeep { .. } => "cannot-keep",
            Self::Unknown { .. } => "unknown",
        }
    }
}
