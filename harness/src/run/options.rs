//! The options of a run.

use std::path::PathBuf;

use crate::target::{CodexUnderTest, Flavour};

/// The options of a run.
#[derive(Debug, Clone)]
pub struct RunnerOptions {
    /// How many checks run in parallel.
    pub jobs: usize,
    /// The run's folder on this machine, for the files that a check reads.
    pub folder: PathBuf,
    /// Whether the codex under test is a real one, which leaves no witness.
    pub real: bool,
    /// The server of the container.
    pub flavour: Flavour,
    /// Whether to record the files and requests of each step, for a comparison.
    pub observe: bool,
    /// Whether no further check begins after the first failure.
    pub fail_fast: bool,
    /// Begin the checks in an order that this number determines. Without it, those that take long begin first.
    pub seed: Option<u64>,
}

impl RunnerOptions {
    /// Options for the stub on the usual server, without recording files and requests.
    pub fn new(jobs: usize, folder: PathBuf) -> Self {
        Self {
            jobs,
            folder,
            real: false,
            flavour: Flavour::default(),
            observe: false,
            fail_fast: false,
            seed: None,
        }
    }

    /// The same options for this codex.
    #[must_use]
    pub fn with(mut self, codex: &CodexUnderTest) -> Self {
        self.real = !codex.is_stub();
        self
    }
}
