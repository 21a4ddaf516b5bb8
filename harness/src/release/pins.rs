//! The file of pins: which releases are known, and the digests that they must have.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use semver::Version;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::Spanned;

use super::problem::nearest;
use super::{Pip, Platform, ReleaseProblem, Tool};

/// The size and SHA-256 of a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileDigest {
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
}

impl FileDigest {
    /// Reads the whole file.
    ///
    /// # Errors
    /// What the system says.
    pub fn of(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let (mut hash, mut size, mut chunk) = (Sha256::new(), 0, vec![0; 1 << 18]);
        loop {
            let read = file.read(&mut chunk)?;
            if read == 0 {
                break;
            }
            hash.update(&chunk[..read]);
            size += read as u64;
        }
        let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { size, sha256 })
    }
}

impl fmt::Display for FileDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes, SHA-256 {}", self.size, self.sha256)
    }
}

/// One release for one platform.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The tool.
    pub tool: Tool,
    /// The version of the program.
    pub version: Version,
    /// What pip is asked for: `name==version`, with the version of the package.
    pub package: String,
    /// The platform that it runs on.
    pub platform: Platform,
    /// The wheel's SHA-256.
    pub sha256: String,
    /// The program in the wheel.
    pub program: FileDigest,
}

impl Pin {
    /// The version of the package.
    fn package_version(&self) -> Option<Version> {
        self.package.strip_prefix(self.tool.package())?.strip_prefix("==")?.parse().ok()
    }

    /// What is wrong with it, if anything. pip gets only texts that have passed this check.
    fn fault(&self) -> Option<String> {
        if self.package_version().is_none() {
            let package = self.tool.package();
            return Some(format!("the package is `{}`; it must be {package}==X.Y.Z", self.package));
        }
        let hexadecimal = |digest: &&String| {
            digest.len() == 64 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        [&self.sha256, &self.program.sha256]
            .into_iter()
            .find(|digest| !hexadecimal(digest))
            .map(|digest| format!("`{digest}` is not a SHA-256 in lower-case hexadecimal"))
    }

    fn order(&self) -> (Tool, &Version, Platform) {
        (self.tool, &self.version, self.platform)
    }

    fn as_toml(&self) -> String {
        let Self { tool, version, package, platform, sha256, program } = self;
        format!(
            "\n[[release]]\ntool = \"{tool}\"\nversion = \"{version}\"\npackage = \"{package}\"\n\
             platform = \"{platform}\"\nsha256 = \"{sha256}\"\n\
             program = {{ size = {}, sha256 = \"{}\" }}\n",
            program.size, program.sha256
        )
    }
}

/// A release that the index has and the pins do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The tool.
    pub tool: Tool,
    /// The version of the package.
    pub package_version: Version,
    /// The platform that it runs on.
    pub platform: Platform,
}

