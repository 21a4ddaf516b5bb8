//! The algorithms that a server offers. libssh2 does not say which they are if it fails to agree on some.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use super::algorithms::Offer;
use super::transport::Transport;
use super::{Deadline, Mismatch, printable};

/// The longest greeting and the longest packet that are read, in bytes. RFC 4253 limits a packet to 35,000.
const MOST: usize = 35_000;

/// The number of the packet `SSH_MSG_KEXINIT`.
const KEXINIT: u8 = 20;

/// Asks a server, on a connection of its own, for the first kind of algorithm that has nothing in common with `ours`. `None`
/// if it does not tell, or if there is none. Nothing but a greeting is sent.
pub(super) fn mismatch(transport: &Transport, ours: &Offer, deadline: Deadline) -> Option<Mismatch> {
    let mut stream: TcpStream = transport.handle().ok()?.into();
    stream.set_nonblocking(false).ok()?;
    let left = deadline.left();
    stream.set_read_timeout((!left.is_zero()).then_some(left)).ok()?;
    stream.write_all(b"SSH-2.0-codex-remote-auth\r\n").ok()?;
    let lists = read_lists(&mut stream).ok()?;
    compare(&lists, ours)
}

/// Reads the greeting, and then the name lists of the first packet.
fn read_lists(stream: &mut impl Read) -> io::Result<Vec<Vec<String>>> {
    let mut stream = stream.take(2 * MOST as u64);
    loop {
        let mut line = Vec::new();
        let mut byte = [0];
        while !line.ends_with(b"\n") {
            stream.read_exact(&mut byte)?;
            line.push(byte[0]);
        }
        if line.starts_with(b"SSH-") {
            break;
        }
    }
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > MOST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut packet = vec![0; length];
    stream.read_exact(&mut packet)?;
    parse(&packet).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// The name lists of a KEXINIT packet: the length of its padding, its number, a cookie of 16 bytes, then ten lists.
fn parse(packet: &[u8]) -> Option<Vec<Vec<String>>> {
    let (&padding, rest) = packet.split_first()?;
    let payload = rest.get(..rest.len().checked_sub(padding.into())?)?;
    let (&number, rest) = payload.split_first()?;
    if number != KEXINIT {
        return None;
    }
    let mut rest = rest.get(16..)?;
    let mut lists = Vec::new();
    for _ in 0..10 {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (list, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        let list = std::str::from_utf8(list).ok()?;
        lists.push(list.split(',').filter(|name| !name.is_empty()).map(printable).collect());
        rest = after;
    }
    Some(lists)
}

/// The first kind that has nothing in common. Ciphers with a MAC of their own need no other.
fn compare(lists: &[Vec<String>], ours: &Offer) -> Option<Mismatch> {
    use ssh2::MethodType::{CryptCs, CryptSc, HostKey, Kex, MacCs, MacSc};
    let kinds = [
        (Kex, "KexAlgorithms"),
        (HostKey, "HostKeyAlgorithms"),
        (CryptCs, "Ciphers"),
        (CryptSc, "Ciphers"),
        (MacCs, "MACs"),
        (MacSc, "MACs"),
    ];
    kinds.iter().zip(lists).find_map(|((kind, option), server)| {
        let offered = ours.iter().find(|(method, _)| *method as isize == *kind as isize)?;
        let offered: Vec<String> = offered.1.split(',').map(str::to_owned).collect();
        let is_announcement = |name: &str| name.starts_with("ext-info-") || name.starts_with("kex-strict-");
        let server: Vec<String> = server.iter().filter(|name| !is_announcement(name)).cloned().collect();
        let agrees = offered.iter().any(|name| server.contains(name));
        (!agrees).then_some(Mismatch { option, server, ours: offered })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ssh::Algorithms;

    /// What a server sends first: a line, its greeting, and a packet with these lists.
    fn said(lists: [&str; 6]) -> Vec<u8> {
        let mut payload = vec![KEXINIT];
        payload.extend([7; 16]);
        for list in lists.iter().copied().chain(["none", "none", "", ""]) {
            payload.extend(u32::try_from(list.len()).unwrap().to_be_bytes());
            payload.extend(list.as_bytes());
        }
        payload.extend([0; 5]);
        let mut all = b"a line first\r\nSSH-2.0-OpenSSH_9.9\r\n".to_vec();
        all.extend(u32::try_from(payload.len() + 1 + 6).unwrap().to_be_bytes());
        all.push(6);
        all.extend(payload);
        all.extend([0; 6]);
        all
    }

    fn found(lists: [&str; 6]) -> Option<Mismatch> {
        let offer = Algorithms::default().offer(&Default::default()).ok().unwrap();
        compare(&read_lists(&mut said(lists).as_slice()).unwrap(), &offer)
    }

    const COMMON: [&str; 6] =
        ["curve25519-sha256", "ssh-ed25519", "aes256-ctr", "aes256-ctr", "hmac-sha2-256", "hmac-sha2-256"];

    #[test]
    fn the_kind_without_anything_in_common_is_named() {
        assert_eq!(found(COMMON), None);
        for (at, option, list, shown) in [
            (
                0,
                "KexAlgorithms",
                "sntrup761x25519-sha512@openssh.com,ext-info-s",
                "sntrup761x25519-sha512@openssh.com",
            ),
            (1, "HostKeyAlgorithms", "x-key", "x-key"),
            (3, "Ciphers", "x-cipher", "x-cipher"),
            (4, "MACs", "umac-64@openssh.com", "umac-64@openssh.com"),
        ] {
            let mut lists = COMMON;
            lists[at] = list;
            let mismatch = found(lists).unwrap();
            assert_eq!((mismatch.option, mismatch.server.join(",").as_str()), (option, shown));
            assert!(mismatch.ours.len() > 1, "{mismatch:?}");
        }
    }

    #[test]
    fn what_is_no_such_packet_is_not_guessed_at() {
        let whole = said(COMMON);
        for end in 0..whole.len() {
            assert!(read_lists(&mut &whole[..end]).is_err(), "{end}");
        }
        let greeting = b"SSH-2.0-x\r\n";
        for packet in
            [&[0xff; 40][..], &[0, 0, 0, 0], &[0, 0, 0, 2, 200, 20], &[0, 0, 0, 6, 0, 20, 1, 2, 3, 4]]
        {
            assert!(read_lists(&mut [greeting, packet].concat().as_slice()).is_err(), "{packet:?}");
        }
    }
}
