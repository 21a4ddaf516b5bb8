//! The version with its commit. The build script uses this file, and so does a test.

use std::path::Path;
use std::process::Command;

/// The version, and in parentheses the commit, its date, and whether the sources differ from it: as much of it as is known.
/// The same sources always give the same text.
pub(crate) fn with_commit(version: &str, folder: &Path) -> String {
    let commit = match packaged(folder) {
        Some(commit) => Some(commit),
        None => checked_out(folder),
    };
    commit.map_or_else(|| version.to_owned(), |commit| format!("{version} ({commit})"))
}

/// The commit that `cargo package` wrote down. It does not write the date.
fn packaged(folder: &Path) -> Option<String> {
    let text = std::fs::read_to_string(folder.join(".cargo_vcs_info.json")).ok()?;
    let (_, rest) = text.split_once("\"sha1\"")?;
    let hash = rest.split('"').nth(1)?;
    let dirty = text.contains("\"dirty\": true") || text.contains("\"dirty\":true");
    Some(described(short(hash)?, "", dirty))
}

/// The commit of the checkout to which the folder belongs.
fn checked_out(folder: &Path) -> Option<String> {
    // Sources that were unpacked in somebody's repository do not belong to it.
    git(folder, &["ls-files", "--error-unmatch", "Cargo.toml"])?;
    let said = git(folder, &["log", "-1", "--format=%H %cs"])?;
    let (hash, date) = said.trim().split_once(' ')?;
    let changes = git(folder, &["status", "--porcelain", "--", ".", ":/Cargo.lock"])?;
    Some(described(short(hash)?, date, !changes.trim().is_empty()))
}

fn described(hash: &str, date: &str, is_modified: bool) -> String {
    let date = if date.is_empty() { String::new() } else { format!(" {date}") };
    format!("{hash}{date}{}", if is_modified { ", modified" } else { "" })
}

/// The beginning of a hash. git's own short form has another length in each clone.
fn short(hash: &str) -> Option<&str> {
    hash.get(..10).filter(|short| short.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// What git prints; `None` if it fails or is not installed.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut git = Command::new("git");
    // A hook sets these for the repository that it belongs to.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(name);
    }
    let output = git.arg("-C").arg(folder).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok())?
}
