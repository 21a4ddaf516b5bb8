//! SHA256SUMS, as `sha256sum --check` reads it.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use anyhow::Context as _;
use sha2::{Digest, Sha256};

/// The file with the checksums.
const NAME: &str = "SHA256SUMS";

/// Writes the checksums of all files in the folder.
pub(super) fn write(dist: &Path) -> anyhow::Result<()> {
    let mut text = String::new();
    for (name, _) in files(dist)? {
        let sum = sha256(&dist.join(&name)).with_context(|| format!("cannot read {name}"))?;
        text.push_str(&format!("{sum}  {name}\n"));
    }
    fs::write(dist.join(NAME), text).with_context(|| format!("cannot write {NAME}"))
}

/// The files in the folder and their sizes in bytes, by name, without the checksums.
pub(super) fn files(dist: &Path) -> anyhow::Result<Vec<(String, u64)>> {
    let read = || -> io::Result<Vec<(String, u64)>> {
        let entries = fs::read_dir(dist)?.map(|entry| {
            let entry = entry?;
            Ok((entry.file_name().to_string_lossy().into_owned(), entry.metadata()?.len()))
        });
        entries.collect()
    };
    let mut files = read().with_context(|| format!("cannot read {}", dist.display()))?;
    files.retain(|(name, _)| name != NAME);
    files.sort();
    Ok(files)
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hash)?;
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256sum_accepts_the_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "two").unwrap();
        fs::write(folder.path().join("a"), "one").unwrap();
        write(folder.path()).unwrap();
        let check = || {
            let mut check = std::process::Command::new("sha256sum");
            check.args(["--check", "--strict", NAME]).current_dir(folder.path()).output().unwrap()
        };
        let good = check();
        assert_eq!(String::from_utf8_lossy(&good.stdout), "a: OK\nb: OK\n");
        fs::write(folder.path().join("b"), "changed").unwrap();
        assert!(!check().status.success());
    }
}
