//! The state of the accounts before anything runs.

use serde::Deserialize;

/// The state of the accounts before anything runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Given {
    /// The account's login shell.
    pub shell: Shell,
    /// The login on the machine that deploys.
    pub login: LoginKind,
    /// The login that the remote account already has, in `~/.codex/auth.json`, 0600.
    pub remote_login: LoginKind,
    /// Where the remote account has codex.
    pub codex: CodexAt,
    /// Further files in the remote home.
    pub files: Vec<GivenFile>,
    /// Further files in the home of the machine that deploys.
    pub local_files: Vec<GivenFile>,
}

/// A login shell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shell {
    /// GNU bash; sshd makes Debian's read `.bashrc`.
    #[default]
    Bash,
    /// zsh; reads only `.zshenv`.
    Zsh,
    /// dash under its name `sh`; reads nothing.
    Sh,
    /// The MirBSD Korn shell; reads nothing.
    Mksh,
    /// fish; reads `config.fish`.
    Fish,
    /// The C shell; reads `.cshrc`.
    Tcsh,
}

impl Shell {
    /// Its path in the images.
    pub fn path(self) -> &'static str {
        match self {
            Self::Bash => "/bin/bash",
            Self::Zsh => "/bin/zsh",
            Self::Sh => "/bin/sh",
            Self::Mksh => "/bin/mksh",
            Self::Fish => "/usr/bin/fish",
            Self::Tcsh => "/bin/tcsh",
        }
    }
}

/// A made-up login, minted at run time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoginKind {
    /// No file at all.
    #[default]
    None,
    /// A ChatGPT login that the cloud accepts.
    Chatgpt,
    /// An API key that the cloud accepts.
    ApiKey,
    /// A ChatGPT login whose access token has expired, and whose refresh token was used elsewhere.
    Expired,
    /// A ChatGPT login whose access token has expired, and whose refresh token is good for its one use.
    Renewable,
    /// A ChatGPT login that the cloud refuses.
    Refused,
    /// A ChatGPT login whose account has no quota left.
    NoQuota,
    /// A ChatGPT login of a workspace that does not allow the host's region.
    WrongRegion,
    /// A ChatGPT login that is used from a country where the service is not offered.
    WrongCountry,
    /// A ChatGPT login for a workspace that its account may no longer use.
    WrongWorkspace,
    /// A ChatGPT login, on a host whose address has to pass a page for browsers first.
    Challenged,
    /// A ChatGPT login whose workspace was deactivated.
    Deactivated,
    /// A ChatGPT login that meets a busy service at its first question.
    Busy,
    /// A ChatGPT login whose first answer breaks off.
    BreaksOff,
    /// A ChatGPT login that was refreshed later than any other here.
    Fresher,
    /// A login of Claude Code that the cloud accepts, in `~/.claude/.credentials.json`.
    Claude,
    /// The same, cut short in the middle.
    ClaudeCutShort,
    /// `{"OPENAI_API_KEY": null}`: neither form.
    NoCredential,
    /// `tokens` without an `access_token`.
    NoAccessToken,
    /// A login cut short in the middle.
    CutShort,
    /// Text that is not JSON.
    NotJson,
    /// A ChatGPT login whose access token has expired, with an empty refresh token.
    NoRefreshToken,
    /// A good login in UTF-16, with its byte-order mark.
    Utf16,
    /// A file of no bytes.
    Empty,
    /// A good login after a byte-order mark.
    ByteOrderMark,
    /// A good login with 20,000 blanks at its end.
    Padded,
    /// A file that is larger than any login.
    TooLarge,
    /// A directory where the file should be.
    Directory,
    /// A good login that its owner cannot read.
    Unreadable,
}

/// Where the remote account has codex.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodexAt {
    /// On the PATH that sshd gives every command.
    #[default]
    Path,
    /// In `~/symlinks/codex`, which is not on the PATH until a file of the login shell adds it.
    Symlinks,
    /// Nowhere.
    Nowhere,
}

/// A file in a home.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenFile {
    /// Its path from the home: `.codex/config.toml`.
    pub path: String,
    /// Its content; `@HOME@` stands for the home.
    #[serde(default)]
    pub text: String,
    /// Where it points, for a symbolic link.
    #[serde(default)]
    pub link: Option<String>,
    /// Whether it is a directory.
    #[serde(default)]
    pub directory: bool,
    /// Its permission bits in octal; the default is 644, and 755 for a directory.
    #[serde(default)]
    pub mode: Option<String>,
}
