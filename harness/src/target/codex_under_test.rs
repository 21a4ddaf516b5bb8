//! The codex under test.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use semver::Version;

use super::newest_release;

/// The codex that a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodexChoice {
    /// The stub as this release.
    Stub(Version),
    /// A real release from the package index.
    Real(Version),
    /// A real release of Claude Code, for the lessons that compare the two.
    Claude(Version),
    /// A program on this machine.
    File(PathBuf),
}

impl FromStr for CodexChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || {
            format!(
                "`{text}` names no codex; write `stub`, `stub:RELEASE` as in stub:0.133.0, `real:RELEASE`, \
                 `claude:RELEASE`, or the path of a program, as in ./codex"
            )
        };
        if text == "stub" {
            return Ok(Self::Stub(newest_release()));
        }
        if let Some(release) = text.strip_prefix("stub:") {
            return version(release).map(Self::Stub).ok_or_else(wanted);
        }
        if let Some(release) = text.strip_prefix("real:") {
            return version(release).map(Self::Real).ok_or_else(wanted);
        }
        if let Some(release) = text.strip_prefix("claude:") {
            return version(release).map(Self::Claude).ok_or_else(wanted);
        }
        if text.contains('/') { Ok(Self::File(PathBuf::from(text))) } else { Err(wanted()) }
    }
}

/// Parses a release of two or three numbers.
pub fn version(text: &str) -> Option<Version> {
    let full = if text.matches('.').count() == 1 { format!("{text}.0") } else { text.to_owned() };
    Version::parse(&full).ok()
}

/// The codex under test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodexUnderTest {
    /// The stub as this release.
    Stub(Version),
    /// A real Codex.
    Real(RealCodex),
    /// Claude Code, which the guide compares with Codex. Only the lessons about it run on it.
    Claude(RealCodex),
}

/// A real program, on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealCodex {
    /// Its release.
    pub release: Version,
    /// Its program.
    pub program: PathBuf,
    /// The SHA-256 of the program, in hexadecimal.
    pub sha256: String,
}

impl CodexUnderTest {
    /// The stub in its newest era.
    pub fn newest_stub() -> Self {
        Self::Stub(newest_release())
    }

    /// Its release, or the release that the stub behaves as.
    pub fn release(&self) -> &Version {
        match self {
            Self::Stub(release) => release,
            Self::Real(real) | Self::Claude(real) => &real.release,
        }
    }

    /// `stub`, `real` or `claude`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Stub(_) => "stub",
            Self::Real(_) => "real",
            Self::Claude(_) => "claude",
        }
    }

    /// Its name for people, such as `the stub of Codex 0.163.0`.
    pub fn in_words(&self) -> String {
        let program = match self {
            Self::Stub(_) => "the stub of Codex",
            Self::Real(_) => "Codex",
            Self::Claude(_) => "Claude Code",
        };
        format!("{program} {}", self.release())
    }

    /// Whether it is the stub, which reports more about its calls than a real Codex.
    pub fn is_stub(&self) -> bool {
        matches!(self, Self::Stub(_))
    }
}

impl fmt::Display for CodexUnderTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind(), self.release())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_codex_is_named_with_or_without_its_last_number() {
        let parse = |text: &str| text.parse::<CodexChoice>();
        assert_eq!(parse("stub:0.133"), Ok(CodexChoice::Stub(Version::new(0, 133, 0))));
        assert_eq!(parse("stub:0.133.1"), Ok(CodexChoice::Stub(Version::new(0, 133, 1))));
        assert_eq!(parse("stub"), Ok(CodexChoice::Stub(newest_release())));
        assert_eq!(parse("real:0.133"), Ok(CodexChoice::Real(Version::new(0, 133, 0))));
        assert_eq!(parse("./codex"), Ok(CodexChoice::File(PathBuf::from("./codex"))));
        assert_eq!(parse("claude:2.1.330"), Ok(CodexChoice::Claude(Version::new(2, 1, 330))));
        for wrong in ["", "stub:", "stub:new", "real:", "0.133", "codex", "stub:0.133.0.0"] {
            assert!(parse(wrong).unwrap_err().contains("stub:RELEASE"), "{wrong}");
        }
    }
}
