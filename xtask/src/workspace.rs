//! Paths of the checkout's files.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::Args;
use codex_remote_auth::codex::quote;
use codex_remote_auth::lessons::{CatalogueProblem, Statements};

/// The checkout's root.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// The folder for what is built and recorded.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Reads the guide's statements.
pub(crate) fn statements() -> Result<Statements, CatalogueProblem> {
    Statements::read(&root().join("fixtures/guide.toml"))
}

/// An option with its value, as a shell reads it, after a blank.
pub(crate) fn option(name: &str, value: impl AsRef<OsStr>) -> String {
    format!(" --{name} {}", quote(&value.as_ref().to_string_lossy()))
}

/// The option that says which lessons to use.
#[derive(Debug, Args)]
pub(crate) struct LessonFiles {
    /// Folder with the lesson files (default: fixtures/lessons)
    #[arg(long, value_name = "DIR")]
    lessons: Option<PathBuf>,
}

impl LessonFiles {
    /// The folder with the lessons.
    pub(crate) fn folder(&self) -> PathBuf {
        self.lessons.clone().unwrap_or_else(|| root().join("fixtures/lessons"))
    }

    /// The option as it was given, to call a command with the same lessons again.
    pub(crate) fn again(&self) -> String {
        self.lessons.as_deref().map(|folder| option("lessons", folder)).unwrap_or_default()
    }

    /// The folder with their snapshots: tests/snapshots, or the folder given with --lessons.
    pub(crate) fn snapshots(&self) -> PathBuf {
        self.lessons.clone().unwrap_or_else(|| root().join("tests/snapshots"))
    }
}
