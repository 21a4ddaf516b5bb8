//! The key that a server shows, and the errors about a wrong one.

use std::collections::BTreeSet;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ssh2::HashType;

use super::host_keys::Name;
use super::public_key::kind;
use super::{KeyCheck, KnownHostsLine, Session, SshProblem};

impl Session {
    /// The key that the server showed, and its type.
    pub(super) fn host_key(&self) -> Result<(Vec<u8>, String), SshProblem> {
        let shown = self.inner.host_key().map(|(key, _)| key.to_vec());
        let named = shown.and_then(|key| Some((kind(&key)?.to_owned(), key)));
        named.map(|(kind, key)| (key, kind)).ok_or_else(|| SshProblem::Handshake {
            endpoint: self.endpoint().clone(),
            reason: "the server showed no host key".to_owned(),
        })
    }

    /// The fingerprint in the form of OpenSSH.
    pub(super) fn fingerprint(&self) -> String {
        let hash = self.inner.host_key_hash(HashType::Sha256).unwrap_or_default();
        format!("SHA256:{}", STANDARD_NO_PAD.encode(hash))
    }

    pub(super) fn host_key_problem(&self, verdict: KeyCheck, kind: &str, name: &Name) -> SshProblem {
        let endpoint = self.endpoint().clone();
        let fingerprint = format!("{kind} {}", self.fingerprint());
        match verdict {
            KeyCheck::Revoked { at } => {
                SshProblem::HostKeyRevoked { endpoint, fingerprint, at: at.to_string() }
            }
            KeyCheck::Changed { at } => {
                let places: Vec<String> = at.iter().map(ToString::to_string).collect();
                SshProblem::HostKeyChanged {
                    endpoint,
                    fingerprint: fingerprint.into(),
                    at: places.join(", ").into(),
                    mend: mend(&at, name).into(),
                }
            }
            KeyCheck::Known | KeyCheck::Unknown { .. } => SshProblem::HostKeyUnknown {
                endpoint,
                fingerprint,
                authority: matches!(verdict, KeyCheck::Unknown { authority: true }),
            },
        }
    }
}

/// The commands that remove the keys of a server from these lines, or if there is no such command, what to do.
fn mend(at: &[KnownHostsLine], name: &Name) -> String {
    if at.iter().any(|place| place.pattern) {
        return "edit that line, which covers other hosts too: remove it, or exclude this host from it"
            .to_owned();
    }
    let files: BTreeSet<Option<&Path>> = at.iter().map(|place| place.file.as_deref()).collect();
    let commands = files.into_iter().map(|file| match file {
        Some(file) => {
            format!("ssh-keygen -R '{name}' -f '{}'", file.display().to_string().replace('\'', "'\\''"))
        }
        None => format!("ssh-keygen -R '{name}'"),
    });
    commands.collect::<Vec<_>>().join(" && ")
}
