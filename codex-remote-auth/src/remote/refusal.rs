//! Why a host is left without the login: what the program or the script saw there does not allow it.

use thiserror::Error;

/// Why it is unknown what a file holds that the account cannot read.
pub(super) const UNREADABLE: &str = "the account cannot read it";

/// The same of a file that belongs to the account.
pub(super) const UNREADABLE_BY_MODE: &str =
    "it is the account's, but its mode does not let the account read it";

/// The same of a file that is larger than any login.
pub(super) const TOO_LARGE: &str = "it is larger than any login, so it was not read";

/// Why a host is left without the login. Its auth.json was not changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The account has no home directory to put a login in.
    #[error(
        "the account's home directory {}",
        if .home.is_empty() { "is not set (HOME)".to_owned() } else { format!("`{home}` does not exist") }
    )]
    NoHome {
        /// `HOME` on the host.
        home: String,
    },
    /// `HOME` is not the account's home directory.
    #[error(
        "HOME on the host is `{home}`, but {}",
        if .should.is_empty() {
            "that directory is not the account's, and its own is not known".to_owned()
        } else {
            format!("the account's own is `{should}`")
        }
    )]
    OtherHome {
        /// `HOME` on the host.
        home: String,
        /// The account's home directory; empty if it is not known.
        should: String,
    },
    /// `CODEX_HOME` contains a `~` that nothing expands.
    #[error("CODEX_HOME on the host is `{set}`, with a `~` that nothing expands")]
    TildeInCodexHome {
        /// `CODEX_HOME` on the host.
        set: String,
    },
    /// The Codex home is a file, or a link whose target does not exist.
    #[error("`{path}` exists on the host and is not a directory")]
    HomeNotADirectory {
        /// The path on the host.
        path: String,
    },
    /// The Codex home belongs to somebody else, who could read the login.
    #[error("`{path}` on the host belongs to user {owner}")]
    HomeNotOurs {
        /// The path on the host.
        path: String,
        /// The number of the owner.
        owner: u32,
    },
    /// The saved file is no login, and there is one in use.
    #[error("`{path}` on the host is not a login ({why})")]
    BackupNotALogin {
        /// The path on the host.
        path: String,
        /// Why not.
        why: String,
    },
    /// The mode of the Codex home does not let the account enter it.
    #[error("`{path}` on the host has mode {mode:04o}, which does not let the account enter it")]
    HomeClosed {
        /// The path on the host.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// Others can write to the Codex home, and that cannot be changed.
    #[error("others can write to `{path}` on the host, and the account cannot change that")]
    HomeOpenToOthers {
        /// The path on the host.
        path: String,
    },
    /// Others can write to a folder above the Codex home, and so replace the Codex home.
    #[error("others can write to `{path}` on the host, and so replace the Codex home")]
    FolderOpenToOthers {
        /// The path on the host.
        path: String,
    },
    /// Others can write to a file that decides where codex sends the login.
    #[error("others can change `{path}` on the host, which decides where codex sends the login")]
    FileOpenToOthers {
        /// The path on the host.
        path: String,
    },
    /// The account cannot write to `/dev/null`, without which hardly any script works.
    #[error("the account cannot write to /dev/null on the host")]
    NoNullDevice,
    /// Tools that the script needs are not on the account's PATH.
    #[error("the account's PATH on the host lacks {names}")]
    MissingTools {
        /// Their names.
        names: String,
    },
    /// Another program on the host has the input of the session open.
    #[error(
        "another program on the host can read the input of this session, and so the login: process {reader}"
    )]
    InputIsRead {
        /// Its process id and its name.
        reader: String,
    },
    /// The host's tools could not report a necessary fact.
    #[error("the host could not report {what}")]
    CannotTell {
        /// The missing fact.
        what: &'static str,
    },
    /// `auth.json` is a symbolic link.
    #[error("`{path}` on the host is a symbolic link")]
    AuthIsALink {
        /// The path on the host.
        path: String,
    },
    /// `auth.json` is a directory, a pipe or a device.
    #[error("`{path}` on the host is not a regular file")]
    AuthNotAFile {
        /// The path on the host.
        path: String,
    },
    /// It cannot be determined whether the existing file contains a login, or whose it is.
    #[error("cannot tell whether `{path}` on the host holds a login that would be lost: {why}")]
    UnknownLogin {
        /// The path on the host.
        path: String,
        /// Why this cannot be determined.
        why: String,
    },
    /// The login on the host was renewed later than ours, so ours has probably stopped working.
    #[error("the host has a newer login of {email} (host: renewed {there}; yours: {ours})")]
    RemoteIsNewer {
        /// The first letter and the domain of the e-mail address of both, or `your account`.
        email: String,
        /// When the login on the host was renewed.
        there: String,
        /// When ours was renewed, and how much newer the other is; `never` if it was not.
        ours: String,
    },
    /// Our login has ended and cannot be renewed, and the one on the host can still work.
    #[error(
        "your login ended ({at}) and cannot be renewed; the host has one of the same account that can still work"
    )]
    OursHasEnded {
        /// When its access token expired.
        at: String,
    },
    /// Our login cannot be renewed, and the one on the host can.
    #[error(
        "your login has no refresh token, so it ends with its access token; the host has one of the same account that can be \
         renewed"
    )]
    OursCannotRenew,
    /// A backup would replace a saved file that may be the only copy of another account's login.
    #[error("`{path}` on the host, which the backup would replace, holds a login of another account")]
    SavedLogin {
        /// The path on the host.
        path: String,
    },
    /// The login on the host is of another account, person, key or form.
    #[error("the host has a login of another account (host: {there}; yours: {ours})")]
    AnotherLogin {
        /// Its form, the first digits of its fingerprint, and when it was renewed.
        there: String,
        /// The same for our login, with the first letter and the domain of the e-mail address, and the difference in time.
        ours: String,
    },
    /// The configuration on the host cannot be judged.
    #[error("the configuration on the host cannot be judged: {why}")]
    UnknownSettings {
        /// The file, the line and the problem.
        why: String,
    },
    /// The configuration on the host makes codex ignore the file.
    #[error("{setting} in {place} on the host makes codex ignore auth.json")]
    WouldBeIgnored {
        /// The setting and its value.
        setting: String,
        /// The file and the line.
        place: String,
        /// The lesson about it.
        lesson: Option<&'static str>,
        /// What to change.
        hint: &'static str,
        /// The code that reports use for it.
        code: &'static str,
    },
    /// The configuration on the host makes codex delete this login.
    #[error("{setting} in {place} on the host makes codex delete this login at its first call")]
    WouldBeDeleted {
        /// The setting and its value.
        setting: String,
        /// The file and the line.
        place: String,
        /// The lesson about it.
        lesson: Option<&'static str>,
        /// What to change.
        hint: &'static str,
        /// The code that reports use for it.
        code: &'static str,
    },
    /// None of the tools that compute SHA-256 works on the host.
    #[error(
        "none of sha256sum, shasum, sha256 and openssl works on the host, so the copy could not be checked"
    )]
    NoDigestTool,
    /// There is no file to restore.
    #[error("there is no {path} on the host: no deploy with --backup has replaced a login")]
    NoBackup {
        /// The path on the host.
        path: String,
    },
}

