//! The algorithms of a connection: those that the SSH configuration allows and libssh2 supports.

use std::collections::BTreeSet;

use ssh2::MethodType;

use super::{Endpoint, SshProblem};

/// The algorithms that the configuration allows, in its order. An empty list allows all that libssh2 supports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Algorithms {
    /// `KexAlgorithms`.
    pub key_exchange: Vec<String>,
    /// `HostKeyAlgorithms`.
    pub host_keys: Vec<String>,
    /// `Ciphers`.
    pub ciphers: Vec<String>,
    /// `MACs`.
    pub macs: Vec<String>,
    /// `RequiredRSASize`: the minimum length in bits of a server's RSA key.
    pub required_rsa_bits: u32,
}

/// What a session offers.
pub(super) type Offer = Vec<(MethodType, String)>;

/// An option whose allowed algorithms are all unsupported.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NothingLeft {
    option: &'static str,
    allowed: Vec<String>,
    supported: Vec<&'static str>,
    /// An algorithm that OpenSSH and libssh2 both support.
    common: &'static str,
}

impl NothingLeft {
    pub(super) fn problem(&self, endpoint: &Endpoint) -> SshProblem {
        let (reason, option) = (self.reason(), self.remedy());
        SshProblem::Forbidden { endpoint: endpoint.clone(), reason, option, is_reached: false }
    }

    fn reason(&self) -> String {
        format!(
            "{} allows {}, and this program supports {}",
            self.option,
            self.allowed.join(", "),
            self.supported.join(", ")
        )
    }

    /// The option that makes the connection possible.
    fn remedy(&self) -> String {
        format!("{}={}", self.option, self.common)
    }
}

impl Algorithms {
    /// What to offer to a server. As in OpenSSH, the types of its known keys come first, so that a server with several keys shows a
    /// known one.
    pub(super) fn offer(&self, known: &BTreeSet<&str>) -> Result<Offer, NothingLeft> {
        use MethodType::{CryptCs, CryptSc, HostKey, Kex, MacCs, MacSc};
        let mut offer = Vec::new();
        for (option, allowed, methods) in [
            ("KexAlgorithms", &self.key_exchange, [Kex].as_slice()),
            ("HostKeyAlgorithms", &self.host_keys, &[HostKey]),
            ("Ciphers", &self.ciphers, &[CryptCs, CryptSc]),
            ("MACs", &self.macs, &[MacCs, MacSc]),
        ] {
            let supported = supported(methods[0]);
            let left: Vec<&str> = match allowed.is_empty() {
                true => supported.clone(),
                false => allowed.iter().map(String::as_str).filter(|name| supported.contains(name)).collect(),
            };
            if left.is_empty() {
                let common = common(option);
                return Err(NothingLeft { option, allowed: allowed.clone(), supported, common });
            }
            let (first, rest): (Vec<&str>, Vec<&str>) = left
                .into_iter()
                .partition(|name| option == "HostKeyAlgorithms" && known.contains(type_of(name)));
            let list = [first, rest].concat().join(",");
            offer.extend(methods.iter().map(|method| (*method, list.clone())));
        }
        Ok(offer)
    }
}

/// The offer in words. It is the same for both directions of a connection.
pub(super) fn in_words(offer: &Offer) -> String {
    let named = offer.iter().filter_map(|(method, list)| {
        let option = match method {
            MethodType::Kex => "KexAlgorithms",
            MethodType::HostKey => "HostKeyAlgorithms",
            MethodType::CryptCs => "Ciphers",
            MethodType::MacCs => "MACs",
            _ => return None,
        };
        Some(format!("{option} {list}"))
    });
    named.collect::<Vec<_>>().join("; ")
}

/// The first of these algorithms that libssh2 supports, whatever the configuration allows.
pub(super) fn first_supported(option: &str, names: &[String]) -> Option<String> {
    let method = match option {
        "KexAlgorithms" => MethodType::Kex,
        "HostKeyAlgorithms" => MethodType::HostKey,
        "Ciphers" => MethodType::CryptCs,
        _ => MethodType::MacCs,
    };
    let supported = supported(method);
    names.iter().find(|name| supported.contains(&name.as_str())).cloned()
}

