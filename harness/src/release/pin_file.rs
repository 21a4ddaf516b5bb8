//! Adding to the file of pins, which keeps its comments and its order.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use semver::Version;
use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, value};

use super::{Index, Pin, Pins, Platform, ReleaseProblem, Tool};

/// A release that the index has and the pins lack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The tool.
    pub tool: Tool,
    /// The release, as the package counts.
    pub package_version: Version,
    /// What it is to run on.
    pub platform: Platform,
}

/// The file of pins, open for more.
#[derive(Debug)]
pub struct PinFile {
    path: PathBuf,
    document: DocumentMut,
    pins: Pins,
}

const RELEASES: &str = "release";

impl PinFile {
    /// Reads it.
    ///
    /// # Errors
    /// [`ReleaseProblem::UnreadablePins`] with the line that is at fault.
    pub fn open(path: &Path) -> Result<Self, ReleaseProblem> {
        let text = fs::read_to_string(path).map_err(ReleaseProblem::io("cannot read", path))?;
        let pins = Pins::parse(path, &text)?;
        let document = text.parse().map_err(|error: toml_edit::TomlError| {
            ReleaseProblem::UnreadablePins { path: path.to_owned(), line: 1, message: error.to_string() }
        })?;
        Ok(Self { path: path.to_owned(), document, pins })
    }

    /// What it holds.
    pub fn pins(&self) -> &Pins {
        &self.pins
    }

    /// What the index has and this lacks: every release of Codex, and the newest of Claude Code, on every platform.
    ///
    /// # Errors
    /// [`ReleaseProblem::IndexUnreachable`].
    pub fn missing(&self, index: &Index) -> Result<Vec<Missing>, ReleaseProblem> {
        let mut missing = Vec::new();
        for tool in Tool::ALL {
            let mut versions = index.versions(tool)?;
            if tool == Tool::Claude {
                versions.drain(..versions.len().saturating_sub(1));
            }
            for package_version in versions {
                missing.extend(
                    Platform::ALL
                        .into_iter()
                        .map(|platform| Missing { tool, package_version: package_version.clone(), platform })
                        .filter(|missing| !self.holds(missing)),
                );
            }
        }
        Ok(missing)
    }

    /// Adds a pin in its place, and writes the file; what another process wrote meanwhile is lost.
    ///
    /// # Errors
    /// [`ReleaseProblem`] where it cannot be written; it is then as it was.
    pub fn add(&mut self, pin: &Pin) -> Result<(), ReleaseProblem> {
        let order = |pin: &Pin| (pin.tool, pin.version.clone(), pin.platform);
        let at = self.pins.all().iter().position(|other| order(other) > order(pin));
        let tables = self.document.entry(RELEASES).or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        // Reading has shown that it is an array of tables, or is not there.
        if let Some(tables) = tables.as_array_of_tables_mut() {
            insert(tables, at.unwrap_or(tables.len()), table(pin));
        }
        self.write()
    }

    fn write(&mut self) -> Result<(), ReleaseProblem> {
        let text = self.document.to_string();
        self.pins = Pins::parse(&self.path, &text)?;
        let folder = self.path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.as_file().set_permissions(fs::metadata(&self.path)?.permissions())?;
            file.as_file().sync_all()?;
            file.persist(&self.path).map_err(std::io::Error::from)
        });
        written.map(drop).map_err(ReleaseProblem::writing(&self.path, text.len() as u64))
    }

    fn holds(&self, missing: &Missing) -> bool {
        self.pins.all().iter().any(|pin| {
            pin.tool == missing.tool
                && pin.platform == missing.platform
                && pin.package_version() == Some(missing.package_version.to_string().as_str())
        })
    }
}

fn insert(tables: &mut ArrayOfTables, at: usize, mut table: Table) {
    // What stands at the head of the file belongs to whichever table comes first.
    if at == 0
        && let Some(first) = tables.get_mut(0)
    {
        std::mem::swap(first.decor_mut(), table.decor_mut());
    }
    tables.insert(at, table);
}

fn table(pin: &Pin) -> Table {
    let mut program = InlineTable::new();
    program.insert("size", number(pin.program.size));
    program.insert("sha256", pin.program.sha256.as_str().into());
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    table.insert("tool", value(pin.tool.name()));
    table.insert("version", value(pin.version.to_string()));
    table.insert("package", value(pin.package.as_str()));
    table.insert("platform", value(pin.platform.name()));
    table.insert("file", value(pin.file.as_str()));
    table.insert("size", Item::Value(number(pin.size)));
    table.insert("sha256", value(pin.sha256.as_str()));
    table.insert("program", value(program));
    table
}

fn number(size: u64) -> toml_edit::Value {
    i64::try_from(size).unwrap_or(i64::MAX).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::Digested;

    fn pin(version: &str, platform: Platform) -> Pin {
        Pin {
            tool: Tool::Codex,
            version: version.parse().unwrap(),
            package: format!("openai-codex-cli-bin=={version}"),
            platform,
            file: format!("codex-{version}.whl"),
            size: 10,
            sha256: "a".repeat(64),
            program: Digested { size: 20, sha256: "b".repeat(64) },
        }
    }

    fn file(text: &str) -> (tempfile::TempDir, PinFile) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pins.toml");
        fs::write(&path, text).unwrap();
        let opened = PinFile::open(&path).unwrap();
        (folder, opened)
    }

    #[test]
    fn each_goes_to_its_place_and_comments_stay_in_theirs() {
        let (folder, mut file) = file("# What this is.\n");
        file.add(&pin("0.144.4", Platform::X86_64Linux)).unwrap();
        let path = folder.path().join("pins.toml");
        let commented = fs::read_to_string(&path).unwrap().replace("size = 10\n", "size = 10 # small\n");
        fs::write(&path, format!("{}\n{commented}", "# The head.")).unwrap();
        let mut file = PinFile::open(&path).unwrap();
        for (version, platform) in [
            ("0.163.0", Platform::X86_64Linux),
            ("0.133.0", Platform::X86_64Linux),
            ("0.144.4", Platform::Aarch64Linux),
        ] {
            file.add(&pin(version, platform)).unwrap();
        }
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# The head."), "{text}");
        assert_eq!(text.matches("# small").count(), 1, "{text}");
        let order: Vec<String> = Pins::read(&path)
            .unwrap()
            .all()
            .iter()
            .map(|pin| format!("{} {}", pin.version, pin.platform))
            .collect();
        assert_eq!(
            order,
            ["0.133.0 x86_64-linux", "0.144.4 x86_64-linux", "0.144.4 aarch64-linux", "0.163.0 x86_64-linux"],
            "{text}"
        );
    }

    #[test]
    fn what_is_added_is_read_back_as_it_was() {
        let (folder, mut file) = file("");
        let added = pin("0.163.0", Platform::Aarch64Linux);
        file.add(&added).unwrap();
        assert_eq!(file.pins().all(), std::slice::from_ref(&added));
        assert_eq!(Pins::read(&folder.path().join("pins.toml")).unwrap().all(), [added]);
    }

    #[test]
    fn the_file_that_comes_with_the_project_is_written_back_unchanged() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/codex-releases.toml");
        let text = fs::read_to_string(&path).unwrap();
        let file = PinFile::open(&path).unwrap();
        assert_eq!(file.document.to_string(), text);
        for platform in Platform::ALL {
            assert_eq!(file.pins().versions_for(Tool::Claude, platform).len(), 1);
            assert!(file.pins().versions_for(Tool::Codex, platform).len() >= 24);
        }
    }
}
