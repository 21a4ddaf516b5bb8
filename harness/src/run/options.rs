//! How a run goes about its checks.

use std::path::PathBuf;

use crate::target::CodexUnderTest;

/// How a run goes about it.
#[derive(Debug, Clone)]
pub struct RunnerOptions {
    /// How many checks run at once.
    pub jobs: usize,
    /// A folder of the run's own on this machine, for the files that a check reads.
    pub folder: PathBuf,
    /// Whether the codex under test is a real one, which leaves no witness.
    pub real: bool,
    /// Whether each step's files and requests are written down, for a comparison.
    pub observe: bool,
}

impl RunnerOptions {
    /// For the stub, without observing.
    pub fn new(jobs: usize, folder: PathBuf) -> Self {
        Self { jobs, folder, real: false, observe: false }
    }

    /// For this codex.
    #[must_use]
    pub fn with(mut self, codex: &CodexUnderTest) -> Self {
        self.real = !codex.is_stub();
        self
    }
}
