//! The key that a server shows, and what is said where it is not the right one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ssh2::HashType;

use super::host_keys::Name;
use super::{Session, SshProblem, Verdict};

impl Session {
    /// The key that the server showed, and its type.
    pub(super) fn host_key(&self) -> Result<(Vec<u8>, String), SshProblem> {
        let shown = self.inner.host_key().map(|(key, _)| key.to_vec());
        let named = shown.and_then(|key| Some((kind(&key)?, key)));
        named.map(|(kind, key)| (key, kind)).ok_or_else(|| SshProblem::Handshake {
            endpoint: self.endpoint().clone(),
            reason: "the server showed no host key".to_owned(),
        })
    }

    /// As OpenSSH shows it.
    pub(super) fn fingerprint(&self) -> String {
        let hash = self.inner.host_key_hash(HashType::Sha256).unwrap_or_default();
        format!("SHA256:{}", STANDARD_NO_PAD.encode(hash))
    }

    pub(super) fn host_key_problem(&self, verdict: Verdict, kind: &str, name: &Name) -> SshProblem {
        let endpoint = self.endpoint().clone();
        let fingerprint = format!("{kind} {}", self.fingerprint());
        match verdict {
            Verdict::Revoked { at } => {
                SshProblem::HostKeyRevoked { endpoint, fingerprint, at: at.to_string() }
            }
            Verdict::Changed { at } => {
                let places: Vec<String> = at.iter().map(ToString::to_string).collect();
                let file = at.iter().find_map(|place| place.file.as_ref());
                let file = file.map(|file| format!(" -f {}", file.display())).unwrap_or_default();
                SshProblem::HostKeyChanged {
                    endpoint,
                    fingerprint: fingerprint.into(),
                    at: places.join(", ").into(),
                    mend: format!("ssh-keygen -R '{name}'{file}").into(),
                }
            }
            Verdict::Known | Verdict::Unknown { .. } => SshProblem::HostKeyUnknown {
                endpoint,
                fingerprint,
                authority: matches!(verdict, Verdict::Unknown { authority: true }),
            },
        }
    }
}

/// A key begins with the name of its type, and its length before that.
fn kind(key: &[u8]) -> Option<String> {
    let length = u32::from_be_bytes(key.get(..4)?.try_into().ok()?);
    String::from_utf8(key.get(4..4 + usize::try_from(length).ok()?)?.to_vec()).ok()
}
