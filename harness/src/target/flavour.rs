//! The files that the image is built from, carried inside the program: an installed one needs no checkout.

use std::fmt;
use std::io;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use tar::{Builder, Header};

/// A server that people have. Each has a folder under `docker/`, whose name is the flavour's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flavour {
    /// OpenSSH 8.4 of Debian 11.
    OpensshBullseye,
    /// OpenSSH 9.2 of Debian 12. Everything runs on it unless another is named.
    #[default]
    OpensshBookworm,
    /// OpenSSH 10.0 of Debian 13.
    OpensshTrixie,
    /// Dropbear of Debian 12, with GNU's tools.
    Dropbear,
    /// OpenSSH of Debian 12, with busybox in place of GNU's tools.
    Busybox,
}

struct FlavourFile {
    name: &'static str,
    text: &'static str,
    mode: u32,
}

macro_rules! files {
    // What every flavour has, and what only this one has.
    ($folder:literal $(, $more:literal $mode:literal)*) => {
        files![$folder: "Dockerfile" 0o644, "codex.toml" 0o644, "entrypoint" 0o755, "install" 0o755, "packages" 0o644,
            "rig-accounts" 0o755, "serve" 0o755, "sshd_config" 0o644 $(, $more $mode)*]
    };
    ($folder:literal: $($name:literal $mode:literal),*) => {
        &[$(FlavourFile {
            name: $name,
            text: include_str!(concat!("../../../docker/", $folder, "/", $name)),
            mode: $mode,
        }),*]
    };
}

const BULLSEYE: &[FlavourFile] = files!("openssh-bullseye", "install-more" 0o755);
const BOOKWORM: &[FlavourFile] = files!("openssh-bookworm");
const TRIXIE: &[FlavourFile] = files!("openssh-trixie");
const DROPBEAR: &[FlavourFile] =
    files!("dropbear", "install-more" 0o755, "login-shell" 0o755, "passwd.sed" 0o644);
const BUSYBOX: &[FlavourFile] = files!("busybox", "install-more" 0o755);

impl Flavour {
    /// All of them: those of OpenSSH from the oldest on, then the others.
    pub const ALL: [Self; 5] =
        [Self::OpensshBullseye, Self::OpensshBookworm, Self::OpensshTrixie, Self::Dropbear, Self::Busybox];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpensshBullseye => "openssh-bullseye",
            Self::OpensshBookworm => "openssh-bookworm",
            Self::OpensshTrixie => "openssh-trixie",
            Self::Dropbear => "dropbear",
            Self::Busybox => "busybox",
        }
    }

    /// The server, in words.
    pub const fn server(self) -> &'static str {
        match self {
            Self::OpensshBullseye => "OpenSSH 8.4 of Debian 11",
            Self::OpensshBookworm => "OpenSSH 9.2 of Debian 12",
            Self::OpensshTrixie => "OpenSSH 10.0 of Debian 13",
            Self::Dropbear => "Dropbear 2022.83 of Debian 12, with GNU's tools",
            Self::Busybox => "OpenSSH 9.2 of Debian 12, with the tools of busybox 1.35",
        }
    }

    /// What differs on it from the usual server, other than what lessons expect there.
    pub const fn differences(self) -> &'static [&'static str] {
        match self {
            Self::OpensshBullseye | Self::OpensshBookworm | Self::OpensshTrixie => &[],
            Self::Dropbear => &[
                "It closes every connection beyond five from one address that have not logged in yet, without a word. \
                 So the harness runs at most two checks in parallel on it, unless `--jobs` says otherwise.",
                "It has no setting for the PATH of an account, only the PATH that it was built with.",
                "It closes a channel without an answer if it was opened at the moment at which an earlier command of the same \
                 connection ended. So each deploy of the harness has a connection of its own, as those of people have.",
            ],
            Self::Busybox => &[
                "If `timeout` stops a program, it ends with the exit status of that program (255 for `ssh`), and not \
                 with 124. smoke-7 expects that.",
                "Its shell runs busybox's own tools before those of the PATH.",
            ],
        }
    }

    /// The Debian release that it stands on.
    pub(super) const fn suite(self) -> &'static str {
        match self {
            Self::OpensshBullseye => "bullseye",
            Self::OpensshBookworm | Self::Dropbear | Self::Busybox => "bookworm",
            Self::OpensshTrixie => "trixie",
        }
    }

    /// How many checks can run in parallel at most. Dropbear closes every connection beyond five from one address that have not logged
    /// in yet, without a word. On a busy machine it learns late that one has.
    pub const fn most_jobs(self) -> usize {
        match self {
            Self::Dropbear => 2,
            _ => usize::MAX,
        }
    }

    /// Whether every channel of a connection is answered. Dropbear 2022.83 closes one without an answer to its request if it was opened
    /// at the moment at which the command of an earlier one ended.
    pub const fn answers_each_channel(self) -> bool {
        !matches!(self, Self::Dropbear)
    }

    /// The exit status of its `timeout`, if that stops `ssh`. GNU's is 124. Busybox's ends with the status of the program.
    pub const fn stopped_by_timeout(self) -> i32 {
        match self {
            Self::Busybox => 255,
            _ => 124,
        }
    }

    const fn files(self) -> &'static [FlavourFile] {
        match self {
            Self::OpensshBullseye => BULLSEYE,
            Self::OpensshBookworm => BOOKWORM,
            Self::OpensshTrixie => TRIXIE,
            Self::Dropbear => DROPBEAR,
            Self::Busybox => BUSYBOX,
        }
    }
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Flavour {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|flavour| flavour.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("there is no flavour `{name}`; there are {names}")
        })
    }
}

