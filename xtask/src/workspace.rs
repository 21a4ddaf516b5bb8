//! Where the checkout's own files are.

use std::path::{Path, PathBuf};

use clap::Args;
use codex_remote_auth::lessons::{CatalogueProblem, Statements};

/// The checkout's root.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// What the guide states.
pub(crate) fn statements() -> Result<Statements, CatalogueProblem> {
    Statements::read(&root().join("fixtures/guide.toml"))
}

/// Which lessons there are.
#[derive(Debug, Args)]
pub(crate) struct LessonFiles {
    /// The folder with the lesson files, in place of the checkout's own
    #[arg(long, value_name = "DIR")]
    lessons: Option<PathBuf>,
}

impl LessonFiles {
    /// The folder with the lessons.
    pub(crate) fn folder(&self) -> PathBuf {
        self.lessons.clone().unwrap_or_else(|| root().join("fixtures/lessons"))
    }

    /// The folder with their snapshots: the checkout's own, or that of the lessons in place of it.
    pub(crate) fn snapshots(&self) -> PathBuf {
        self.lessons.clone().unwrap_or_else(|| root().join("tests/snapshots"))
    }
}
