//! The platforms that releases are built for.

use std::fmt;

use serde::Deserialize;

use super::ReleaseProblem;

/// Linux on one architecture. Containers are Linux, whatever system the engine runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum Platform {
    /// Linux on 64-bit Intel and AMD.
    #[serde(rename = "x86_64-linux")]
    X86_64Linux,
    /// Linux on 64-bit ARM.
    #[serde(rename = "aarch64-linux")]
    Aarch64Linux,
}

impl Platform {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::X86_64Linux, Self::Aarch64Linux];

    /// The platform of this machine's containers.
    ///
    /// # Errors
    /// [`ReleaseProblem::UnknownMachine`] on an architecture without releases.
    pub fn of_containers() -> Result<Self, ReleaseProblem> {
        let here = std::env::consts::ARCH;
        Self::ALL
            .into_iter()
            .find(|platform| platform.architecture() == here)
            .ok_or(ReleaseProblem::UnknownMachine(here))
    }

    /// Its name in the pins.
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64Linux => "x86_64-linux",
            Self::Aarch64Linux => "aarch64-linux",
        }
    }

    /// The architecture's name in Rust and in wheels.
    pub fn architecture(self) -> &'static str {
        match self {
            Self::X86_64Linux => "x86_64",
            Self::Aarch64Linux => "aarch64",
        }
    }

    /// The tags of wheels that run on it. Given one tag, pip does not accept the others.
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
