//! Whether this runs in GitHub Actions, and where the summary of the job goes.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use codex_remote_auth::tell_line;

/// A job of GitHub Actions.
#[derive(Debug, Clone)]
pub(super) struct GitHub {
    /// The file that a step adds its part of the summary to.
    pub(super) summary: Option<PathBuf>,
    /// Prints an annotation.
    pub(super) says: fn(&str),
}

impl GitHub {
    /// The job that this runs in.
    pub(super) fn job() -> Option<Self> {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let says: fn(&str) = |annotation| tell_line!("{annotation}");
        set("GITHUB_ACTIONS").map(|_| Self { summary: set("GITHUB_STEP_SUMMARY").map(PathBuf::from), says })
    }

    /// Adds to the summary of the job.
    pub(super) fn summarize(&self, text: &str) -> anyhow::Result<()> {
        let Some(path) = &self.summary else { return Ok(()) };
        let file = OpenOptions::new().append(true).create(true).open(path);
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        written.with_context(|| format!("the summary of the job, {}, could not be written", path.display()))
    }
}
