//! What can go wrong with releases.

use std::io;
use std::path::{Path, PathBuf};

use semver::Version;
use thiserror::Error;

use super::Tool;

/// Why a release is not available.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReleaseProblem {
    /// There is no pip; these commands were tried.
    #[error(
        "no pip was found, so no release can be downloaded; nothing was changed\n  \
         tried: {0}\n  \
         hint: install Python's pip (`python3 -m ensurepip`, or your system's package python3-pip), or uv"
    )]
    NoPip(String),
    /// pip failed, most often because its index did not answer.
    #[error(
        "`{pip}` could not get {what}; nothing was kept\n{said}\n  \
         hint: check the network and `pip config list`; with --offline, releases in the cache still work"
    )]
    PipFailed {
        /// The command.
        pip: String,
        /// What was asked for.
        what: String,
        /// Its last lines.
        said: String,
    },
    /// The index does not have the release.
    #[error(
        "the package index has no {package} for {platform}; nothing was changed\n  hint: it has {nearest}"
    )]
    UnknownVersion {
        /// What was asked for.
        package: String,
        /// The platform.
        platform: String,
        /// The versions around it that it has.
        nearest: String,
    },
    /// The release is not pinned.
    #[error(
        "{tool} {version} is not pinned for this machine, so nobody has reviewed it; nothing was downloaded\n  \
         hint: pinned are {nearest}\n  \
         hint: `cargo xtask releases --update` pins what the index has now{unpinned}",
        unpinned = if matches!(tool, Tool::Codex) { "; --unpinned runs this release without a pin" } else { "" }
    )]
    NotPinned {
        /// The tool.
        tool: Tool,
        /// The release.
        version: Version,
        /// The pinned releases around it.
        nearest: String,
    },
    /// The index gave other bytes than the pinned ones.
    #[error(
        "{what} is not what was pinned; it was deleted, and nothing of it was run\n{said}\n  \
         hint: try once more. If it fails again, the index or something between hands out other bytes: do not run them"
    )]
    OtherBytes {
        /// The package or the program.
        what: String,
        /// Both digests.
        said: String,
    },
    /// The disk has too little space.
    #[error(
        "{folder} has too little free space: {need} MB are needed, {free} MB are free; nothing was downloaded\n  \
         hint: make space there, or set XDG_CACHE_HOME to a folder on a larger disk", folder = folder.display()
    )]
    NoSpace {
        /// The cache.
        folder: PathBuf,
        /// How much a download takes.
        need: u64,
        /// How much there is.
        free: u64,
    },
    /// The package does not contain the program.
    #[error(
        "{package} contains no {file}; nothing was kept\n  hint: look at what the package contains: `pip download --no-deps {package}`"
    )]
    NoProgram {
        /// The package.
        package: String,
        /// What was looked for.
        file: &'static str,
    },
    /// There are no releases for this architecture.
    #[error("there are no releases for Linux on {0}, this machine's architecture; nothing was changed")]
    UnknownMachine(&'static str),
    /// It would have to be downloaded.
    #[error(
        "the cache {folder} has no intact {tool} {version}, and --offline forbids a download; nothing was changed\n  \
         hint: `cargo xtask releases --fetch {tool}:{version}` downloads it", folder = folder.display()
    )]
    Offline {
        /// The tool.
        tool: Tool,
        /// The release.
        version: Version,
        /// The cache.
        folder: PathBuf,
    },
    /// The file of pins cannot be read.
    #[error("{path}:{line}: {message}; nothing was downloaded\n  hint: correct that line, or restore the file", path = path.display())]
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
        "there is no place for a cache; nothing was changed\n  hint: set HOME or XDG_CACHE_HOME to an absolute path"
    )]
    NoHome,
    /// The system refused something.
    #[error("{doing} {path}: {error}; no part of a download was kept", path = path.display())]
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
    /// Whether the call is wrong: what it asks for is not available anywhere.
    pub fn is_wrong_call(&self) -> bool {
        matches!(self, Self::UnknownVersion { .. } | Self::NotPinned { .. } | Self::UnreadablePins { .. })
    }

    /// Whether this machine lacks something: pip, a network, space, a place.
    pub fn is_lack(&self) -> bool {
        matches!(
            self,
            Self::NoPip(_)
                | Self::PipFailed { .. }
                | Self::NoSpace { .. }
                | Self::UnknownMachine(_)
                | Self::Offline { .. }
                | Self::NoHome
        )
    }

    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io { doing, path: path.to_owned(), error }
    }
}

/// The versions on both sides of the wanted one, in words.
pub(super) fn nearest(known: &[Version], wanted: &Version) -> String {
    const EACH_SIDE: usize = 3;
    let at = known.partition_point(|version| version < wanted);
    let near = &known[at.saturating_sub(EACH_SIDE)..known.len().min(at + EACH_SIDE)];
    match near.iter().map(Version::to_string).collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => "none".to_owned(),
        names => format!("{names} ({} in all)", known.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_versions_are_on_both_sides() {
        let known: Vec<Version> = (130..140).map(|minor| Version::new(0, minor, 0)).collect();
        let near = nearest(&known, &Version::new(0, 135, 5));
        assert_eq!(near, "0.133.0, 0.134.0, 0.135.0, 0.136.0, 0.137.0, 0.138.0 (10 in all)");
        assert!(nearest(&known, &Version::new(9, 0, 0)).starts_with("0.137.0"));
        assert_eq!(nearest(&[], &Version::new(9, 0, 0)), "none");
    }
}
