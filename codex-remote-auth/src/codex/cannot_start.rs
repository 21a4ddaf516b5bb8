//! Why the system cannot start the file named codex, if the file itself shows it.

use std::fmt;

use super::{NoInterpreter, Outcome};
use crate::ssh::End;

/// What is wrong with the file. It is no reason to doubt the login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannotStart {
    /// It is a script whose interpreter does not exist.
    NoInterpreter(NoInterpreter),
    /// It is not a program of this system.
    NotAProgram {
        /// Its path on the host.
        path: String,
        /// What it is instead.
        kind: FileKind,
    },
}

/// What a file named codex is if it is not a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Nothing: it has no bytes.
    Empty,
    /// A web page, or another text that a server sends instead of a file.
    Page,
    /// An archive that has to be unpacked; the name of its format.
    Archive(&'static str),
    /// A program for another system, by its name.
    OtherSystem(&'static str),
}

impl FileKind {
    /// The beginnings of files. Those of texts are in lower case.
    const BEGINNINGS: [(&'static [u8], Self); 18] = [
        (b"\xcf\xfa\xed\xfe", Self::OtherSystem("macOS")),
        (b"\xce\xfa\xed\xfe", Self::OtherSystem("macOS")),
        (b"\xfe\xed\xfa\xcf", Self::OtherSystem("macOS")),
        (b"\xca\xfe\xba\xbe", Self::OtherSystem("macOS")),
        (b"MZ", Self::OtherSystem("Windows")),
        (b"\x1f\x8b", Self::Archive("gzip")),
        (b"PK\x03\x04", Self::Archive("zip")),
        (b"\x28\xb5\x2f\xfd", Self::Archive("zstd")),
        (b"\xfd7zXZ", Self::Archive("xz")),
        (b"BZh", Self::Archive("bzip2")),
        (b"!<arch>", Self::Archive("deb")),
        (b"<!doctype", Self::Page),
        (b"<html", Self::Page),
        (b"<?xml", Self::Page),
        (b"not found", Self::Page),
        (b"404", Self::Page),
        (b"{\"message\"", Self::Page),
        (b"version https://git-lfs", Self::Page),
    ];

    /// The kind of the file that begins with these bytes. `None` if it may be a program or a script.
    fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return Some(Self::Empty);
        }
        let text = bytes.trim_ascii_start().to_ascii_lowercase();
        let begins = |(begin, kind): &(&[u8], Self)| match kind {
            Self::Page => text.starts_with(begin),
            _ => bytes.starts_with(begin),
        };
        Self::BEGINNINGS.iter().find(|known| begins(known)).map(|(_, kind)| *kind)
    }
}

impl CannotStart {
    /// Reads the beginning of the file at this path, of which a call ended like this. `None` if the file shows no reason.
    pub fn of(outcome: &Outcome, path: &str, bytes: &[u8]) -> Option<Self> {
        if let Some(script) = NoInterpreter::of(outcome, path, bytes) {
            return Some(Self::NoInterpreter(script));
        }
        let kind = FileKind::of(bytes)?;
        // A shell runs an empty file, and it succeeds.
        let is_reason = kind == FileKind::Empty || matches!(outcome.end, End::Exit(1..));
        is_reason.then(|| Self::NotAProgram { path: path.to_owned(), kind })
    }

    /// The lesson about it.
    pub fn lesson(&self) -> &'static str {
        match self {
            Self::NoInterpreter(script) => script.lesson(),
            Self::NotAProgram { kind: FileKind::OtherSystem(_), .. } => "wrong-machine-type",
            Self::NotAProgram { .. } => "codex-not-executable",
        }
    }

    /// What to do about it.
    pub fn fix(&self) -> String {
        match self {
            Self::NoInterpreter(script) => script.fix(),
            Self::NotAProgram { path, kind: FileKind::Archive(_) } => {
                format!("unpack it on the host, and put the program that is in it at {path}")
            }
            Self::NotAProgram { path, .. } => {
                format!("remove {path} on the host, and install codex: npm install -g @openai/codex")
            }
        }
    }
}

impl fmt::Display for CannotStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoInterpreter(script) => write!(f, "{script}"),
            Self::NotAProgram { path, kind } => {
                write!(f, "{path} is not a program: ")?;
                match kind {
                    FileKind::Empty => f.write_str("it is empty"),
                    FileKind::Page => f.write_str(
                        "it is a text that a server sent instead of the file, such as an error page",
                    ),
                    FileKind::Archive(format) => write!(f, "it is an archive ({format})"),
                    FileKind::OtherSystem(system) => write!(f, "it is built for {system}"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: i32, bytes: &[u8]) -> Option<CannotStart> {
        let outcome = Outcome { stdout: Vec::new(), stderr: Vec::new(), end: End::Exit(status) };
        CannotStart::of(&outcome, "/b/codex", bytes)
    }

    #[test]
    fn a_file_that_is_no_program_is_named_by_what_it_is() {
        for (status, bytes, words) in [
            (0, &b""[..], "it is empty"),
            (2, b"\n<!DOCTYPE html>\n<html>", "such as an error page"),
            (127, b"Not Found", "such as an error page"),
            (126, b"\x1f\x8b\x08\x00", "an archive (gzip)"),
            (126, b"\xcf\xfa\xed\xfe\x0c", "built for macOS"),
            (126, b"MZ\x90\x00", "built for Windows"),
        ] {
            let found = of(status, bytes).unwrap_or_else(|| panic!("{words}"));
            assert!(found.to_string().contains(words), "{found}");
        }
        for bytes in [&b"#!/bin/sh\nexit 1\n"[..], b"\x7fELF\x02", b"exec codex \"$@\"\n"] {
            assert_eq!(of(1, bytes), None);
        }
        // It ran, so it is something else than it seems.
        assert_eq!(of(0, b"MZ=1; exec real"), None);
    }
}
