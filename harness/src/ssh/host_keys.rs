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

    /// libssh2's own store with our lines in it. Lines that libssh2 cannot parse (`@cert-authority`,
    /// key types it does not know) are left out: they could only ever refuse, never admit.
    fn store(&self, session: &ssh2::Session) -> Result<ssh2::KnownHosts, SshProblem> {
        let mut store = session
            .known_hosts()
            .map_err(|error| SshProblem::KnownHosts { reason: error.message().to_owned() })?;
        for line in &self.lines {
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
        for line in &self.lines {
            let mut words = line.split_whitespace().skip(1);
            let (Some(kind), Some(blob)) = (words.next(), words.next()) else { continue };
            let Ok(blob) = STANDARD.decode(blob) else { continue };
            if matches!(store.check_port(&endpoint.host, endpoint.port, &blob), CheckResult::Match) {
                known.insert(kind.to_owned());
            }
        }
        if known.is_empty() {
            return Ok(());
        }
        let preference: Vec<&str> = known
            .iter()
            .flat_map(|kind| match kind.as_str() {
                "ssh-rsa" => vec!["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"],
                other => vec![other],
            })
            .collect();
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
