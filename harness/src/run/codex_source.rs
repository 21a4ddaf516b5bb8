//! Finds the codex that a person asked for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use semver::Version;
use thiserror::Error;

use super::{TestEnvironment, program_file};
use crate::cloud::Knowledge;
use crate::release::{Cache, FileDigest, GetOptions, Pins, Platform, ReleaseProblem, Tool};
use crate::target::{AccountSpec, CodexChoice, CodexUnderTest, ERAS, RealCodex, RigProblem};
use codex_remote_auth::ssh::{Deadline, End, Output, SshProblem, Stdin};

/// Where real releases come from.
#[derive(Debug, Clone)]
pub struct Sources {
    /// The file with the pins.
    pub pins: PathBuf,
    /// How a release may be had.
    pub options: GetOptions,
}

/// Why the codex that was asked for is not available.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ChoiceProblem {
    /// The release.
    #[error(transparent)]
    Release(#[from] ReleaseProblem),
    /// The rig.
    #[error(transparent)]
    Rig(#[from] RigProblem),
    /// The session in which the program was asked what it is.
    #[error(transparent)]
    Session(#[from] SshProblem),
    /// The stub does not play this release.
    #[error("the stub does not play Codex {release}; nothing was run\n  hint: it plays {known}")]
    NoStub {
        /// The release.
        release: Version,
        /// The releases that it plays.
        known: String,
    },
    /// The containers cannot run the file.
    #[error(
        "{path} {fault}; nothing was run\n  \
         hint: give a program for Linux on {architecture}, such as the codex that `cargo xtask releases --fetch` shows",
        path = path.display(), architecture = platform.architecture()
    )]
    NotForContainers {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
        /// What it has to be built for.
        platform: Platform,
    },
    /// The program does not say of itself that it is a Codex.
    #[error(
        "{path} is not a Codex: `codex --version` should print `codex-cli X.Y.Z`, but {said}\n  it was run only in a \
         container without access to the outside, and nothing else was run\n  hint: give the program of a Codex release", path = path.display()
    )]
    NoCodex {
        /// The program.
        path: PathBuf,
        /// What came in its place.
        said: String,
    },
}

/// Refuses a release that no run can be about, before anything is downloaded or started.
///
/// # Errors
/// [`ChoiceProblem::NoStub`], and [`ChoiceProblem::Release`] if the release is not pinned or the pins cannot be read.
pub fn check_choice(choice: &CodexChoice, sources: &Sources) -> Result<(), ChoiceProblem> {
    let pins = || Pins::read(&sources.pins);
    match choice {
        CodexChoice::Stub(release) if ERAS.contains(release) => Ok(()),
        CodexChoice::Stub(release) => {
            let pinned = pins()?.versions(Tool::Codex);
            if pinned.contains(release) {
                return Ok(());
            }
            let all: BTreeSet<Version> = ERAS.into_iter().chain(pinned).collect();
            let known: Vec<String> = all.iter().map(Version::to_string).collect();
            Err(ChoiceProblem::NoStub { release: release.clone(), known: known.join(", ") })
        }
        CodexChoice::Real(release) => Ok(pins()?.check(Tool::Codex, release, sources.options.unpinned)?),
        CodexChoice::Claude(release) => Ok(pins()?.check(Tool::Claude, release, sources.options.unpinned)?),
        CodexChoice::File(_) => Ok(()),
    }
}

/// How long a program may take to say its version.
const VERSION: Duration = Duration::from_secs(10);

/// Finds the codex that a person asked for, and fetches it where it is a release that is not there yet.
///
/// # Errors
/// [`ChoiceProblem`].
pub fn choose(
    choice: &CodexChoice,
    test_environment: &TestEnvironment,
    sources: &Sources,
    say: &dyn Fn(&str),
) -> Result<CodexUnderTest, ChoiceProblem> {
    match choice {
        CodexChoice::Stub(release) => Ok(CodexUnderTest::Stub(release.clone())),
        CodexChoice::Real(release) => Ok(CodexUnderTest::Real(real(Tool::Codex, release, sources, say)?)),
        CodexChoice::Claude(release) => {
            Ok(CodexUnderTest::Claude(real(Tool::Claude, release, sources, say)?))
        }
        CodexChoice::File(path) => Ok(CodexUnderTest::Real(at_hand(path, test_environment)?)),
    }
}

/// A real release out of the cache, where it is put first if need be.
///
/// # Errors
/// [`ReleaseProblem`].
pub fn real(
    tool: Tool,
    release: &Version,
    sources: &Sources,
    say: &dyn Fn(&str),
) -> Result<RealCodex, ReleaseProblem> {
    let pins = Pins::read(&sources.pins)?;
    let found = Cache::open()?.get(&pins, tool, release, sources.options, say)?;
    Ok(RealCodex { release: found.version, program: found.program, sha256: found.sha256 })
}

fn at_hand(path: &Path, test_environment: &TestEnvironment) -> Result<RealCodex, ChoiceProblem> {
    let platform = Platform::of_containers()?;
    let refused = |fault| ChoiceProblem::NotForContainers { path: path.to_owned(), fault, platform };
    let program = program_file::check(path, platform).map_err(refused)?;
    let digest = FileDigest::of(&program).map_err(|error| refused(format!("cannot be read: {error}")))?;
    let unknown = RealCodex { release: Version::new(0, 0, 0), program, sha256: digest.sha256 };
    let container = test_environment.container_with(&CodexUnderTest::Real(unknown.clone()))?;
    let account = container.reserve();
    let spec = AccountSpec { shell: "/bin/sh".to_owned(), codex_on_path: true, ..AccountSpec::default() };
    container.create(&[(account.clone(), spec)], &Knowledge::default())?;
    let session = container.session(&account, VERSION)?;
    let output = session.run("codex --version", Stdin::Closed, Deadline::after(VERSION))?;
    drop(session);
    container.stop()?;
    match release_of(&output) {
        Some(release) => Ok(RealCodex { release, ..unknown }),
        None => Err(ChoiceProblem::NoCodex { path: path.to_owned(), said: said(&output) }),
    }
}

/// The release that `codex --version` tells, where it is one.
fn release_of(output: &Output) -> Option<Version> {
    let text = std::str::from_utf8(&output.stdout).ok()?;
    let version = text.trim().strip_prefix("codex-cli ")?;
    if output.end == End::Exit(0) { Version::parse(version).ok() } else { None }
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).trim().to_owned();
    let end = match &output.end {
        End::Exit(status) => format!("it ended with exit {status}"),
        End::Signal(name) => format!("it was ended by {name}"),
        End::Deadline => format!("it had not ended after {} s", VERSION.as_secs()),
    };
    format!("{end} and printed: {}{}", text(&output.stdout), text(&output.stderr))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(stdout: &str, status: i32) -> Output {
        Output { stdout: stdout.into(), stderr: Vec::new(), end: End::Exit(status), elapsed: Duration::ZERO }
    }

    #[test]
    fn a_version_is_what_codex_prints_and_nothing_like_it() {
        assert_eq!(release_of(&output("codex-cli 0.163.0\n", 0)), Some(Version::new(0, 163, 0)));
        assert_eq!(
            release_of(&output("codex-cli 0.170.0-alpha.1\n", 0)).map(|version| version.minor),
            Some(170)
        );
        for (text, status) in
            [("codex-cli 0.163.0\n", 1), ("git version 2.47.3", 0), ("codex-cli", 0), ("", 0)]
        {
            assert_eq!(release_of(&output(text, status)), None, "{text}");
        }
    }
}
