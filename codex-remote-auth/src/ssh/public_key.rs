//! Reads a public key as SSH sends it: its type, and the length of an RSA key.
//!
//! Keys of every type are kept as bytes, so one of an unknown type is compared like any other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Takes a length and that many bytes.
pub(super) fn string<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (string, after) = after.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    *rest = after;
    Some(string)
}

/// The name of the key's type, such as `ssh-ed25519`: the first field of every key.
pub(super) fn kind(key: &[u8]) -> Option<&str> {
    std::str::from_utf8(string(&mut &*key)?).ok()
}

/// The key of a line `type base64`. As in OpenSSH, the type of an RSA key may be the name of one of its signatures.
pub(super) fn of_line(named: &str, base64: &str) -> Option<Vec<u8>> {
    let key = STANDARD.decode(base64).ok()?;
    let is_rsa = ["rsa-sha2-256", "rsa-sha2-512"].contains(&named) && kind(&key)? == "ssh-rsa";
    (is_rsa || kind(&key)? == named).then_some(key)
}

/// The length in bits of an RSA key, or of the key in an RSA certificate. `None` for any other key, and for what is not a key.
pub(super) fn rsa_bits(key: &[u8]) -> Option<u32> {
    let mut rest = key;
    match string(&mut rest)? {
        b"ssh-rsa" => {}
        // A certificate has a random number between its type and its key.
        b"ssh-rsa-cert-v01@openssh.com" => {
            string(&mut rest)?;
        }
        _ => return None,
    }
    let _exponent = string(&mut rest)?;
    let modulus = string(&mut rest)?;
    let first = modulus.iter().position(|byte| *byte != 0)?;
    let bytes = u32::try_from(modulus.len() - first).ok()?;
    bytes.checked_mul(8)?.checked_sub(modulus[first].leading_zeros())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn made(arguments: &[&str]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let made =
            Command::new("ssh-keygen").args(["-q", "-N", "", "-f"]).arg(&file).args(arguments).output();
        assert!(made.unwrap().status.success());
        let line = std::fs::read_to_string(file.with_extension("pub")).unwrap();
        let mut words = line.split(' ');
        let (named, key) = (words.next().unwrap(), words.next().unwrap());
        assert_eq!(of_line("rsa-sha2-512", key).is_some(), named == "ssh-rsa");
        assert!(of_line("ssh-dss", key).is_none());
        of_line(named, key).unwrap()
    }

    #[test]
    fn type_and_length_are_read() {
        for bits in [1024, 2048] {
            let key = made(&["-t", "rsa", "-b", &bits.to_string()]);
            assert_eq!((kind(&key), rsa_bits(&key)), (Some("ssh-rsa"), Some(bits)));
        }
        let key = made(&["-t", "ed25519"]);
        assert_eq!((kind(&key), rsa_bits(&key)), (Some("ssh-ed25519"), None));
        let odd = b"\0\0\0\x07ssh-rsa\0\0\0\x01\x03\0\0\0\x03\0\x01\0";
        assert_eq!(rsa_bits(odd), Some(9));
        for broken in [&b""[..], b"abc", b"\0\0\0\x07ssh-rsa", b"\0\0\0\x07ssh-rsa\0\0\0\0\0\0\0\0"] {
            assert_eq!(rsa_bits(broken), None, "{broken:?}");
        }
    }
}
