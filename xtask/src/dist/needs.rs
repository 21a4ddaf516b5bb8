//! What a program needs from the system that it runs on: shared libraries, and the version of glibc.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use object::Endianness;
use object::elf::{DT_NEEDED, FileHeader64};
use object::read::elf::{Dyn as _, FileHeader as _};

/// The newest glibc that the program may need. Debian 11 has 2.31; the wheel and the .deb promise this one.
const NEWEST: Glibc = Glibc { major: 2, minor: 28 };

/// The libraries that glibc consists of. Anything else may be missing where people install the program.
const GLIBC: &[&str] = &[
    "libc.so.6",
    "libm.so.6",
    "libdl.so.2",
    "libpthread.so.0",
    "librt.so.1",
    "libutil.so.1",
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
];

/// A version of glibc.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Glibc {
    major: u32,
    minor: u32,
}

impl Glibc {
    /// Reads the name of a symbol version, such as `GLIBC_2.17` or `GLIBC_2.2.5`.
    fn of_symbol_version(name: &str) -> Option<Self> {
        let mut numbers = name.strip_prefix("GLIBC_")?.split('.').map(str::parse);
        Some(Self { major: numbers.next()?.ok()?, minor: numbers.next()?.ok()? })
    }
}

impl fmt::Display for Glibc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The oldest glibc that runs the program.
///
/// # Errors
/// If the program needs a newer one than we promise, or a library that is not part of glibc.
pub(super) fn checked(program: &Path) -> anyhow::Result<Glibc> {
    let data = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    let needs = Needs::of(&data).with_context(|| format!("{} is not a Linux program", program.display()))?;
    needs.check()
}

#[derive(Debug, PartialEq, Eq)]
struct Needs {
    libraries: Vec<String>,
    versions: Vec<String>,
}

impl Needs {
    fn of(data: &[u8]) -> object::Result<Self> {
        let (mut libraries, mut versions) = (Vec::new(), Vec::new());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let elf = FileHeader64::<Endianness>::parse(data)?;
        let endian = elf.endian()?;
        let sections = elf.sections(endian, data)?;
        if let Some((entries, link)) = sections.dynamic(endian, data)? {
            let strings = sections.strings(endian, data, link)?;
            for entry in entries.iter().filter(|entry| entry.tag(endian) == DT_NEEDED) {
                libraries.push(text(entry.string(endian, strings)?));
            }
        }
        if let Some((mut needed, link)) = sections.gnu_verneed(endian, data)? {
            let strings = sections.strings(endian, data, link)?;
            while let Some((_, mut names)) = needed.next()? {
                while let Some(name) = names.next()? {
                    versions.push(text(name.name(endian, strings)?));
                }
            }
        }
        Ok(Self { libraries, versions })
    }

    fn check(&self) -> anyhow::Result<Glibc> {
        let foreign = self.libraries.iter().find(|library| !GLIBC.contains(&library.as_str()));
        if let Some(library) = foreign {
            anyhow::bail!(
                "the program needs {library}, which is not on every system: it must be linked statically"
            );
        }
        let newest = self.versions.iter().filter_map(|name| Glibc::of_symbol_version(name)).max();
        let newest = newest.context("the program names no version of glibc")?;
        anyhow::ensure!(newest <= NEWEST, "the program needs glibc {newest}, and may need at most {NEWEST}");
        Ok(newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(libraries: &[&str], versions: &[&str]) -> Result<String, String> {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let needs = Needs { libraries: own(libraries), versions: own(versions) };
        needs.check().map(|glibc| glibc.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_newest_of_all_versions_counts_and_not_the_last_in_the_alphabet() {
        let versions = ["GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.9", "GLIBC_ABI_DT_RELR"];
        assert_eq!(check(&["libc.so.6"], &versions), Ok("2.17".to_owned()));
    }

    #[test]
    fn a_newer_glibc_and_another_library_are_refused() {
        let said = check(&["libc.so.6"], &["GLIBC_2.34"]).unwrap_err();
        assert!(said.contains("needs glibc 2.34"), "{said}");
        let said = check(&["libc.so.6", "libssl.so.3"], &["GLIBC_2.17"]).unwrap_err();
        assert!(said.contains("needs libssl.so.3"), "{said}");
        assert!(check(&[], &[]).is_err());
    }

    /// This test program is linked against this machine's glibc.
    #[test]
    fn a_real_program_is_read() {
        let needs = Needs::of(&fs::read(std::env::current_exe().unwrap()).unwrap()).unwrap();
        assert!(needs.libraries.iter().any(|library| library == "libc.so.6"), "{needs:?}");
        assert!(needs.versions.iter().any(|name| Glibc::of_symbol_version(name).is_some()), "{needs:?}");
    }

    #[test]
    fn the_deb_promises_the_same_version() {
        let manifest =
            fs::read_to_string(crate::workspace::root().join("codex-remote-auth/Cargo.toml")).unwrap();
        assert!(manifest.contains(&format!("depends = \"libc6 (>= {NEWEST})\"")), "{NEWEST}");
    }
}