/// An algorithm of this kind that OpenSSH and libssh2 both support.
pub(super) fn common(option: &str) -> &'static str {
    match option {
        "KexAlgorithms" => "curve25519-sha256",
        "HostKeyAlgorithms" => "ssh-ed25519",
        "Ciphers" => "aes256-ctr",
        _ => "hmac-sha2-256",
    }
}

/// The key type that makes such signatures.
fn type_of(signature: &str) -> &str {
    if signature.starts_with("rsa-sha2-") { "ssh-rsa" } else { signature }
}

/// What libssh2 supports, without certificates of servers: it negotiates them, but does not check them.
fn supported(method: MethodType) -> Vec<&'static str> {
    let all = ssh2::Session::new().and_then(|session| session.supported_algs(method)).unwrap_or_default();
    // These names announce an extension and are not algorithms.
    let is_one = |name: &&str| {
        !name.contains("-cert-v01@") && !["ext-info-c", "kex-strict-c-v00@openssh.com"].contains(name)
    };
    all.into_iter().filter(is_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    fn of(offer: &Offer, method: MethodType) -> &str {
        let wanted = method as isize;
        offer.iter().find(|(method, _)| *method as isize == wanted).map(|(_, list)| list.as_str()).unwrap()
    }

    #[test]
    fn only_what_is_allowed_is_offered_in_its_order() {
        let allowed = Algorithms {
            key_exchange: names(&[
                "sntrup761x25519-sha512@openssh.com",
                "ecdh-sha2-nistp384",
                "curve25519-sha256",
            ]),
            host_keys: names(&[
                "ssh-ed25519-cert-v01@openssh.com",
                "ssh-ed25519",
                "rsa-sha2-512",
                "rsa-sha2-256",
            ]),
            ciphers: names(&["aes256-ctr", "aes128-ctr"]),
            macs: names(&["umac-64@openssh.com", "hmac-sha2-512"]),
            required_rsa_bits: 0,
        };
        let offer = allowed.offer(&BTreeSet::new()).ok().unwrap();
        assert_eq!(of(&offer, MethodType::Kex), "ecdh-sha2-nistp384,curve25519-sha256");
        assert_eq!(of(&offer, MethodType::HostKey), "ssh-ed25519,rsa-sha2-512,rsa-sha2-256");
        for method in [MethodType::CryptCs, MethodType::CryptSc] {
            assert_eq!(of(&offer, method), "aes256-ctr,aes128-ctr");
        }
        for method in [MethodType::MacCs, MethodType::MacSc] {
            assert_eq!(of(&offer, method), "hmac-sha2-512");
        }
        let offer = allowed.offer(&BTreeSet::from(["ssh-rsa", "ecdsa-sha2-nistp256"])).unwrap();
        assert_eq!(of(&offer, MethodType::HostKey), "rsa-sha2-512,rsa-sha2-256,ssh-ed25519");
    }

    #[test]
    fn where_nothing_is_left_both_sides_are_named() {
        for (algorithms, option) in [
            (Algorithms { key_exchange: names(&["x"]), ..Algorithms::default() }, "KexAlgorithms"),
            (
                Algorithms {
                    host_keys: names(&["x", "ssh-ed25519-cert-v01@openssh.com"]),
                    ..Algorithms::default()
                },
                "HostKeyAlgorithms",
            ),
            (Algorithms { ciphers: names(&["x"]), ..Algorithms::default() }, "Ciphers"),
            (Algorithms { macs: names(&["x"]), ..Algorithms::default() }, "MACs"),
        ] {
            let Err(left) = algorithms.offer(&BTreeSet::new()) else { panic!("{option}") };
            assert_eq!(left.option, option);
            assert!(left.reason().starts_with(&format!("{option} allows x")), "{}", left.reason());
            let common = left.remedy().rsplit_once('=').unwrap().1.to_owned();
            assert!(left.supported.contains(&common.as_str()), "{}", left.remedy());
        }
    }

    #[test]
    fn without_a_configuration_no_certificate_is_asked_for() {
        let offer = Algorithms::default().offer(&BTreeSet::new()).unwrap();
        assert!(
            of(&offer, MethodType::HostKey).contains("ssh-ed25519")
                && !of(&offer, MethodType::HostKey).contains("cert")
        );
        assert!(
            of(&offer, MethodType::Kex).contains("curve25519-sha256")
                && !of(&offer, MethodType::Kex).contains("kex-strict")
        );
    }
}
