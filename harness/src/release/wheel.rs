//! A wheel: whether it is the pinned one, and the one program in it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use semver::Version;
use zip::ZipArchive;

use super::digest::{self, CopyProblem};
use super::words::name_of;
use super::{Digested, ReleaseProblem, Tool};

/// Unpacks the program to `to`, and says what it is.
pub(super) fn unpack(wheel: &Path, tool: Tool, to: &Path) -> Result<Digested, ReleaseProblem> {
    let mut file = File::create_new(to).map_err(ReleaseProblem::io("cannot make", to))?;
    let unpacked = copy_member(wheel, tool, &mut file, to)?;
    file.sync_all().map_err(ReleaseProblem::writing(to, unpacked.size))?;
    Ok(unpacked)
}

/// What the program in a wheel is.
pub(super) fn program_in(wheel: &Path, tool: Tool) -> Result<Digested, ReleaseProblem> {
    copy_member(wheel, tool, &mut io::sink(), wheel)
}

/// The version that the program in a wheel has, where it is not the package's.
pub(super) fn program_version(wheel: &Path, tool: Tool) -> Result<Option<Version>, ReleaseProblem> {
    let Some(member) = tool.version_member() else { return Ok(None) };
    let absent = |reason: String| no_such_member(wheel, member, reason);
    let mut archive = open(wheel, member)?;
    let mut text = String::new();
    let entry = archive.by_name(member).map_err(|error| absent(error.to_string()))?;
    entry.take(1024).read_to_string(&mut text).map_err(|error| absent(error.to_string()))?;
    let version = text.split_whitespace().next().and_then(|word| Version::parse(word).ok());
    version.map(Some).ok_or_else(|| absent(format!("no version stands in it: {}", text.trim())))
}

fn copy_member(
    wheel: &Path,
    tool: Tool,
    to: &mut dyn Write,
    path: &Path,
) -> Result<Digested, ReleaseProblem> {
    let member = tool.member();
    let mut archive = open(wheel, member)?;
    let mut entry =
        archive.by_name(member).map_err(|error| no_such_member(wheel, member, error.to_string()))?;
    let need = entry.size();
    digest::copy(&mut entry, to).map_err(|problem| match problem {
        CopyProblem::Reading(error) => no_such_member(wheel, member, format!("it breaks off: {error}")),
        CopyProblem::Writing(error) => ReleaseProblem::writing(path, need)(error),
    })
}

fn open(wheel: &Path, member: &str) -> Result<ZipArchive<File>, ReleaseProblem> {
    let file = File::open(wheel).map_err(ReleaseProblem::io("cannot open", wheel))?;
    ZipArchive::new(file).map_err(|error| no_such_member(wheel, member, error.to_string()))
}

fn no_such_member(wheel: &Path, member: &str, reason: String) -> ReleaseProblem {
    ReleaseProblem::NoSuchMember { wheel: name_of(wheel), member: member.to_owned(), reason }
}
