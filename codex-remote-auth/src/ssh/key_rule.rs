//! Which of a person's keys may be used: `PubkeyAcceptedAlgorithms` and `RequiredRSASize`.

use crate::ssh::public_key::{kind, rsa_bits};

/// The keys that the configuration allows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyRule {
    /// `PubkeyAcceptedAlgorithms`, in order; an empty list allows all.
    pub algorithms: Vec<String>,
    /// `RequiredRSASize`, in bits.
    pub required_rsa_bits: u32,
    /// Whether both have the values that OpenSSH uses without a configuration.
    pub is_usual: bool,
}

/// The signature algorithms of a key type.
fn signatures(kind: &str) -> Vec<&str> {
    match kind {
        "ssh-rsa" => vec!["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"],
        "ssh-rsa-cert-v01@openssh.com" => vec![
            "rsa-sha2-512-cert-v01@openssh.com",
            "rsa-sha2-256-cert-v01@openssh.com",
            "ssh-rsa-cert-v01@openssh.com",
        ],
        other => vec![other],
    }
}

impl KeyRule {
    /// Why a key or certificate may not be used; `None` if it may. `key` is its public half, if known.
    pub(super) fn refuses(&self, key: Option<&[u8]>) -> Option<String> {
        let Some((key, kind)) = key.and_then(|key| Some((key, kind(key)?))) else {
            return (!self.is_usual).then(|| {
                "not used: the SSH configuration restricts keys (PubkeyAcceptedAlgorithms, RequiredRSASize), and its type is not \
                 known without its public half"
                    .to_owned()
            });
        };
        if !self.algorithms.is_empty() && !signatures(kind).iter().any(|name| self.allows(name)) {
            return Some(format!("not used: PubkeyAcceptedAlgorithms does not allow {kind}"));
        }
        rsa_bits(key).filter(|bits| *bits < self.required_rsa_bits).map(|bits| {
            format!("not used: it has {bits} bits, and RequiredRSASize is {}", self.required_rsa_bits)
        })
    }

    /// The signatures that an RSA key may make, as a list for libssh2. `None` for keys that make one kind only.
    pub(super) fn rsa_signatures(&self, key: &[u8]) -> Option<String> {
        let all = signatures(kind(key)?);
        if all.len() == 1 || self.algorithms.is_empty() {
            return None;
        }
        let allowed = self.algorithms.iter().filter(|name| all.contains(&name.as_str()));
        let plain = allowed.map(|name| name.strip_suffix("-cert-v01@openssh.com").unwrap_or(name));
        Some(plain.collect::<Vec<_>>().join(","))
    }

    fn allows(&self, name: &str) -> bool {
        self.algorithms.iter().any(|allowed| allowed == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key of a type, with a modulus of so many bytes.
    fn key(kind: &str, bytes: usize) -> Vec<u8> {
        let part = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat();
        [part(kind.as_bytes()), part(&[1, 0, 1]), part(&vec![0x80; bytes])].concat()
    }

    #[test]
    fn what_is_not_allowed_is_refused_by_its_name() {
        let rule = |algorithms: &[&str], required_rsa_bits| KeyRule {
            algorithms: algorithms.iter().map(|name| (*name).to_owned()).collect(),
            required_rsa_bits,
            is_usual: false,
        };
        let (ed25519, rsa) = (key("ssh-ed25519", 32), key("ssh-rsa", 256));
        let sha2 = rule(&["rsa-sha2-512"], 2048);
        assert!(
            sha2.refuses(Some(&ed25519))
                .unwrap()
                .contains("PubkeyAcceptedAlgorithms does not allow ssh-ed25519")
        );
        assert_eq!(sha2.refuses(Some(&rsa)), None);
        assert_eq!(sha2.rsa_signatures(&rsa).as_deref(), Some("rsa-sha2-512"));
        assert_eq!(sha2.rsa_signatures(&ed25519), None);
        assert!(
            rule(&[], 3072).refuses(Some(&rsa)).unwrap().contains("2048 bits, and RequiredRSASize is 3072")
        );
        assert!(
            rule(&["ssh-ed25519"], 0).refuses(Some(&key("ssh-ed25519-cert-v01@openssh.com", 3))).is_some()
        );
        let certificate = key("ssh-rsa-cert-v01@openssh.com", 3);
        let certified = rule(&["rsa-sha2-256-cert-v01@openssh.com"], 0);
        assert_eq!(certified.refuses(Some(&certificate)), None);
        assert_eq!(certified.rsa_signatures(&certificate).as_deref(), Some("rsa-sha2-256"));
        assert!(certified.refuses(Some(&rsa)).is_some());
        assert!(rule(&[], 0).refuses(None).unwrap().contains("without its public half"));
        assert_eq!(KeyRule { is_usual: true, ..rule(&["ssh-ed25519"], 0) }.refuses(None), None);
    }
}
