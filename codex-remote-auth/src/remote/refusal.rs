//! Why a host is left as it is, after a look and before anything was sent.

use thiserror::Error;

/// Why a host is left as it is. Nothing was sent and nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The account has no home directory to put a login in.
    #[error(
        "the account's home directory {}; nothing was sent. Make it and give it to the account, or change it in passwd",
        if .home.is_empty() { "is not set (HOME)".to_owned() } else { format!("`{home}` does not exist") }
    )]
    NoHome {
        /// `HOME` on the host.
        home: String,
    },
    /// `HOME` is not the account's own.
    #[error(
        "HOME on the host is `{home}`, but {}; nothing was sent. Remove the line that sets HOME from the account's rc files, or \
         deploy there anyway: --force=other-home",
        if .should.is_empty() {
            "that directory is not the account's, and its own is not known".to_owned()
        } else {
            format!("the account's own is `{should}`")
        }
    )]
    OtherHome {
        /// `HOME` on the host.
        home: String,
        /// The account's own home; empty where it is not known.
        should: String,
    },
    /// `CODEX_HOME` has a `~` that nothing expands.
    #[error(
        "CODEX_HOME on the host is `{set}`, with a `~` that nothing expands; nothing was sent. Write $HOME in its place, without \
         single quotes, where the rc file sets it"
    )]
    TildeInCodexHome {
        /// `CODEX_HOME` on the host.
        set: String,
    },
    /// The Codex home is a file, or a link that leads nowhere.
    #[error(
        "`{path}` exists on the host and is not a directory; nothing was sent. Move it away, or set CODEX_HOME"
    )]
    HomeNotADirectory {
        /// The path on the host.
        path: String,
    },
    /// The Codex home belongs to somebody else, who could read what is put there.
    #[error(
        "`{path}` on the host belongs to user {owner}; nothing was sent. If it is that user's Codex home, log in as that user and \
         deploy there; if it is the account's, an administrator gives it back with chown"
    )]
    HomeNotOurs {
        /// The path on the host.
        path: String,
        /// The number of the user whose it is.
        owner: u32,
    },
    /// Others can write to the Codex home, and that cannot be changed.
    #[error(
        "others can write to `{path}` on the host, and the account cannot change that; nothing was sent. Take the right to write \
         from group and others there: chmod go-w, or use a CODEX_HOME on a file system that has modes"
    )]
    HomeOpenToOthers {
        /// The path on the host.
        path: String,
    },
    /// Others can write to a folder above the Codex home, and so put another one in its place.
    #[error(
        "others can write to `{path}` on the host, and so put another Codex home in the place of this one; nothing was sent. Take \
         that right from them: chmod go-w, use another CODEX_HOME, or deploy there anyway: --force=open-folder"
    )]
    FolderOpenToOthers {
        /// The path on the host.
        path: String,
    },
    /// Others can write to a file that says where codex sends the login.
    #[error(
        "`{path}` on the host belongs to another user or can be written by others, and it decides where codex sends the login; \
         nothing was sent. Read it, then: chown and chmod go-w, or deploy there anyway: --force"
    )]
    FileOpenToOthers {
        /// The path on the host.
        path: String,
    },
    /// The account's PATH lacks tools that the script needs.
    #[error(
        "the account's PATH on the host lacks {names}; nothing was sent. Install them, or set PATH in its rc file"
    )]
    MissingTools {
        /// Their names.
        names: String,
    },
    /// The host's tools could not say something that has to be known.
    #[error(
        "the host could not say {what}; nothing was sent. The script needs stat or ls, id, wc, head and env there: is one missing \
         from the account's PATH?"
    )]
    CannotTell {
        /// What it could not say.
        what: &'static str,
    },
    /// `auth.json` is a symbolic link.
    #[error(
        "`{path}` on the host is a symbolic link; it was left as it is. Deploy to what it points at (CODEX_HOME), or replace the \
         link with a file: --replace-link"
    )]
    AuthIsALink {
        /// The path on the host.
        path: String,
    },
    /// `auth.json` is a directory, a pipe, a device.
    #[error("`{path}` on the host is not a regular file; it was left as it is. Move it away first")]
    AuthNotAFile {
        /// The path on the host.
        path: String,
    },
    /// Whether the existing file holds a login, and whose, cannot be told.
    #[error(
        "cannot tell whether `{path}` on the host holds a login that would be lost: {why}; nothing was changed. To replace it \
         anyway: --force=unknown-login, and --backup to keep a copy"
    )]
    UnknownLogin {
        /// The path on the host.
        path: String,
        /// Why that cannot be told.
        why: String,
    },
    /// The login on the host was renewed later than ours, so ours is likely to be dead.
    #[error(
        "the login on the host is newer ({there}) than yours ({ours}); nothing was changed. Refresh tokens work once, so your copy \
         may be dead already: run `codex login` here and deploy again, or use --force"
    )]
    RemoteIsNewer {
        /// When the login on the host was renewed.
        there: String,
        /// When ours was, or `never`.
        ours: String,
    },
    /// The login on the host is of another account, person, key or form.
    #[error(
        "the host has a login of another account (host: {there}, yours: {ours}); nothing was changed. To replace it: --force, and --backup to keep \
         a copy"
    )]
    AnotherLogin {
        /// Its form and the first digits of its fingerprint.
        there: String,
        /// The same of ours.
        ours: String,
    },
    /// The configuration on the host cannot be read.
    #[error(
        "the configuration on the host cannot be judged: {why}; nothing was sent. Correct it, or deploy anyway: \
         --force=unknown-settings"
    )]
    UnknownSettings {
        /// The file, the line and what is wrong there.
        why: String,
    },
    /// The configuration on the host makes codex ignore the file.
    #[error(
        "{setting} in {place} on the host makes codex ignore auth.json{}; nothing was sent. {hint}, or deploy anyway: --force",
        .lesson.map_or_else(String::new, |lesson| format!(" (lesson {lesson})"))
    )]
    WouldBeIgnored {
        /// The setting and its value.
        setting: String,
        /// The file and the line.
        place: String,
        /// The lesson on it.
        lesson: Option<&'static str>,
        /// What to change.
        hint: &'static str,
        /// The name that reports use for it.
        code: &'static str,
    },
    /// The configuration on the host makes codex delete this login.
    #[error(
        "{setting} in {place} on the host makes codex delete this login at its first call{}; nothing was sent. {hint}, or deploy \
         anyway: --force",
        .lesson.map_or_else(String::new, |lesson| format!(" (lesson {lesson})"))
    )]
    WouldBeDeleted {
        /// The setting and its value.
        setting: String,
        /// The file and the line.
        place: String,
        /// The lesson on it.
        lesson: Option<&'static str>,
        /// What to change.
        hint: &'static str,
        /// The name that reports use for it.
        code: &'static str,
    },
    /// None of the tools that compute SHA-256 works on the host.
    #[error(
        "none of sha256sum, shasum, sha256 and openssl works on the host, so the copy could not be checked; nothing was sent. \
         Install one of them"
    )]
    NoDigestTool,
    /// There is nothing to bring back.
    #[error(
        "there is no {path} on the host: no deploy with --backup has replaced a login. Nothing was changed"
    )]
    NoBackup {
        /// The path on the host.
        path: String,
    },
}

impl Refusal {
    /// The name that lessons and reports use for it.
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
            Self::MissingTools { .. } => "missing-tool",
            Self::CannotTell { .. } => "cannot-tell",
            Self::AuthIsALink { .. } => "auth-is-a-link",
            Self::AuthNotAFile { .. } => "auth-not-a-file-there",
            Self::UnknownLogin { .. } => "unknown-login",
            Self::RemoteIsNewer { .. } => "remote-is-fresher",
            Self::AnotherLogin { .. } => "another-account",
            Self::UnknownSettings { .. } => "unknown-settings",
            Self::WouldBeIgnored { code, .. } | Self::WouldBeDeleted { code, .. } => code,
            Self::NoDigestTool => "no-digest-tool",
            Self::NoBackup { .. } => "no-backup",
        }
    }
}
