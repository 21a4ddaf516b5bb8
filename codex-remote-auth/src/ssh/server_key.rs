//! The key that a server shows, and the errors about a wrong one.

use std::collections::BTreeSet;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ssh2::{HashType, MethodType};

use super::host_keys::Name;
use super::public_key::kind;
use super::{KeyCheck, KnownHostsLine, Peer, Session, SshProblem, TrustAnswer};
use crate::message::{Hint, quote};

impl Session {
    /// The key that the server showed, and its type.
    pub(super) fn host_key(&self) -> Result<(Vec<u8>, String), SshProblem> {
        let shown = self.inner.host_key().map(|(key, _)| key.to_vec());
        let named = shown.and_then(|key| Some((kind(&key)?.to_owned(), key)));
        named.map(|(kind, key)| (key, kind)).ok_or_else(|| SshProblem::Handshake {
            endpoint: self.endpoint().clone(),
            reason: "the server showed no host key".to_owned(),
            peer: Peer::Answered,
        })
    }

    /// The fingerprint in the form of OpenSSH.
    pub(super) fn fingerprint(&self) -> String {
        let hash = self.inner.host_key_hash(HashType::Sha256).unwrap_or_default();
        format!("SHA256:{}", STANDARD_NO_PAD.encode(hash))
    }

    /// The server's software, and what both sides agreed on, for a person.
    pub(super) fn agreed(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.inner.banner().map(|said| format!("server {said}")).into_iter().collect();
        let method = |kind| self.inner.methods(kind).unwrap_or("unknown");
        use MethodType::{CryptCs, CryptSc, HostKey, Kex, MacCs, MacSc};
        let both = |[there, back]: [MethodType; 2]| match (method(there), method(back)) {
            (there, back) if there == back => there.to_owned(),
            (there, back) => format!("{there} to the host, {back} from it"),
        };
        lines.push(format!(
            "agreed on: key exchange {}, host key {}, cipher {}, MAC {}",
            method(Kex),
            method(HostKey),
            both([CryptCs, CryptSc]),
            both([MacCs, MacSc])
        ));
        lines
    }

    pub(super) fn host_key_problem(
        &self,
        verdict: KeyCheck,
        kind: &str,
        name: &Name,
        answer: Option<TrustAnswer>,
    ) -> SshProblem {
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
                answer,
            },
        }
    }
}

/// How the keys of a server are removed from these lines.
fn mend(at: &[KnownHostsLine], name: &Name) -> Hint {
    if at.iter().any(|place| place.pattern) {
        return Hint::words(
            "if you trust the new key, edit that line, which covers other hosts too: remove it, or exclude this host from it",
        );
    }
    let files: BTreeSet<Option<&Path>> = at.iter().map(|place| place.file.as_deref()).collect();
    let commands = files.into_iter().map(|file| match file {
        Some(file) => {
            format!("ssh-keygen -R '{name}' -f {}", quote(&file.display().to_string()))
        }
        None => format!("ssh-keygen -R '{name}'"),
    });
    Hint::here("if you trust the new key, remove the old one", commands.collect::<Vec<_>>().join(" && "))
}
