//! `RevokedHostKeys`: host keys that are refused.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::KnownHostsLine;
use crate::message::plain_words;
use crate::ssh::public_key;

/// The first bytes of a key revocation list, as `ssh-keygen -k` writes it.
const KRL: &[u8] = b"SSHKRL\n\0";

/// The content of such a file.
#[derive(Debug, Clone)]
pub(in crate::ssh) enum Revoked {
    /// A text file with one public key a line, each with its line number.
    Keys(PathBuf, Vec<(usize, Vec<u8>)>),
    /// A key revocation list. Only OpenSSH reads this format, which can also name keys by serial number or digest.
    List(PathBuf),
}

/// Why such a file cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::ssh) struct RevokedProblem {
    /// The file, and what is wrong, in words.
    pub(in crate::ssh) reason: String,
    /// Whether OpenSSH is missing, which is needed to read it.
    pub(in crate::ssh) needs_openssh: bool,
}

impl From<String> for RevokedProblem {
    fn from(reason: String) -> Self {
        Self { reason, needs_openssh: false }
    }
}

impl Revoked {
    /// Reads a file. As in OpenSSH, every connection is refused if the file is missing, cannot be read, or has a line that is not a key:
    /// it could be the line of the key in question.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(in crate::ssh) fn read(path: &Path) -> Result<Self, RevokedProblem> {
        let bytes =
            std::fs::read(path).map_err(|error| format!("{}: {}", path.display(), plain_words(&error)))?;
        if bytes.starts_with(KRL) {
            return Ok(Self::List(path.to_owned()));
        }
        let mut keys = Vec::new();
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let line = String::from_utf8_lossy(line);
            let line = line.trim_start_matches([' ', '\t']);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let key =
                key(line).ok_or_else(|| format!("{}:{}: not a public key", path.display(), index + 1))?;
            keys.push((index + 1, key));
        }
        Ok(Self::Keys(path.to_owned(), keys))
    }

    /// Where this key is revoked, if it is.
    ///
    /// # Errors
    /// Why it cannot be found out.
    pub(in crate::ssh) fn place_of(&self, key: &[u8]) -> Result<Option<KnownHostsLine>, RevokedProblem> {
        match self {
            Self::Keys(path, keys) => {
                let found = keys.iter().find(|(_, revoked)| revoked == key);
                Ok(found.map(|(line, _)| KnownHostsLine {
                    file: Some(path.clone()),
                    line: *line,
                    pattern: false,
                }))
            }
            Self::List(path) => {
                let revoked = is_in_list(path, key)?;
                Ok(revoked.then(|| KnownHostsLine { file: Some(path.clone()), line: 0, pattern: false }))
            }
        }
    }
}

fn key(line: &str) -> Option<Vec<u8>> {
    let mut words = line.split_ascii_whitespace();
    public_key::of_line(words.next()?, words.next()?)
}

/// Asks OpenSSH's `ssh-keygen -Q`.
fn is_in_list(list: &Path, key: &[u8]) -> Result<bool, RevokedProblem> {
    let shown = list.display();
    let kind = public_key::kind(key).ok_or_else(|| "the server showed no key".to_owned())?;
    let written = tempfile::NamedTempFile::new().and_then(|mut file| {
        writeln!(file, "{kind} {}", STANDARD.encode(key))?;
        Ok(file)
    });
    let file = written
        .map_err(|error| format!("{shown}: no temporary file could be written: {}", plain_words(&error)))?;
    let asked = Command::new("ssh-keygen")
        .args(["-Q", "-f"])
        .arg(list)
        .arg(file.path())
        .stdin(Stdio::null())
        .output();
    let output = asked.map_err(|error| RevokedProblem {
        reason: format!(
            "{shown} is a key revocation list, and `ssh-keygen` cannot be run: {}",
            plain_words(&error)
        ),
        needs_openssh: error.kind() == ErrorKind::NotFound,
    })?;
    let said = String::from_utf8_lossy(&output.stdout);
    match said.trim_end().rsplit_once(": ") {
        Some((_, "ok")) if output.status.success() => Ok(false),
        Some((_, "REVOKED")) => Ok(true),
        _ => {
            Err(format!("{shown}: ssh-keygen says: {}", String::from_utf8_lossy(&output.stderr).trim())
                .into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFIXNP0KjIDgm7JvaRMCBAa9BUR1yl9pLtE/eaxkf7oZ";
    const OTHER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBIXNP0KjIDgm7JvaRMCBAa9BUR1yl9pLtE/eaxkf7oZ";

    fn read(text: &str) -> Result<Revoked, RevokedProblem> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Revoked::read(file.path())
    }

    #[test]
    fn the_keys_of_a_text_file_are_revoked() {
        let revoked = read(&format!("# gone\n\n  {KEY} a comment\r\n")).unwrap();
        let place = revoked.place_of(&key(KEY).unwrap()).unwrap().unwrap();
        assert_eq!(place.line, 3);
        assert_eq!(revoked.place_of(&key(OTHER).unwrap()), Ok(None));
        assert_eq!(read("").unwrap().place_of(&key(KEY).unwrap()), Ok(None));
    }

    #[test]
    fn what_cannot_be_checked_is_an_error() {
        for text in
            ["box\n", "ssh-rsa AAAA\n", &format!("{KEY}\n@revoked {OTHER}\n"), "ssh-ed25519\n", "\r\n"]
        {
            assert!(read(text).unwrap_err().reason.contains("not a public key"), "{text}");
        }
        assert!(
            Revoked::read(Path::new("/nowhere/revoked")).unwrap_err().reason.contains("/nowhere/revoked")
        );
        let folder = tempfile::tempdir().unwrap();
        assert!(Revoked::read(folder.path()).is_err());
        let broken = folder.path().join("krl");
        std::fs::write(&broken, b"SSHKRL\n\0and nothing else").unwrap();
        let RevokedProblem { reason, .. } =
            Revoked::read(&broken).unwrap().place_of(&key(KEY).unwrap()).unwrap_err();
        assert!(reason.contains("krl") && reason.contains("ssh-keygen says"), "{reason}");
    }

    #[test]
    fn a_key_revocation_list_is_read_by_openssh() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("key.pub"), KEY).unwrap();
        let made =
            Command::new("ssh-keygen").args(["-q", "-k", "-f"]).arg(at("krl")).arg(at("key.pub")).output();
        assert!(made.unwrap().status.success());
        let list = Revoked::read(&at("krl")).unwrap();
        assert!(matches!(list, Revoked::List(_)));
        assert!(list.place_of(&key(KEY).unwrap()).unwrap().is_some());
        assert_eq!(list.place_of(&key(OTHER).unwrap()), Ok(None));
    }
}
