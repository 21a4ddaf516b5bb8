//! Where the checkout's own files are.

use std::path::{Path, PathBuf};

/// The checkout's root.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// The folder with the lessons.
pub(crate) fn lessons() -> PathBuf {
    root().join("fixtures/lessons")
}
