//! What a step has to show, asserted apart from any snapshot.

use serde::Deserialize;

use super::Releases;

/// What a step has to show on some releases. Every field that is there is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// The releases this is said of.
    pub codex: Releases,
    /// The exit status.
    pub exit: Option<i32>,
    /// It has not ended when its deadline passes.
    pub hangs: bool,
    /// Texts that stand in the standard output.
    pub stdout: Vec<String>,
    /// Texts that stand in the standard error.
    pub stderr: Vec<String>,
    /// Texts that stand in neither output.
    pub never: Vec<String>,
    /// An output shows a secret; where this is not set, one that does is a failure.
    pub leaks: bool,
    /// What the product says the output means.
    pub diagnosis: Option<String>,
    /// The code of the error that the deploy ends with.
    pub error: Option<String>,
    /// Files of the remote account afterwards.
    pub files: Vec<FileExpect>,
    /// What the cloud was asked since the step began.
    pub cloud: Option<CloudExpect>,
    /// What the cloud finds wrong in the step's requests, each kind once; where nothing is named, any finding is a failure.
    pub findings: Vec<String>,
    /// What the codex under test witnessed since the step began; only a stub can say.
    pub witness: Option<WitnessExpect>,
}

/// A file as it has to be after a step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileExpect {
    /// Its path from the home.
    pub path: String,
    /// What it has to be.
    pub is: FileIs,
    /// Its permission bits in octal.
    #[serde(default)]
    pub mode: Option<String>,
}

/// What a file has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileIs {
    /// Not there.
    Absent,
    /// A regular file, whatever it holds.
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
    /// How often for an answer.
    pub asked: Option<usize>,
    /// How often for new tokens.
    pub renewed: Option<usize>,
    /// How often to take a login back.
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
