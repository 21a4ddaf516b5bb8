//! The names of the fields of an `expect`. A failure names the field that was not met, and a mutant the field that it breaks.

use std::fmt;

use serde::Deserialize;

/// A field of an [`Expect`](super::Expect).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The exit status.
    Exit,
    /// Whether the command is still running at its deadline.
    Hangs,
    /// The standard output.
    Stdout,
    /// The standard error.
    Stderr,
    /// Texts that no output may contain.
    Never,
    /// Whether an output shows a secret.
    Leaks,
    /// What the product says the output means.
    Diagnosis,
    /// The code of the deploy's error.
    Error,
    /// Files of the remote account.
    Files,
    /// How often the cloud was asked.
    Cloud,
    /// What the cloud found wrong.
    Findings,
    /// What the stub was given.
    Witness,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Exit,
        Self::Hangs,
        Self::Stdout,
        Self::Stderr,
        Self::Never,
        Self::Leaks,
        Self::Diagnosis,
        Self::Error,
        Self::Files,
        Self::Cloud,
        Self::Findings,
        Self::Witness,
    ];

    /// The name in a lesson file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exit => "exit",
            Self::Hangs => "hangs",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Never => "never",
            Self::Leaks => "leaks",
            Self::Diagnosis => "diagnosis",
            Self::Error => "error",
            Self::Files => "files",
            Self::Cloud => "cloud",
            Self::Findings => "findings",
            Self::Witness => "witness",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
