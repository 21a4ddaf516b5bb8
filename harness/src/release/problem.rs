//! What can go wrong with releases, in words for the person who has to go on from there.

use std::io;
use std::path::{Path, PathBuf};

use semver::Version;
use thiserror::Error;

use super::Tool;

/// Why a release is not available.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReleaseProblem {
    /// Nothing answers that could ask the package index.
    #[error(
        "no pip answers, and so no release can be fetched; nothing was changed\n  \
         tried: {tried}\n  \
         install Python's pip (`python3 -m ensurepip`, or your system's package python3-pip), or uv"
    )]
    NoPip {
        /// The commands that were tried.
        tried: String,
    },
    /// pip could not talk to its index.
    #[error(
        "{pip} could not get {what} from its package index; nothing was kept\n{said}\n  \
         look at the network and at `pip config list`; what is in the cache already works with --offline"
    )]
    IndexUnreachable {
        /// The command.
        pip: String,
        /// What was asked for.
        what: String,
        /// Its last lines.
        said: String,
    },
    /// The index has no such release.
    #[error("the package index has no {tool} {version} for {platform}; nothing was changed\n  {nearest}")]
    UnknownVersion {
        /// The tool.
        tool: Tool,
        /// The release that was asked for.
        version: String,
        /// What it was to run on.
        platform: String,
        /// Those that there are, near it.
        nearest: String,
    },
    /// No digest of it is known.
    #[error(
        "{tool} {version} is not pinned for {platform}, so nothing says what its bytes have to be; nothing was fetched\n  \
         {nearest}\n  \
         `cargo xtask releases --update` pins what the index has now{unpinned}",
        unpinned = if matches!(tool, Tool::Codex) { "; --unpinned takes it as it comes, this once" } else { "" }
    )]
    NotPinned {
        /// The tool.
        tool: Tool,
        /// The release that was asked for.
        version: Version,
        /// What it was to run on.
        platform: String,
        /// Those that are pinned, near it.
        nearest: String,
    },
    /// Something else came than what is pinned.
    #[error(
        "{what} is not what was pinned: expected {expected}, got {got}; it was removed, nothing of it was run or kept\n  \
         try once more; if that fails too, the index or something on the way to it hands out other bytes, which is a \
         reason not to run them"
    )]
    DigestMismatch {
        /// The file.
        what: String,
        /// Size and digest as pinned.
        expected: String,
        /// Size and digest of what came.
        got: String,
    },
    /// The disk is full.
    #[error(
        "no space is left in {folder}, where {what} needs about {need}; what was begun is removed\n  \
         make room there, or set XDG_CACHE_HOME to a folder with more of it", folder = folder.display()
    )]
    NoSpace {
        /// What was being written.
        what: String,
        /// Where.
        folder: PathBuf,
        /// How much it takes.
        need: String,
    },
    /// The wheel holds no program.
    #[error("{wheel} holds no {member}, so there is no program in it; nothing was kept\n  {reason}")]
    NoSuchMember {
        /// The wheel.
        wheel: String,
        /// What was looked for.
        member: String,
        /// What reading it came to.
        reason: String,
    },
    /// A file that is given as a program is none.
    #[error("{path}: {what}; nothing was run\n  give a Linux program, such as {example}", path = path.display())]
    NotAProgram {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: String,
        /// A program that would do.
        example: &'static str,
    },
    /// A program for other machines.
    #[error(
        "{path}: {what}, and the containers are {wanted}; nothing was run\n  \
         give one that was built for {wanted}", path = path.display()
    )]
    OtherPlatform {
        /// The file.
        path: PathBuf,
        /// What it was built for.
        what: String,
        /// What it has to be built for.
        wanted: String,
    },
    /// Nothing is published for this machine's architecture.
    #[error(
        "no release is published for Linux on {architecture}, this machine's architecture; nothing was changed"
    )]
    UnknownMachine {
        /// The architecture.
        architecture: String,
    },
    /// It would have to be fetched.
    #[error(
        "{tool} {version} is not in the cache at {folder}, and --offline forbids to fetch it; nothing was fetched\n  \
         `cargo xtask releases --fetch {version}` gets it while there is a network", folder = folder.display()
    )]
    Offline {
        /// The tool.
        tool: Tool,
        /// The release.
        version: Version,
        /// The cache.
        folder: PathBuf,
    },
    /// The cache was written by another version of this project.
    #[error(
        "{path} is of format {found}, and this version reads format {expected}; it was left as it is\n  \
         remove {folder} to have it fetched again", path = path.display(), folder = folder.display()
    )]
    OtherFormat {
        /// The entry's file.
        path: PathBuf,
        /// Its folder.
        folder: PathBuf,
        /// The format it has.
        found: u64,
        /// The format that is read.
        expected: u64,
    },
    /// The file of pins cannot be read.
    #[error("{path}:{line}: {message}; nothing was fetched\n  mend that line, or restore the file", path = path.display())]
    UnreadablePins {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// There is no place for a cache.
    #[error(
        "neither XDG_CACHE_HOME nor HOME names a folder, so there is no place for a cache; set one of them"
    )]
    NoHome,
    /// The system refused something.
    #[error("{doing} {path}: {error}; what was begun is removed", path = path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
}

impl ReleaseProblem {
    /// Whether what was asked for is at fault: a release or a file that cannot be had or used at all.
    pub fn is_wrong_call(&self) -> bool {
        matches!(
            self,
            Self::UnknownVersion { .. }
                | Self::NotPinned { .. }
                | Self::NotAProgram { .. }
                | Self::OtherPlatform { .. }
                | Self::UnreadablePins { .. }
        )
    }

    /// Whether this machine lacks something: pip, a network, room, a place.
    pub fn is_lack(&self) -> bool {
        matches!(
            self,
            Self::NoPip { .. }
                | Self::IndexUnreachable { .. }
                | Self::NoSpace { .. }
                | Self::UnknownMachine { .. }
                | Self::Offline { .. }
                | Self::NoHome
        )
    }

    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io { doing, path: path.to_owned(), error }
    }
}
