//! The releases that are known, with the digests that they have to have.

use std::fmt;
use std::fs;
use std::path::Path;

use semver::Version;
use serde::Deserialize;
use toml::Spanned;

use super::{Platform, ReleaseProblem, Tool};

/// The size and SHA-256 of some bytes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digested {
    /// How many bytes.
    pub size: u64,
    /// Their SHA-256, in lower-case hexadecimal.
    pub sha256: String,
}

impl fmt::Display for Digested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes with SHA-256 {}", self.size, self.sha256)
    }
}

/// One release for one platform, as it was when it was pinned.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The tool.
    pub tool: Tool,
    /// The release, as the program itself counts.
    pub version: Version,
    /// What pip is asked for: `name==version`, as the package counts.
    pub package: String,
    /// What it runs on.
    pub platform: Platform,
    /// The wheel's name.
    pub file: String,
    /// The wheel's size.
    pub size: u64,
    /// The wheel's SHA-256.
    pub sha256: String,
    /// The program in it.
    pub program: Digested,
}

impl Pin {
    /// What the wheel has to be.
    pub fn wheel(&self) -> Digested {
        Digested { size: self.size, sha256: self.sha256.clone() }
    }

    /// The version that the package counts.
    pub(super) fn package_version(&self) -> Option<&str> {
        self.package.strip_prefix(self.tool.package())?.strip_prefix("==")
    }

    /// What is wrong with it, if anything.
    fn fault(&self) -> Option<String> {
        let hexadecimal = |digest: &str| {
            digest.len() == 64 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        if self.package_version().is_none_or(|version| Version::parse(version).is_err()) {
            return Some(format!(
                "the package is `{}`; it must be {}==X.Y.Z",
                self.package,
                self.tool.package()
            ));
        }
        [&self.sha256, &self.program.sha256]
            .into_iter()
            .find(|digest| !hexadecimal(digest))
            .map(|digest| format!("`{digest}` is no SHA-256 in lower-case hexadecimal"))
    }
}

/// All pins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pins {
    pins: Vec<Pin>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PinsFile {
    #[serde(default)]
    release: Vec<Spanned<Pin>>,
}

impl Pins {
    /// Reads them from their file.
    ///
    /// # Errors
    /// [`ReleaseProblem::UnreadablePins`] with the line that is at fault.
    pub fn read(path: &Path) -> Result<Self, ReleaseProblem> {
        let text = fs::read_to_string(path).map_err(ReleaseProblem::io("cannot read", path))?;
        Self::parse(path, &text)
    }

    /// Takes them from the text of the file at `path`.
    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, ReleaseProblem> {
        let at = |offset: usize, message: String| ReleaseProblem::UnreadablePins {
            path: path.to_owned(),
            line: text[..offset].matches('\n').count() + 1,
            message,
        };
        let file: PinsFile = toml::from_str(text).map_err(|error| {
            at(error.span().map_or(0, |span| span.start), error.message().trim_end().to_owned())
        })?;
        let mut pins: Vec<Pin> = Vec::new();
        for spanned in file.release {
            let offset = spanned.span().start;
            let pin = spanned.into_inner();
            if let Some(fault) = pin.fault() {
                return Err(at(offset, fault));
            }
            let twin = |other: &&Pin| {
                (other.tool, &other.version, other.platform) == (pin.tool, &pin.version, pin.platform)
            };
            if pins.iter().any(|other| twin(&other)) {
                return Err(at(
                    offset,
                    format!("{} {} for {} is pinned twice", pin.tool, pin.version, pin.platform),
                ));
            }
            pins.push(pin);
        }
        Ok(Self { pins })
    }

    /// All of them, in the order of the file.
    pub fn all(&self) -> &[Pin] {
        &self.pins
    }

    /// The releases of a tool for this machine's containers, ascending.
    pub fn versions(&self, tool: Tool) -> Vec<Version> {
        Platform::of_containers().map_or_else(|_| Vec::new(), |platform| self.versions_for(tool, platform))
    }

    /// The releases of a tool for a platform, ascending.
    pub fn versions_for(&self, tool: Tool, platform: Platform) -> Vec<Version> {
        let mut versions: Vec<Version> = self
            .pins
            .iter()
            .filter(|pin| pin.tool == tool && pin.platform == platform)
            .map(|pin| pin.version.clone())
            .collect();
        versions.sort();
        versions
    }

    /// A release's pin for this machine's containers.
    pub fn pin(&self, tool: Tool, version: &Version) -> Option<&Pin> {
        let platform = Platform::of_containers().ok()?;
        self.pins.iter().find(|pin| pin.tool == tool && pin.platform == platform && pin.version == *version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(version: &str, package: &str, digest: &str) -> String {
        format!(
            "[[release]]\ntool = \"codex\"\nversion = \"{version}\"\npackage = \"{package}\"\n\
             platform = \"x86_64-linux\"\nfile = \"a.whl\"\nsize = 1\nsha256 = \"{digest}\"\n\
             program = {{ size = 2, sha256 = \"{digest}\" }}\n"
        )
    }

    fn parse(text: &str) -> Result<Pins, ReleaseProblem> {
        Pins::parse(Path::new("pins.toml"), text)
    }

    fn refused(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    const PACKAGE: &str = "openai-codex-cli-bin==0.133.0";

    #[test]
    fn versions_come_in_the_order_of_numbers() {
        let digest = "a".repeat(64);
        let text: String = ["0.133.0", "0.9.0", "0.144.4"]
            .iter()
            .map(|version| release(version, &format!("openai-codex-cli-bin=={version}"), &digest))
            .collect();
        let versions = parse(&text).unwrap().versions_for(Tool::Codex, Platform::X86_64Linux);
        let names: Vec<String> = versions.iter().map(Version::to_string).collect();
        assert_eq!(names, ["0.9.0", "0.133.0", "0.144.4"]);
    }

    #[test]
    fn a_fault_is_told_with_its_line() {
        let good = release("0.133.0", PACKAGE, &"a".repeat(64));
        let said = refused(&format!("# first\n\n{good}\n{good}"));
        assert!(said.starts_with("pins.toml:13: codex 0.133.0 for x86_64-linux is pinned twice"), "{said}");
        let said = refused(&good.replace("size = 1\n", "size = \"one\"\n"));
        assert!(said.starts_with("pins.toml:7: "), "{said}");
        let said = refused(&good.replace("tool =", "tol ="));
        assert!(said.starts_with("pins.toml:2: ") && said.contains("tol"), "{said}");
    }

    #[test]
    fn what_pip_is_asked_for_can_be_nothing_but_the_tools_own_package() {
        for package in ["other==0.133.0", "--index-url=x", "openai-codex-cli-bin==0.133.0 --pre"] {
            let said = refused(&release("0.133.0", package, &"a".repeat(64)));
            assert!(said.contains("it must be openai-codex-cli-bin==X.Y.Z"), "{said}");
        }
    }

    #[test]
    fn a_digest_is_64_lower_case_digits() {
        for digest in ["a".repeat(63), "A".repeat(64), "g".repeat(64)] {
            let said = refused(&release("0.133.0", PACKAGE, &digest));
            assert!(said.contains("is no SHA-256"), "{said}");
        }
    }
}
