//! Appends a new entry.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Name;
use super::pattern::{SALT, hashed};
use crate::message::plain_words;
use crate::ssh::{HostKeyRule, SshProblem};

/// Appends a server's key to the first of the rule's files and returns its path. The other entries stay unchanged.
pub(in crate::ssh) fn append(
    rule: &HostKeyRule,
    name: &Name,
    kind: &str,
    key: &[u8],
) -> Result<PathBuf, SshProblem> {
    let problem = |reason: String| SshProblem::KnownHosts { reason };
    let file = rule
        .user_files
        .first()
        .ok_or_else(|| problem("have no file that a new key could be written to".to_owned()))?;
    let unwritable =
        |error: io::Error| problem(format!("cannot be written: {}: {}", file.display(), plain_words(&error)));
    let hosts = match rule.hash {
        true => salt().and_then(|salt| hashed(&salt, &name.whole)),
        false => Some(name.whole.clone()),
    };
    let hosts =
        hosts.ok_or_else(|| problem("cannot be hashed: the system has no random numbers".to_owned()))?;
    let line = format!("{hosts} {kind} {}\n", STANDARD.encode(key));
    write_line(file, &line).map_err(unwritable)?;
    Ok(file.clone())
}

fn salt() -> Option<[u8; SALT]> {
    let mut salt = [0; SALT];
    getrandom::fill(&mut salt).ok()?;
    Some(salt)
}

fn write_line(path: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(path)?;
    let line = match ends_within_a_line(&mut file)? {
        true => format!("\n{line}"),
        false => line.to_owned(),
    };
    // One call, so that lines of several writers do not mix.
    file.write_all(line.as_bytes())
}

fn ends_within_a_line(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}
