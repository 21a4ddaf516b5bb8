//! What a program has to run on: the containers, which are Linux wherever the engine runs.

use std::fmt;

use serde::Deserialize;

use super::ReleaseProblem;

/// Linux on one architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum Platform {
    /// Linux on Intel and AMD, 64 bit.
    #[serde(rename = "x86_64-linux")]
    X86_64Linux,
    /// Linux on ARM, 64 bit.
    #[serde(rename = "aarch64-linux")]
    Aarch64Linux,
}

impl Platform {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::X86_64Linux, Self::Aarch64Linux];

    /// The platform of this machine's containers.
    ///
    /// # Errors
    /// [`ReleaseProblem::UnknownMachine`] on an architecture for which nothing is published.
    pub fn of_containers() -> Result<Self, ReleaseProblem> {
        let here = std::env::consts::ARCH;
        Self::ALL
            .into_iter()
            .find(|platform| platform.architecture() == here)
            .ok_or_else(|| ReleaseProblem::UnknownMachine { architecture: here.to_owned() })
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64Linux => "x86_64-linux",
            Self::Aarch64Linux => "aarch64-linux",
        }
    }

    /// The architecture's name, as Rust and the wheels have it.
    pub(super) fn architecture(self) -> &'static str {
        match self {
            Self::X86_64Linux => "x86_64",
            Self::Aarch64Linux => "aarch64",
        }
    }

    /// The tags of wheels that run on it, as pip takes them; pip does not derive one from another here.
    pub(super) fn wheel_tags(self) -> impl Iterator<Item = String> {
        ["manylinux_2_17", "manylinux2014", "manylinux_2_28", "manylinux_2_34"]
            .into_iter()
            .map(move |family| format!("{family}_{}", self.architecture()))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
