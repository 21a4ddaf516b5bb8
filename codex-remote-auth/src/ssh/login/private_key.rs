//! What can be read in a private key without its passphrase.
//!
//! The crate `ssh-key` reads only keys whose lines have the width that `ssh-keygen` writes, and no certificate that is valid forever.
//! OpenSSH reads both.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::ssh::public_key::{kind, of_line, string};

/// The first bytes of a key in OpenSSH's own format.
const MAGIC: &[u8] = b"openssh-key-v1\0";

/// A private key in a known format.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PrivateKey {
    /// Whether it needs a passphrase.
    pub(super) encrypted: bool,
    /// Its public half, which OpenSSH's own format contains in clear.
    pub(super) public: Option<Vec<u8>>,
}

impl PrivateKey {
    /// Reads OpenSSH's own format. Of an older format it reads only whether the key is encrypted.
    pub(super) fn of(text: &str) -> Self {
        Self::in_own_form(text).unwrap_or(Self { encrypted: text.contains("ENCRYPTED"), public: None })
    }

    fn in_own_form(text: &str) -> Option<Self> {
        let body = text.trim().strip_prefix("-----BEGIN OPENSSH PRIVATE KEY-----")?;
        let body = body.strip_suffix("-----END OPENSSH PRIVATE KEY-----")?;
        let body: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
        let bytes = Zeroizing::new(STANDARD.decode(&*body).ok()?);
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let cipher = string(&mut rest)?;
        let _derivation = string(&mut rest)?;
        let _its_options = string(&mut rest)?;
        let (_count, mut rest) = rest.split_at_checked(4)?;
        let public = string(&mut rest)?;
        Some(Self { encrypted: cipher != b"none", public: Some(public.to_vec()) })
    }
}

/// The key of a line `type base64 comment`.
pub(super) fn public_line(text: &str) -> Option<Vec<u8>> {
    let mut words = text.split_whitespace();
    of_line(words.next()?, words.next()?)
}

/// A public key as a line.
pub(super) fn line_of(public: &[u8]) -> Option<String> {
    Some(format!("{} {}", kind(public)?, STANDARD.encode(public)))
}

/// Whether a certificate is for this public key: the key itself follows the type and a random number.
pub(super) fn certifies(certificate: &[u8], public: &[u8]) -> bool {
    let parts = || {
        let (mut outer, mut inner) = (certificate, public);
        let kinds = (string(&mut outer)?, string(&mut inner)?);
        let _random = string(&mut outer)?;
        Some((kinds, outer, inner))
    };
    parts().is_some_and(|((outer_kind, inner_kind), outer, inner)| {
        outer_kind.strip_suffix(b"-cert-v01@openssh.com") == Some(inner_kind)
            && !inner.is_empty()
            && outer.starts_with(inner)
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    fn keygen(folder: &std::path::Path, arguments: &[&str]) {
        let output =
            Command::new("ssh-keygen").arg("-q").args(arguments).current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    #[test]
    fn keys_of_every_type_and_form_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        // The passphrase of a key that nothing is locked with.
        for (name, kind, form, phrase) in [
            ("a", "ed25519", "RFC4716", ""),
            ("b", "ecdsa", "RFC4716", "made up"),
            ("c", "rsa", "RFC4716", "made up"),
            ("d", "rsa", "PEM", "made up"),
            ("e", "ecdsa", "PKCS8", "made up"),
            ("f", "ecdsa", "PEM", ""),
        ] {
            let mut arguments = vec!["-t", kind, "-N", phrase, "-f", name];
            if form != "RFC4716" {
                arguments.extend(["-m", form]);
            }
            keygen(folder.path(), &arguments);
            let public = public_line(&read(&format!("{name}.pub"))).unwrap();
            let own_form = form == "RFC4716";
            let wanted =
                PrivateKey { encrypted: !phrase.is_empty(), public: own_form.then(|| public.clone()) };
            assert_eq!(PrivateKey::of(&read(name)), wanted, "{kind} {form}");
            assert!(read(&format!("{name}.pub")).starts_with(&line_of(&public).unwrap()));
        }
    }

    #[test]
    fn a_certificate_is_for_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let public =
            |name: &str| public_line(&std::fs::read_to_string(folder.path().join(name)).unwrap()).unwrap();
        for (name, kind) in [("authority", "ed25519"), ("a", "ed25519"), ("b", "ecdsa"), ("c", "rsa")] {
            keygen(folder.path(), &["-t", kind, "-N", "", "-f", name]);
        }
        for name in ["a", "b", "c"] {
            keygen(folder.path(), &["-s", "authority", "-I", "x", "-n", "me", &format!("{name}.pub")]);
            let certificate = public(&format!("{name}-cert.pub"));
            assert!(certifies(&certificate, &public(&format!("{name}.pub"))), "{name}");
            assert!(!certifies(&certificate, &public("authority.pub")), "{name}");
            assert!(!certifies(&certificate, &certificate) && !certifies(&public("a.pub"), &public("a.pub")));
        }
    }

    proptest! {
        #[test]
        fn no_text_and_no_bytes_panic(text in "\\PC{0,60}", bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = PrivateKey::of(&text);
            let wrapped = format!(
                "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----",
                STANDARD.encode([MAGIC, &bytes].concat())
            );
            let _ = PrivateKey::of(&wrapped);
            let _ = (public_line(&text), line_of(&bytes), certifies(&bytes, &bytes));
        }
    }
}
