//! The tar.gz: the program and what belongs to it, in one folder, for any Linux.

use std::fs::{self, File};
use std::path::Path;

use anyhow::Context as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, Header};

use super::{Build, NAME};

/// Writes the archive into the folder of what people install.
pub(super) fn write(build: &Build) -> anyhow::Result<()> {
    let folder = format!("{NAME}-{}-{}-linux", build.release.version, std::env::consts::ARCH);
    let path = build.dist.join(format!("{folder}.tar.gz"));
    let archive = || -> std::io::Result<()> {
        let mut archive = Builder::new(GzEncoder::new(File::create(&path)?, Compression::best()));
        let mut add = |name: &str, file: &Path, mode| {
            let content = fs::read(file)?;
            let mut header = Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(mode);
            header.set_mtime(build.release.seconds.unsigned_abs());
            archive.append_data(&mut header, format!("{folder}/{name}"), &content[..])
        };
        add(NAME, &build.program(), 0o755)?;
        for name in files(&build.share())? {
            // Only Debian reads these.
            if !name.starts_with("debian/") {
                add(&name, &build.share().join(&name), 0o644)?;
            }
        }
        archive.into_inner()?.finish()?.sync_all()
    };
    archive().with_context(|| format!("cannot write {}", path.display()))
}

/// The files below a folder, by their paths from there, in an order that does not change.
fn files(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            files.extend(self::files(&entry.path())?.into_iter().map(|inner| format!("{name}/{inner}")));
        } else {
            files.push(name);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_listed_in_the_same_order_every_time() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("man")).unwrap();
        for name in ["z", "man/b.1", "a", "man/a.1"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(files(folder.path()).unwrap(), ["a", "man/a.1", "man/b.1", "z"]);
    }
}
