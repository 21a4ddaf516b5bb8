//! Known hosts, and the check of a server's key against them. `tests/connect/known_hosts_as_ssh.rs` compares it with `ssh` itself.

mod append;
mod entry;
mod pattern;
mod revoked;

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub(super) use append::append;
use entry::{Entry, Marker};
use pattern::Hosts;
pub(super) use revoked::{Revoked, RevokedProblem};

use super::SshProblem;
use crate::message::plain_words;

/// Known hosts in the format of OpenSSH.
///
/// libssh2 has such a store too, but without patterns and line numbers.
#[derive(Debug, Clone, Default)]
pub struct HostKeys {
    entries: Vec<(KnownHostsLine, Entry)>,
}

/// A line of a known_hosts file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownHostsLine {
    /// The file; `None` for a text without a file.
    pub file: Option<PathBuf>,
    /// The line, from 1; 0 for a file without lines.
    pub line: usize,
    /// Whether it has a pattern, which `ssh-keygen -R` does not find.
    pub pattern: bool,
}

impl std::fmt::Display for KnownHostsLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.file {
            Some(file) if self.line == 0 => write!(f, "{}", file.display()),
            Some(file) => write!(f, "{}:{}", file.display(), self.line),
            None => write!(f, "line {} of the known hosts", self.line),
        }
    }
}

/// What the known hosts say about a server's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyCheck {
    /// It is the key of this server.
    Known,
    /// No entry names the server.
    Unknown {
        /// Whether a certificate authority is known for it. libssh2 does not check certificates of servers.
        authority: bool,
    },
    /// The entries for this server have other keys.
    Changed {
        /// Those entries.
        at: Vec<KnownHostsLine>,
    },
    /// An entry marks this key as revoked.
    Revoked {
        /// That entry.
        at: KnownHostsLine,
    },
}

impl HostKeys {
    /// Known hosts from a text in the format of known_hosts. Other lines are ignored.
    pub fn from_text(text: &str) -> Self {
        let mut keys = Self::default();
        keys.add(text, None, None);
        keys
    }

    /// Known hosts from a file.
    ///
    /// # Errors
    /// [`SshProblem::KnownHosts`] if the file cannot be read.
    pub fn from_file(path: &Path) -> Result<Self, SshProblem> {
        let mut keys = Self::default();
        keys.add_file(path, None).map_err(|error| unreadable(path, &error))?;
        Ok(keys)
    }

    /// What several files say about one server. Files may be missing. Entries of other servers are not kept.
    ///
    /// # Errors
    /// [`SshProblem::KnownHosts`] if one is there and cannot be read.
    pub fn of_server<'f>(
        paths: impl IntoIterator<Item = &'f PathBuf>,
        name: &Name,
    ) -> Result<Self, SshProblem> {
        let mut keys = Self::default();
        for path in paths {
            match keys.add_file(path, Some(name)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(unreadable(path, &error)),
                _ => {}
            }
        }
        Ok(keys)
    }

    fn add_file(&mut self, path: &Path, of: Option<&Name>) -> std::io::Result<()> {
        // A file may contain anything, and one strange comment must not make its entries unreadable.
        let bytes = std::fs::read(path)?;
        self.add(&String::from_utf8_lossy(&bytes), Some(path), of);
        Ok(())
    }

    fn add(&mut self, text: &str, file: Option<&Path>, of: Option<&Name>) {
        let wanted = |hosts: &Hosts| of.is_none_or(|name| name.all().any(|name| hosts.name(name)));
        let entries = text.lines().enumerate().filter_map(|(index, line)| {
            let entry = Entry::parse(line, wanted)?;
            let pattern = entry.hosts.is_pattern();
            Some((KnownHostsLine { file: file.map(Path::to_owned), line: index + 1, pattern }, entry))
        });
        self.entries.extend(entries);
    }

    fn about<'k>(&'k self, name: &str) -> impl Iterator<Item = &'k (KnownHostsLine, Entry)> {
        self.entries.iter().filter(move |(_, entry)| entry.hosts.name(name))
    }

    /// What is known about this key of the server with this name.
    ///
    /// As in OpenSSH, an entry without the port counts only if no entry with the port has a key, and it never makes a key a changed one.
    /// Unlike in OpenSSH, such an entry can revoke a key: OpenSSH would accept the revoked key as a new one.
    pub fn verdict(&self, name: &Name, key: &[u8]) -> KeyCheck {
        let verdict = self.verdict_under(&name.whole, key);
        let (KeyCheck::Unknown { authority }, Some(plain)) = (&verdict, &name.plain) else { return verdict };
        match self.verdict_under(plain, key) {
            KeyCheck::Changed { .. } => verdict,
            KeyCheck::Unknown { authority: plainly } => {
                KeyCheck::Unknown { authority: *authority || plainly }
            }
            known_or_revoked => known_or_revoked,
        }
    }

    fn verdict_under(&self, name: &str, key: &[u8]) -> KeyCheck {
        let mut changed = Vec::new();
        let (mut known, mut authority) = (false, false);
        for (place, entry) in self.about(name) {
            match entry.marker {
                Marker::Revoked if entry.key == key => return KeyCheck::Revoked { at: place.clone() },
                Marker::Revoked => {}
                Marker::CertAuthority => authority = true,
                Marker::None if entry.key == key => known = true,
                Marker::None => changed.push(place.clone()),
            }
        }
        match () {
            () if known => KeyCheck::Known,
            () if changed.is_empty() => KeyCheck::Unknown { authority },
            () => KeyCheck::Changed { at: changed },
        }
    }

    /// The types of the known keys of a server. As with `ssh`, these are asked for first, so that a server with several keys shows
    /// a known one.
    pub(super) fn known_types<'k>(&'k self, name: &Name) -> BTreeSet<&'k str> {
        let own = self.about(&name.whole).filter(|(_, entry)| entry.marker == Marker::None);
        own.map(|(_, entry)| entry.kind.as_str()).collect()
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> SshProblem {
    SshProblem::KnownHosts { reason: format!("cannot be read: {}: {}", path.display(), plain_words(error)) }
}

/// The name of a server in known_hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    whole: String,
    /// The name without its port, if it contains one.
    plain: Option<String>,
}

impl Name {
    /// A host and port. Any port but 22 is part of the name.
    pub fn of(host: &str, port: u16) -> Self {
        let plain = host.to_ascii_lowercase();
        match port {
            22 => Self { whole: plain, plain: None },
            port => Self { whole: format!("[{plain}]:{port}"), plain: Some(plain) },
        }
    }

    /// `HostKeyAlias`, which stands for host and port.
    pub fn alias(alias: &str) -> Self {
        Self { whole: alias.to_ascii_lowercase(), plain: None }
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.whole.as_str()).chain(self.plain.as_deref())
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.whole)
    }
}

#[cfg(test)]
mod tests;
