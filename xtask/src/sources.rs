//! Where real releases come from, as every verb that uses one is told.

use std::path::PathBuf;

use clap::Args;
use harness::release::GetOptions;
use harness::run::Sources;

use crate::workspace;

/// Where real releases come from.
#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// Use what is in the cache already, and fetch nothing
    #[arg(long)]
    offline: bool,
    /// Take a release whose digest is not in the file of pins, after showing its digest
    #[arg(long)]
    unpinned: bool,
    /// The file with the releases' digests, in place of the checkout's own
    #[arg(long, value_name = "FILE")]
    pins: Option<PathBuf>,
}

impl SourceArgs {
    pub(crate) fn sources(&self) -> Sources {
        let pins =
            self.pins.clone().unwrap_or_else(|| workspace::root().join("fixtures/codex-releases.toml"));
        Sources { pins, options: GetOptions { offline: self.offline, unpinned: self.unpinned } }
    }
}
