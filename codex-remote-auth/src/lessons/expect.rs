//! What a step has to show. It is checked independently of the snapshots.

use serde::Deserialize;

use super::Releases;

/// What a step has to show on some releases and servers. Every field that is set is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// The releases that this applies to.
    pub codex: Releases,
    /// The flavours of server that this applies to. If it names none, it applies to those that no other expectation of the step names.
    pub flavours: Vec<String>,
    /// The exit status.
    pub exit: Option<i32>,
    /// The command is still running at its deadline.
    pub hangs: bool,
    /// Texts that the standard output contains.
    pub stdout: Vec<String>,
    /// Texts that the standard error contains.
    pub stderr: Vec<String>,
    /// Texts that neither output contains.
    pub never: Vec<String>,
    /// An output shows a secret. If this is not set, such an output is a failure.
    pub leaks: bool,
    /// What the product says the output means.
    pub diagnosis: Option<String>,
    /// The code of the error that the deploy ends with.
    pub error: Option<String>,
    /// Files of the remote account afterwards.
    pub files: Vec<FileExpect>,
    /// What the cloud was asked since the step began.
    pub cloud: Option<CloudExpect>,
    /// What the cloud finds wrong in the step's requests, each kind once. Any other finding is a failure.
    pub findings: Vec<String>,
    /// What the stub recorded since the step began.
    pub witness: Option<WitnessExpect>,
}

/// The expected state of a file after a step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileExpect {
    /// Its path from the home.
    pub path: String,
    /// The kind of file.
    pub is: FileIs,
    /// Its permission bits in octal.
    #[serde(default)]
    pub mode: Option<String>,
}

/// The expected kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileIs {
    /// The file does not exist.
    Absent,
    /// A regular file with any content.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// The bytes of the login on the machine that deploys.
    Login,
    /// The bytes of the login that the account had at the start.
    RemoteLogin,
}

/// What the cloud was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CloudExpect {
    /// How often it was asked for an answer.
    pub asked: Option<usize>,
    /// How often it was asked for new tokens.
    pub renewed: Option<usize>,
    /// How often it was asked to revoke a login.
    pub revoked: Option<usize>,
}

/// What the stub was given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WitnessExpect {
    /// How often codex was called.
    pub calls: Option<usize>,
    /// What became of the last call's stdin: `unread`, `open`, `eof`, `terminal`.
    pub stdin: Option<String>,
    /// Names of environment variables that the last call had.
    pub env: Vec<String>,
}
