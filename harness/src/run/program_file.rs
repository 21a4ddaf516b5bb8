//! Whether the containers can run a program file of the person's own, by its first bytes.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::release::Platform;

/// The whole path of a program that the containers can run, or what is wrong with the file.
pub(super) fn check(program: &Path, platform: Platform) -> Result<PathBuf, String> {
    let head = || -> io::Result<(PathBuf, Vec<u8>)> {
        let whole = program.canonicalize()?;
        if !whole.metadata()?.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        let mut head = Vec::new();
        File::open(&whole)?.take(20).read_to_end(&mut head)?;
        Ok((whole, head))
    };
    let (whole, head) = head().map_err(|error| format!("cannot be read: {error}"))?;
    match fault(&head, platform) {
        None => Ok(whole),
        Some(fault) => Err(fault),
    }
}

/// What is wrong with a file that begins like this. What is left is for the kernel of the container to judge.
fn fault(head: &[u8], platform: Platform) -> Option<String> {
    const LINUX: [u8; 2] = [0, 3];
    let is = match head {
        // 64 bits, little-endian, for Linux or for no particular system.
        [0x7f, b'E', b'L', b'F', 2, 1, _, system, rest @ ..]
            if LINUX.contains(system) && rest.len() == 12 =>
        {
            let machine = u16::from_le_bytes([rest[10], rest[11]]);
            if machine == elf_machine(platform) {
                return None;
            }
            "a program for another processor"
        }
        [0x7f, b'E', b'L', b'F', ..] => "a program for another processor or system",
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => "a program for macOS",
        [b'M', b'Z', ..] => "a program for Windows",
        [b'#', b'!', ..] => "a script, and the containers have neither its interpreter nor its files",
        [b'P', b'K', 3, 4, ..] | [0x1f, 0x8b, ..] => "an archive; the program is inside",
        _ => "not a program",
    };
    Some(format!("is {is}"))
}

/// The processor's number in an ELF file.
fn elf_machine(platform: Platform) -> u16 {
    match platform {
        Platform::X86_64Linux => 62,
        Platform::Aarch64Linux => 183,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Platform = Platform::X86_64Linux;

    fn elf(class: u8, system: u8, machine: u16) -> Vec<u8> {
        let mut head = vec![0; 20];
        head[..8].copy_from_slice(&[0x7f, b'E', b'L', b'F', class, 1, 1, system]);
        head[18..].copy_from_slice(&machine.to_le_bytes());
        head
    }

    #[test]
    fn a_program_for_the_containers_is_accepted() {
        for (platform, machine) in [(Platform::X86_64Linux, 62), (Platform::Aarch64Linux, 183)] {
            assert_eq!(fault(&elf(2, 0, machine), platform), None);
            assert_eq!(fault(&elf(2, 3, machine), platform), None);
        }
        if let Ok(platform) = Platform::of_containers() {
            let own = std::env::current_exe().unwrap();
            assert_eq!(check(&own, platform), Ok(own.canonicalize().unwrap()));
        }
    }

    #[test]
    fn anything_else_is_named() {
        for (head, what) in [
            (elf(2, 0, 183), "another processor"),
            (elf(1, 0, 62), "another processor or system"),
            (elf(2, 9, 62), "another processor or system"),
            (elf(2, 0, 62)[..12].to_vec(), "another processor or system"),
            (vec![0xcf, 0xfa, 0xed, 0xfe, 7], "macOS"),
            (vec![0xca, 0xfe, 0xba, 0xbe, 0], "macOS"),
            (b"MZ\x90\x00".to_vec(), "Windows"),
            (b"#!/bin/sh\n".to_vec(), "a script"),
            (b"PK\x03\x04".to_vec(), "an archive"),
            (b"\x1f\x8b\x08".to_vec(), "an archive"),
            (b"just a text".to_vec(), "not a program"),
            (Vec::new(), "not a program"),
        ] {
            let said = fault(&head, HERE).unwrap();
            assert!(said.contains(what), "{what}: {said}");
        }
    }

    #[test]
    fn what_is_not_a_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check(folder.path(), HERE).unwrap_err().contains("not a regular file"));
        assert!(check(&folder.path().join("none"), HERE).unwrap_err().contains("cannot be read"));
    }
}