impl Flavour {
    /// The files as the archive that the engine builds from.
    pub(super) fn context(self) -> io::Result<Vec<u8>> {
        let mut archive = Builder::new(Vec::new());
        for FlavourFile { name, text, mode } in self.files() {
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
    pub(super) fn packages(self) -> impl Iterator<Item = &'static str> {
        let list = self.files().iter().find(|file| file.name == "packages").map_or("", |file| file.text);
        list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
    }

    /// Twelve hexadecimal digits that name the image which these files make on that base.
    pub(super) fn tag_on(self, base: &str) -> String {
        let files = self.files().iter().flat_map(|file| [file.name.as_bytes(), file.text.as_bytes()]);
        digest(files.chain([base.as_bytes()]))
    }
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
    fn every_file_of_every_folder_is_carried() {
        let docker = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker");
        let names = |folder: &std::path::Path| {
            let entries = std::fs::read_dir(folder).unwrap();
            let mut names: Vec<String> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        let mut flavours = Flavour::ALL.map(Flavour::name);
        flavours.sort_unstable();
        assert_eq!(names(&docker), flavours);
        for flavour in Flavour::ALL {
            let mut carried: Vec<&str> = flavour.files().iter().map(|file| file.name).collect();
            carried.sort_unstable();
            assert_eq!(names(&docker.join(flavour.name())), carried, "{flavour}");
        }
    }

    #[test]
    fn a_flavour_is_found_by_its_name_and_an_unknown_one_leads_to_the_names() {
        for flavour in Flavour::ALL {
            assert_eq!(flavour.name().parse(), Ok(flavour));
        }
        let said = "bookworm".parse::<Flavour>().unwrap_err();
        assert!(
            said.contains("`bookworm`")
                && said.contains("openssh-bookworm, openssh-trixie, dropbear, busybox"),
            "{said}"
        );
    }

    #[test]
    fn the_archive_is_the_same_every_time_and_its_scripts_can_be_run() {
        let bytes = Flavour::default().context().unwrap();
        assert_eq!(bytes, Flavour::default().context().unwrap());
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
        assert_eq!(Flavour::default().tag_on("sha256:1"), Flavour::default().tag_on("sha256:1"));
        assert_ne!(Flavour::default().tag_on("sha256:1"), Flavour::default().tag_on("sha256:2"));
        assert_eq!(Flavour::default().tag_on("sha256:1").len(), 12);
    }

    #[test]
    fn a_digest_tells_where_one_part_ends() {
        assert_ne!(digest([&b"ab"[..], b"c"]), digest([&b"a"[..], b"bc"]));
    }

    #[test]
    fn the_packages_are_names_without_comments() {
        assert!(Flavour::default().packages().any(|package| package == "openssh-server"));
        assert!(Flavour::default().packages().all(|package| {
            package.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-+.".contains(&byte))
        }));
    }
}