impl Refusal {
    /// The code that lessons and reports use for this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoHome { .. } => "no-home",
            Self::OtherHome { .. } => "other-home",
            Self::TildeInCodexHome { .. } => "tilde-in-codex-home",
            Self::HomeNotADirectory { .. } => "home-not-a-directory",
            Self::HomeNotOurs { .. } => "home-not-ours",
            Self::HomeOpenToOthers { .. } => "home-open-to-others",
            Self::FolderOpenToOthers { .. } => "folder-open-to-others",
            Self::FileOpenToOthers { .. } => "file-open-to-others",
            Self::NoNullDevice => "no-dev-null",
            Self::MissingTools { .. } => "missing-tool",
            Self::InputIsRead { .. } => "input-is-read",
            Self::CannotTell { .. } => "cannot-tell",
            Self::AuthIsALink { .. } => "auth-is-a-link",
            Self::AuthNotAFile { .. } => "auth-not-a-file-there",
            Self::UnknownLogin { .. } => "unknown-login",
            Self::RemoteIsNewer { .. } => "remote-is-fresher",
            Self::OursHasEnded { .. } => "ours-has-ended",
            Self::OursCannotRenew => "ours-cannot-renew",
            Self::BackupNotALogin { .. } => "backup-not-a-login",
            Self::HomeClosed { .. } => "home-closed",
            Self::SavedLogin { .. } => "saved-login",
            Self::AnotherLogin { .. } => "another-account",
            Self::UnknownSettings { .. } => "unknown-settings",
            Self::WouldBeIgnored { code, .. } | Self::WouldBeDeleted { code, .. } => code,
            Self::NoDigestTool => "no-digest-tool",
            Self::NoBackup { .. } => "no-backup",
        }
    }
}
