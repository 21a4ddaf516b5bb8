//! The host names and patterns of a line of known_hosts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use wildmatch::WildMatch;

/// The length of a salt in bytes.
pub(super) const SALT: usize = 20;

/// The first field of a line.
#[derive(Debug, Clone)]
pub(super) enum Hosts {
    /// `|1|salt|hash`: the hash of one name.
    Hashed { salt: Vec<u8>, hash: Vec<u8> },
    /// Patterns, joined by commas.
    Patterns(Vec<String>),
}

impl Hosts {
    pub(super) fn parse(field: &str) -> Option<Self> {
        let Some(hashed) = field.strip_prefix('|') else {
            return Some(Self::Patterns(field.split(',').map(str::to_ascii_lowercase).collect()));
        };
        let mut parts = hashed.split('|');
        let ("1", salt, hash, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
            return None;
        };
        let (salt, hash) = (STANDARD.decode(salt).ok()?, STANDARD.decode(hash).ok()?);
        // As in OpenSSH, a line with a salt of another length is ignored.
        (salt.len() == SALT).then_some(Self::Hashed { salt, hash })
    }

    /// Whether this name is one of them. Patterns ignore case, a hash does not. A pattern after a `!` excludes a name that others
    /// match.
    pub(super) fn name(&self, name: &str) -> bool {
        match self {
            Self::Hashed { salt, hash } => {
                digest(salt, name).is_some_and(|mac| mac.verify_slice(hash).is_ok())
            }
            Self::Patterns(patterns) => {
                let name = name.to_ascii_lowercase();
                let mut named = false;
                for pattern in patterns {
                    match pattern.strip_prefix('!') {
                        Some(not) if matches(not, &name) => return false,
                        Some(_) => {}
                        None => named |= matches(pattern, &name),
                    }
                }
                named
            }
        }
    }
}

impl Hosts {
    /// Whether it contains a pattern that can match several names.
    pub(super) fn is_pattern(&self) -> bool {
        match self {
            Self::Hashed { .. } => false,
            Self::Patterns(patterns) => patterns.iter().any(|pattern| pattern.contains(['*', '?'])),
        }
    }
}

/// The field for one name, hashed with this salt.
pub(super) fn hashed(salt: &[u8], name: &str) -> Option<String> {
    let hash = digest(salt, name)?.finalize().into_bytes();
    Some(format!("|1|{}|{}", STANDARD.encode(salt), STANDARD.encode(hash)))
}

fn digest(salt: &[u8], name: &str) -> Option<Hmac<Sha1>> {
    Some(Hmac::<Sha1>::new_from_slice(salt).ok()?.chain_update(name))
}

/// Whether a name matches a pattern: `*` is any number of characters, `?` is one.
fn matches(pattern: &str, name: &str) -> bool {
    // OpenSSH compares bytes, so `?` matches one byte of a non-ASCII letter.
    let bytes = |text: &str| -> String { text.bytes().map(char::from).collect() };
    match pattern.contains(['*', '?']) {
        true => WildMatch::new(&bytes(pattern)).matches(&bytes(name)),
        false => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_the_manual_says() {
        for (patterns, name, named) in [
            ("box", "box", true),
            ("box", "boxes", false),
            ("*.example", "a.b.example", true),
            ("*.example", "example", false),
            ("b?x,other", "other", true),
            ("b?x", "bx", false),
            ("*,!box", "box", false),
            ("!box,*", "boxes", true),
            ("!box", "other", false),
            ("[box]:2222", "[box]:2222", true),
            ("[box]:*", "[box]:2222", true),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b", "xxaxxbxx", false),
            ("*", "", true),
            ("*aba", "xababa", true),
            ("*1?", "121", false),
            ("a**b", "a*xb", true),
            ("*,!gr??ße", "größe", false),
            ("gr?ße", "größe", false),
            ("BOX", "box", true),
        ] {
            assert_eq!(Hosts::parse(patterns).unwrap().name(name), named, "{patterns} {name}");
        }
    }

    #[test]
    fn a_pattern_of_many_stars_takes_no_long_time() {
        let begun = std::time::Instant::now();
        let pattern = format!("{}b", "*a".repeat(500));
        assert!(!Hosts::parse(&pattern).unwrap().name(&"a".repeat(20_000)));
        assert!(begun.elapsed() < std::time::Duration::from_secs(10));
    }

    #[test]
    fn a_hash_is_of_one_name() {
        let hosts = Hosts::parse(&hashed(b"a salt of 20 bytes !", "[box]:2222").unwrap()).unwrap();
        assert!(hosts.name("[box]:2222") && !hosts.name("box"));
        for broken in ["|1|broken", "|2|YQ==|YQ==", "|1|a|b", "|1|YQ==|YQ==|x", "|1|YQ==|YQ=="] {
            assert!(Hosts::parse(broken).is_none(), "{broken}");
        }
    }
}
