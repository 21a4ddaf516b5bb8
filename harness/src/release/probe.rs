//! A program at hand: whether the containers can run it, told by its first bytes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::{Platform, ReleaseProblem};

/// How a program finds its libraries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linkage {
    /// It brings all of them, and runs on any Linux.
    Static,
    /// It needs a loader and libraries where it runs.
    Dynamic,
}

/// What a file at hand is: a Linux program for the containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The program, by its whole path.
    pub program: PathBuf,
    /// How it finds its libraries.
    pub linkage: Linkage,
}

/// Looks whether the containers can run this file.
///
/// # Errors
/// [`ReleaseProblem::NotAProgram`] and [`ReleaseProblem::OtherPlatform`], which name what it is instead.
pub fn probe(program: &Path) -> Result<Probe, ReleaseProblem> {
    let wanted = Platform::of_containers()?;
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => not_a_program(program, "there is no such file"),
        _ => ReleaseProblem::io("cannot read", program)(error),
    };
    let path = program.canonicalize().map_err(unreadable)?;
    let metadata = path.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(not_a_program(program, "is a folder"));
    }
    if !metadata.is_file() {
        return Err(not_a_program(program, "is no regular file"));
    }
    let mut file = File::open(&path).map_err(unreadable)?;
    let mut head = Vec::new();
    (&mut file).take(HEADER as u64).read_to_end(&mut head).map_err(unreadable)?;
    let linkage = match judge(&head, wanted) {
        Finding::Program(segments) => linkage(&mut file, segments).map_err(unreadable)?,
        Finding::NotAProgram(what) => return Err(not_a_program(program, what)),
        Finding::OtherPlatform(what) => {
            return Err(ReleaseProblem::OtherPlatform {
                path: program.to_owned(),
                what,
                wanted: wanted.to_string(),
            });
        }
    };
    Ok(Probe { program: path, linkage })
}

/// The length of the header of a 64-bit ELF file.
const HEADER: usize = 64;

/// Where the segments of a program are told of.
#[derive(Debug, PartialEq, Eq)]
struct Segments {
    offset: u64,
    size: u64,
    count: u16,
}

#[derive(Debug, PartialEq, Eq)]
enum Finding {
    Program(Segments),
    NotAProgram(&'static str),
    OtherPlatform(String),
}

fn judge(head: &[u8], wanted: Platform) -> Finding {
    let other = |what: &str| Finding::OtherPlatform(format!("it was built for {what}"));
    match head {
        [] => Finding::NotAProgram("is empty"),
        [0x7f, b'E', b'L', b'F', ..] => elf(head, wanted),
        // Mach-O of one architecture in either byte order, and of several.
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..]
        | [0xfe, 0xed, 0xfa, 0xcf | 0xce, ..]
        | [0xca, 0xfe, 0xba, 0xbe, ..] => other("macOS (Mach-O)"),
        [b'M', b'Z', ..] => other("Windows (PE)"),
        [b'#', b'!', ..] => {
            Finding::NotAProgram("is a script, whose interpreter and files the containers lack")
        }
        [b'P', b'K', 3, 4, ..] => Finding::NotAProgram("is a zip archive or wheel; the program is inside"),
        [0x1f, 0x8b, ..] => Finding::NotAProgram("is a compressed archive; the program is inside"),
        _ if head.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) => {
            Finding::NotAProgram("is text")
        }
        _ => Finding::NotAProgram("is no program of any kind that is known here"),
    }
}

fn elf(head: &[u8], wanted: Platform) -> Finding {
    const EXECUTABLE: u16 = 2;
    const SHARED: u16 = 3;
    const OTHER_SYSTEMS: &[(u8, &str)] = &[(2, "NetBSD"), (6, "Solaris"), (9, "FreeBSD"), (12, "OpenBSD")];

    let (Some(&class), Some(&order), Some(&system)) = (head.get(4), head.get(5), head.get(7)) else {
        return Finding::NotAProgram("is an ELF file that breaks off in its header");
    };
    let other = |what: String| Finding::OtherPlatform(format!("it was built for {what}"));
    if class != 2 {
        return other("a 32-bit machine".to_owned());
    }
    if order != 1 {
        return other("a big-endian machine".to_owned());
    }
    let Ok(head) = <&[u8; HEADER]>::try_from(head) else {
        return Finding::NotAProgram("is an ELF file that breaks off in its header");
    };
    if let Some((_, name)) = OTHER_SYSTEMS.iter().find(|(number, _)| *number == system) {
        return other((*name).to_owned());
    }
    let machine = half(head, 18);
    if machine != number_of(wanted) {
        return other(machine_name(machine));
    }
    let entry = long(head, 24);
    match half(head, 16) {
        EXECUTABLE => {}
        // A program that may be loaded anywhere is a shared object with a place to begin.
        SHARED if entry != 0 => {}
        SHARED => return Finding::NotAProgram("is a shared library"),
        _ => return Finding::NotAProgram("is an ELF file, but no program (an object file or a core dump)"),
    }
    Finding::Program(Segments { offset: long(head, 32), size: half(head, 54).into(), count: half(head, 56) })
}

/// What needs a loader names it in a segment of its own.
fn linkage(file: &mut File, segments: Segments) -> io::Result<Linkage> {
    const INTERPRETER: [u8; 4] = 3u32.to_le_bytes();
    for number in 0..u64::from(segments.count) {
        let mut kind = [0; 4];
        file.seek(SeekFrom::Start(segments.offset.saturating_add(number * segments.size)))?;
        file.read_exact(&mut kind)?;
        if kind == INTERPRETER {
            return Ok(Linkage::Dynamic);
        }
    }
    Ok(Linkage::Static)
}

const X86_64: u16 = 62;
const AARCH64: u16 = 183;

fn number_of(platform: Platform) -> u16 {
    match platform {
        Platform::X86_64Linux => X86_64,
        Platform::Aarch64Linux => AARCH64,
    }
}

fn machine_name(machine: u16) -> String {
    match machine {
        X86_64 => "x86_64".to_owned(),
        AARCH64 => "aarch64".to_owned(),
        21 => "64-bit PowerPC".to_owned(),
        243 => "RISC-V".to_owned(),
        other => format!("the machine with ELF's number {other}"),
    }
}

fn half(head: &[u8; HEADER], at: usize) -> u16 {
    u16::from_le_bytes([head[at], head[at + 1]])
}

fn long(head: &[u8; HEADER], at: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&head[at..at + 8]);
    u64::from_le_bytes(bytes)
}

fn not_a_program(path: &Path, what: &'static str) -> ReleaseProblem {
    ReleaseProblem::NotAProgram {
        path: path.to_owned(),
        what: what.to_owned(),
        example: "the codex of `cargo xtask releases --fetch`",
    }
}
