//! How a report names a file of this machine.

use std::path::{Path, PathBuf};

/// The path as a pipeline knows it: below the folder of its checkout, if it says where that is, or else below the current one.
pub(super) fn from_workspace(path: &Path) -> PathBuf {
    let folders =
        ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"].map(|name| std::env::var_os(name).map(PathBuf::from));
    let here = std::env::current_dir().ok();
    let below = |folder: PathBuf| path.strip_prefix(folder).map(Path::to_owned).ok();
    let found = folders.into_iter().flatten().chain(here).find_map(below);
    found.unwrap_or_else(|| path.to_owned())
}
