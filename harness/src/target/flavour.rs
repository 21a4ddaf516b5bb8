//! The files that the image is built from, carried inside the program: an installed one needs no checkout.

use std::io;

use sha2::{Digest, Sha256};
use tar::{Builder, Header};

/// The flavour's name, as its folder under `docker/` has it.
pub(super) const NAME: &str = "openssh-bookworm";

/// The Debian release that it stands on.
pub(super) const SUITE: &str = "bookworm";

struct FlavourFile {
    name: &'static str,
    text: &'static str,
    mode: u32,
}

macro_rules! flavour {
    ($($name:literal $mode:literal),* $(,)?) => {
        [$(FlavourFile {
            name: $name,
            text: include_str!(concat!("../../../docker/openssh-bookworm/", $name)),
            mode: $mode,
        }),*]
    };
}

const FILES: [FlavourFile; 7] = flavour![
    "Dockerfile" 0o644,
    "codex.toml" 0o644,
    "entrypoint" 0o755,
    "install" 0o755,
    "packages" 0o644,
    "rig-accounts" 0o755,
    "sshd_config" 0o644,
];

/// The files as the archive that the engine builds from.
pub(super) fn context() -> io::Result<Vec<u8>> {
    let mut archive = Builder::new(Vec::new());
    for FlavourFile { name, text, mode } in &FILES {
        let mut header = Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(*mode);
        // No time of its own: the engine's build cache would otherwise never know a file again.
        header.set_mtime(0);
        archive.append_data(&mut header, name, text.as_bytes())?;
    }
    archive.into_inner()
}

/// The packages that the image has beside a minimal Debian.
pub(super) fn packages() -> impl Iterator<Item = &'static str> {
    let list = FILES.iter().find(|file| file.name == "packages").map_or("", |file| file.text);
    list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Twelve hexadecimal digits that name the image which these files make on that base.
pub(super) fn tag_on(base: &str) -> String {
    let files = FILES.iter().flat_map(|file| [file.name.as_bytes(), file.text.as_bytes()]);
    digest(files.chain([base.as_bytes()]))
}

/// Twelve hexadecimal digits of SHA-256 over the parts, each with its length so that no two lists look the same.
pub(super) fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_flavours_folder_is_carried() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docker/openssh-bookworm");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, FILES.map(|file| file.name));
    }

    #[test]
    fn the_archive_is_the_same_every_time_and_its_scripts_can_be_run() {
        let bytes = context().unwrap();
        assert_eq!(bytes, context().unwrap());
        let mut archive = tar::Archive::new(&bytes[..]);
        let modes: Vec<(String, u32)> = archive
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.path().unwrap().display().to_string(), entry.header().mode().unwrap()))
            .collect();
        assert!(modes.contains(&("entrypoint".to_owned(), 0o755)));
        assert!(modes.contains(&("sshd_config".to_owned(), 0o644)));
    }

    #[test]
    fn the_tag_changes_with_the_base() {
        assert_eq!(tag_on("sha256:1"), tag_on("sha256:1"));
        assert_ne!(tag_on("sha256:1"), tag_on("sha256:2"));
        assert_eq!(tag_on("sha256:1").len(), 12);
    }

    #[test]
    fn a_digest_tells_where_one_part_ends() {
        assert_ne!(digest([&b"ab"[..], b"c"]), digest([&b"a"[..], b"bc"]));
    }

    #[test]
    fn the_packages_are_names_without_comments() {
        assert!(packages().any(|package| package == "openssh-server"));
        assert!(packages().all(|package| {
            package.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-+.".contains(&byte))
        }));
    }
}
