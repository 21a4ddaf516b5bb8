//! One line of known_hosts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::pattern::Hosts;

/// What a line says of a key.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) marker: Marker,
    pub(super) hosts: Hosts,
    pub(super) kind: String,
    pub(super) key: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    None,
    Revoked,
    CertAuthority,
}

impl Entry {
    /// Reads `[marker] hosts type key [comment]`; `None` for whatever else a line may be, and for hosts that are not wanted.
    pub(super) fn parse(line: &str, wanted: impl Fn(Marker, &Hosts) -> bool) -> Option<Self> {
        let mut words = line.split_whitespace().peekable();
        let marker = match words.next_if(|word| word.starts_with('@')) {
            None => Marker::None,
            Some("@revoked") => Marker::Revoked,
            Some("@cert-authority") => Marker::CertAuthority,
            Some(_) => return None,
        };
        let (hosts, kind, key) = (words.next()?, words.next()?, words.next()?);
        if hosts.starts_with('#') {
            return None;
        }
        let hosts = Hosts::parse(hosts)?;
        if !wanted(marker, &hosts) {
            return None;
        }
        let key = STANDARD.decode(key).ok()?;
        // A key begins with its own type.
        let named = key.get(4..4 + kind.len())? == kind.as_bytes();
        named.then_some(Self { marker, hosts, kind: kind.to_owned(), key })
    }
}
