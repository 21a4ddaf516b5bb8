//! One line of known_hosts.
//!
//! The crate `ssh-key` has such a parser too. It takes a single space between two fields, so `@revoked<TAB>host …`, which OpenSSH
//! obeys, would revoke nothing.

use super::pattern::Hosts;
use crate::ssh::public_key;

/// What a line says about a key.
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
    /// Reads `[marker] hosts type key [comment]`. `None` for any other line, and for hosts that are not wanted.
    pub(super) fn parse(line: &str, wanted: impl Fn(&Hosts) -> bool) -> Option<Self> {
        let mut words = line.split_ascii_whitespace().peekable();
        let marker = match words.next_if(|word| word.starts_with('@')) {
            None => Marker::None,
            Some("@revoked") => Marker::Revoked,
            Some("@cert-authority") => Marker::CertAuthority,
            Some(_) => return None,
        };
        let (hosts, kind, key) = (words.next()?, words.next()?, words.next()?);
        // OpenSSH accepts one marker at most.
        if hosts.starts_with(['#', '@']) {
            return None;
        }
        let hosts = Hosts::parse(hosts)?;
        if !wanted(&hosts) {
            return None;
        }
        let key = public_key::of_line(kind, key)?;
        Some(Self { marker, hosts, kind: public_key::kind(&key)?.to_owned(), key })
    }
}