/// All pins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pins {
    path: PathBuf,
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
    /// [`ReleaseProblem::UnreadablePins`] with the line that is wrong.
    pub fn read(path: &Path) -> Result<Self, ReleaseProblem> {
        let text = fs::read_to_string(path).map_err(ReleaseProblem::io("cannot read", path))?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, ReleaseProblem> {
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
            if pins.iter().any(|other| other.order() == pin.order()) {
                let Pin { tool, version, platform, .. } = &pin;
                return Err(at(offset, format!("{tool} {version} for {platform} is pinned twice")));
            }
            pins.push(pin);
        }
        pins.sort_by(|one, other| one.order().cmp(&other.order()));
        Ok(Self { path: path.to_owned(), pins })
    }

    /// All of them, by tool, version and platform.
    pub fn all(&self) -> &[Pin] {
        &self.pins
    }

    /// The releases of a tool for this machine's containers, in ascending order.
    pub fn versions(&self, tool: Tool) -> Vec<Version> {
        let here = Platform::of_containers().ok();
        let of_tool = self.pins.iter().filter(|pin| pin.tool == tool && Some(pin.platform) == here);
        of_tool.map(|pin| pin.version.clone()).collect()
    }

    /// A release's pin for this machine's containers.
    pub fn pin(&self, tool: Tool, version: &Version) -> Option<&Pin> {
        let platform = Platform::of_containers().ok()?;
        self.pins.iter().find(|pin| pin.order() == (tool, version, platform))
    }

    /// Refuses a release that is not pinned, unless it is one of Codex and `unpinned` allows it.
    ///
    /// # Errors
    /// [`ReleaseProblem::NotPinned`] with the pinned releases around it.
    pub fn check(&self, tool: Tool, version: &Version, unpinned: bool) -> Result<(), ReleaseProblem> {
        // Claude Code's package has version numbers of its own. Without a pin, nothing says which one contains this release.
        if self.pin(tool, version).is_some() || (unpinned && tool == Tool::Codex) {
            return Ok(());
        }
        let nearest = nearest(&self.versions(tool), version);
        Err(ReleaseProblem::NotPinned { tool, version: version.clone(), nearest })
    }

    /// What the index has and this lacks: every release of Codex and the newest of Claude Code, on every platform.
    ///
    /// # Errors
    /// [`ReleaseProblem`] if the index does not say what it has for this machine's containers.
    pub fn missing(&self, pip: &Pip, say: &dyn Fn(&str)) -> Result<Vec<Missing>, ReleaseProblem> {
        let here = Platform::of_containers()?;
        let mut missing = Vec::new();
        for tool in Tool::ALL {
            for platform in Platform::ALL {
                let mut versions = match pip.versions(tool, platform) {
                    Ok(versions) => versions,
                    Err(problem) if platform == here => return Err(problem),
                    // An index need not have releases for every platform, and pip calls that an error.
                    Err(problem) => {
                        say(&format!("nothing is pinned for {platform}: {problem}"));
                        continue;
                    }
                };
                if tool == Tool::Claude {
                    versions.drain(..versions.len().saturating_sub(1));
                }
                let missed =
                    versions.into_iter().map(|version| Missing { tool, package_version: version, platform });
                missing.extend(missed.filter(|missed| !self.has(missed)));
            }
        }
        Ok(missing)
    }

    fn has(&self, missing: &Missing) -> bool {
        self.pins.iter().any(|pin| {
            (pin.tool, pin.platform) == (missing.tool, missing.platform)
                && pin.package_version().as_ref() == Some(&missing.package_version)
        })
    }

    /// Appends a pin to the file.
    ///
    /// # Errors
    /// [`ReleaseProblem::Io`] if the file cannot be written.
    pub fn add(&mut self, pin: Pin) -> Result<(), ReleaseProblem> {
        let appended = File::options()
            .append(true)
            .open(&self.path)
            .and_then(|mut file| file.write_all(pin.as_toml().as_bytes()));
        appended.map_err(ReleaseProblem::io("cannot append to", &self.path))?;
        self.pins.push(pin);
        self.pins.sort_by(|one, other| one.order().cmp(&other.order()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(version: &str, package: &str, digest: &str) -> String {
        format!(
            "[[release]]\ntool = \"codex\"\nversion = \"{version}\"\npackage = \"{package}\"\n\
             platform = \"x86_64-linux\"\nsha256 = \"{digest}\"\nprogram = {{ size = 2, sha256 = \"{digest}\" }}\n"
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
    fn pins_are_sorted_by_version_number() {
        let text: String = ["0.133.0", "0.9.0", "0.144.4"]
            .map(|version| release(version, &format!("openai-codex-cli-bin=={version}"), &"a".repeat(64)))
            .concat();
        let pins = parse(&text).unwrap();
        let versions: Vec<String> = pins.all().iter().map(|pin| pin.version.to_string()).collect();
        assert_eq!(versions, ["0.9.0", "0.133.0", "0.144.4"]);
    }

    #[test]
    fn a_fault_is_reported_with_its_line() {
        let good = release("0.133.0", PACKAGE, &"a".repeat(64));
        let said = refused(&format!("# first\n\n{good}\n{good}"));
        assert!(said.starts_with("pins.toml:11: codex 0.133.0 for x86_64-linux is pinned twice"), "{said}");
        let said = refused(&good.replace("size = 2,", "size = \"two\","));
        assert!(said.starts_with("pins.toml:7: "), "{said}");
        let said = refused(&good.replace("tool =", "tol ="));
        assert!(said.starts_with("pins.toml:2: ") && said.contains("tol"), "{said}");
    }

    #[test]
    fn pip_is_asked_only_for_the_tools_own_package() {
        for package in ["other==0.133.0", "--index-url=x", "openai-codex-cli-bin==0.133.0 --pre"] {
            let said = refused(&release("0.133.0", package, &"a".repeat(64)));
            assert!(said.contains("it must be openai-codex-cli-bin==X.Y.Z"), "{said}");
        }
    }

    #[test]
    fn a_digest_is_64_lower_case_digits() {
        for digest in ["a".repeat(63), "A".repeat(64), "g".repeat(64)] {
            let said = refused(&release("0.133.0", PACKAGE, &digest));
            assert!(said.contains("is not a SHA-256"), "{said}");
        }
    }

    #[test]
    fn an_added_pin_is_read_back_and_the_rest_of_the_file_is_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pins.toml");
        let before = format!(
            "# The head.\n\n{}",
            release("0.144.4", "openai-codex-cli-bin==0.144.4", &"a".repeat(64))
        );
        fs::write(&path, &before).unwrap();
        let mut pins = Pins::read(&path).unwrap();
        let added = Pin {
            version: Version::new(0, 133, 0),
            package: PACKAGE.to_owned(),
            platform: Platform::Aarch64Linux,
            ..pins.all()[0].clone()
        };
        pins.add(added.clone()).unwrap();
        assert_eq!(pins.all()[0], added);
        assert_eq!(Pins::read(&path).unwrap(), pins);
        assert!(fs::read_to_string(&path).unwrap().starts_with(&before));
    }

    #[test]
    fn the_projects_own_file_pins_every_release_for_every_platform() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/codex-releases.toml");
        let pins = Pins::read(&path).unwrap();
        for platform in Platform::ALL {
            let count =
                |tool| pins.all().iter().filter(|pin| pin.tool == tool && pin.platform == platform).count();
            assert!(count(Tool::Claude) >= 1);
            assert!(count(Tool::Codex) >= 24);
        }
    }

    #[test]
    fn a_files_digest_is_its_size_and_sha256() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        fs::write(&path, "abc").unwrap();
        let digest = FileDigest::of(&path).unwrap();
        assert_eq!(digest.size, 3);
        assert_eq!(digest.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
