//! A file at hand is named for what it is.

use std::fs;
use std::path::PathBuf;

use harness::release::{Linkage, ReleaseProblem, probe};

fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("program");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// The header of a 64-bit ELF program for Linux, without segments.
fn elf(machine: u16, kind: u16, entry: u64) -> Vec<u8> {
    let mut head = vec![0; 64];
    head[..8].copy_from_slice(&[0x7f, b'E', b'L', b'F', 2, 1, 1, 0]);
    head[16..18].copy_from_slice(&kind.to_le_bytes());
    head[18..20].copy_from_slice(&machine.to_le_bytes());
    head[24..32].copy_from_slice(&entry.to_le_bytes());
    head
}

const HERE: u16 = if cfg!(target_arch = "aarch64") { 183 } else { 62 };
const ELSEWHERE: (u16, &str) = if cfg!(target_arch = "aarch64") { (62, "x86_64") } else { (183, "aarch64") };

#[test]
#[cfg(target_os = "linux")]
fn a_program_of_this_machine_is_one_and_says_how_it_is_linked() {
    let own = std::env::current_exe().unwrap();
    let probed = probe(&own).unwrap();
    let expected = if cfg!(target_feature = "crt-static") { Linkage::Static } else { Linkage::Dynamic };
    assert_eq!(probed.linkage, expected);
    assert_eq!(probed.program, own.canonicalize().unwrap());
}

#[test]
fn a_program_without_a_loader_is_static() {
    for kind in [2, 3] {
        let (_folder, path) = file(&elf(HERE, kind, 0x1000));
        assert_eq!(probe(&path).unwrap().linkage, Linkage::Static);
    }
}

#[test]
fn what_is_no_program_is_named() {
    for (bytes, what) in [
        (&b""[..], "is empty"),
        (b"just a text\n", "is text"),
        (b"#!/bin/sh\nexec codex\n", "is a script"),
        (b"PK\x03\x04\x00", "zip archive or wheel"),
        (b"\x1f\x8b\x08", "compressed archive"),
        (b"\x7fELF\x02\x01\x01\x00", "breaks off in its header"),
        (b"\x00\x01\x02\xff", "no program of any kind"),
        (&elf(HERE, 3, 0), "is a shared library"),
        (&elf(HERE, 1, 0), "object file"),
    ] {
        let (_folder, path) = file(bytes);
        let problem = probe(&path).unwrap_err();
        assert!(matches!(problem, ReleaseProblem::NotAProgram { .. }), "{problem}");
        let said = problem.to_string();
        assert!(said.contains(what) && said.contains(&path.display().to_string()), "{what}: {said}");
    }
}

#[test]
fn a_program_for_other_machines_is_named() {
    let mut narrow = elf(HERE, 2, 1);
    narrow[4] = 1;
    let mut free_bsd = elf(HERE, 2, 1);
    free_bsd[7] = 9;
    for (bytes, what) in [
        (elf(ELSEWHERE.0, 2, 1), ELSEWHERE.1),
        (narrow, "32-bit"),
        (free_bsd, "FreeBSD"),
        (vec![0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1], "macOS (Mach-O)"),
        (vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2], "macOS (Mach-O)"),
        (b"MZ\x90\x00".to_vec(), "Windows (PE)"),
    ] {
        let (_folder, path) = file(&bytes);
        let problem = probe(&path).unwrap_err();
        assert!(matches!(problem, ReleaseProblem::OtherPlatform { .. }), "{problem}");
        assert!(problem.to_string().contains(what), "{what}: {problem}");
    }
}

#[test]
fn what_is_no_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let said = probe(folder.path()).unwrap_err().to_string();
    assert!(said.contains("is a folder"), "{said}");
    let said = probe(&folder.path().join("nothing")).unwrap_err().to_string();
    assert!(said.contains("there is no such file"), "{said}");
}
