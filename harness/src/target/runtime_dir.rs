//! The folder in which the runs of one person find each other.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::PathBuf;

use super::MissingPrerequisite;

/// This account's private folder in `$XDG_RUNTIME_DIR`, or else in the system's folder for temporary files.
///
/// # Errors
/// [`MissingPrerequisite`] if it cannot be created, or if it belongs to somebody else, who could then control what is
/// removed.
pub(crate) fn runtime_dir() -> Result<PathBuf, MissingPrerequisite> {
    let uid = rustix::process::getuid().as_raw();
    let given = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_dir());
    let folder = given.unwrap_or_else(std::env::temp_dir).join(format!("codex-remote-auth-{uid}"));
    let lacks = |what: String| {
        MissingPrerequisite::new(format!("{}: {what}", folder.display()))
            .remedy("set XDG_RUNTIME_DIR or TMPDIR to a folder of your own")
    };
    match fs::DirBuilder::new().mode(0o700).create(&folder) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(lacks(format!("cannot be made: {error}"))),
    }
    let metadata = fs::symlink_metadata(&folder).map_err(|error| lacks(error.to_string()))?;
    if !metadata.is_dir() || metadata.uid() != uid || metadata.permissions().mode() & 0o077 != 0 {
        return Err(lacks("is no folder of this account alone".to_owned()));
    }
    Ok(folder)
}
