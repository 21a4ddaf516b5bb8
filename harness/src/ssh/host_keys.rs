//! The servers that are known, and the check that a server is one of them.

use std::collections::BTreeSet;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ssh2::{CheckResult, HashType, KnownHostFileKind};

use super::{Endpoint, SshProblem};

/// Lines in the form of OpenSSH's known_hosts. A server that no line names is never talked to.
#[derive(Debug, Clone, Default)]
pub struct HostKeys {
    lines: Vec<String>,
}

impl HostKeys {
    /// Known hosts from text in the form of known_hosts.
    pub fn from_text(text: &str) -> Self {
        let entries = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self { lines: entries.map(str::to_owned).collect() }
    }

    /// Known hosts from a file.
    ///
    /// # Errors
    /// [`SshProblem::KnownHosts`] where the file cannot be read.
    pub fn from_file(path: &Path) -> Result<Self, SshProblem> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| SshProblem::KnownHosts { reason: format!("{}: {error}", path.display()) })?;
        Ok(Self::from_text(&text))
    }

    /// libssh2's own store with our entries in it. Lines that are none are left out: libssh2 would take some of
    /// them for entries with another key.
    fn store(&self, session: &ssh2::Session) -> Result<ssh2::KnownHosts, SshProblem> {
        let mut store = session
            .known_hosts()
            .map_err(|error| SshProblem::KnownHosts { reason: error.message().to_owned() })?;
        for line in self.lines.iter().filter(|line| entry(line).is_some_and(|entry| entry.marker.is_none())) {
            let _ = store.read_str(line, KnownHostFileKind::OpenSSH);
        }
        Ok(store)
    }

    /// Asks the server for a key of a type that is known for it, before the handshake chooses another.
    pub(super) fn prefer_known_types(
        &self,
        session: &ssh2::Session,
        endpoint: &Endpoint,
    ) -> Result<(), SshProblem> {
        let store = self.store(session)?;
        let mut known = BTreeSet::new();
        for Entry { kind, key, .. } in self.lines.iter().filter_map(|line| entry(line)) {
            if matches!(store.check_port(&endpoint.host, endpoint.port, &key), CheckResult::Match) {
                known.insert(kind);
            }
        }
        if known.is_empty() {
            return Ok(());
        }
        let mut preference: Vec<&str> = known
            .iter()
            .flat_map(|kind| match *kind {
                "ssh-rsa" => vec!["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"],
                other => vec![other],
            })
            .collect();
        // The others after them: a server that has none of the known types any more is a changed one, and no
        // handshake that failed.
        let spoken = session.supported_algs(ssh2::MethodType::HostKey).unwrap_or_default();
        preference.extend(spoken.iter().filter(|kind| !known.contains(*kind)));
        // A type that this libssh2 does not speak leaves its own order; the check after it still stands.
        let _ = session.method_pref(ssh2::MethodType::HostKey, &preference.join(","));
        Ok(())
    }

    /// Checks the key that the server showed in the handshake.
    pub(super) fn check(&self, session: &ssh2::Session, endpoint: &Endpoint) -> Result<(), SshProblem> {
        let store = self.store(session)?;
        let (key, kind) = session.host_key().ok_or_else(|| SshProblem::Handshake {
            endpoint: endpoint.clone(),
            reason: "the server showed no host key".to_owned(),
        })?;
        let hash = session.host_key_hash(HashType::Sha256).unwrap_or_default();
        let fingerprint = format!("{kind:?} SHA256:{}", STANDARD_NO_PAD.encode(hash));
        let endpoint = endpoint.clone();
        let revoked = |entry: Entry<'_>| entry.marker == Some("@revoked") && entry.key == key;
        if self.lines.iter().filter_map(|line| entry(line)).any(revoked) {
            return Err(SshProblem::HostKeyRevoked { endpoint, fingerprint });
        }
        match store.check_port(&endpoint.host, endpoint.port, key) {
            CheckResult::Match => Ok(()),
            CheckResult::Mismatch => Err(SshProblem::HostKeyChanged { endpoint, fingerprint }),
            CheckResult::NotFound => Err(SshProblem::HostKeyUnknown { endpoint, fingerprint }),
            CheckResult::Failure => {
                Err(SshProblem::KnownHosts { reason: "libssh2 could not compare host keys".to_owned() })
            }
        }
    }
}

/// What a line of known_hosts says of a key.
struct Entry<'l> {
    /// `@revoked` or `@cert-authority`.
    marker: Option<&'l str>,
    kind: &'l str,
    key: Vec<u8>,
}

/// Reads `[marker] hosts type key [comment]`; `None` for whatever else a line may be.
fn entry(line: &str) -> Option<Entry<'_>> {
    let mut words = line.split_whitespace().peekable();
    let marker = words.next_if(|word| word.starts_with('@'));
    let (_hosts, kind, key) = (words.next()?, words.next()?, words.next()?);
    let key = STANDARD.decode(key).ok()?;
    // A key begins with its own type.
    let named = key.get(4..4 + kind.len())? == kind.as_bytes();
    named.then_some(Entry { marker, kind, key })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFIXNP0KjIDgm7JvaRMCBAa9BUR1yl9pLtE/eaxkf7oZ";

    #[test]
    fn an_entry_is_told_from_what_looks_like_one() {
        assert_eq!(entry(&format!("host,[other]:22 {KEY} a comment")).unwrap().kind, "ssh-ed25519");
        assert_eq!(entry(&format!("@revoked * {KEY}")).unwrap().marker, Some("@revoked"));
        let other_type = KEY.replace("ssh-ed25519", "ssh-rsa");
        for line in ["", "host", "host ssh-ed25519", "host ssh-ed25519 %%%", "host x AAAA", "@revoked host"] {
            assert!(entry(line).is_none(), "{line}");
        }
        assert!(entry(&format!("host {other_type}")).is_none());
    }
}
