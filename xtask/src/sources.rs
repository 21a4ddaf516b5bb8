//! Options that say where real releases come from, shared by the commands that use them.

use std::path::PathBuf;

use clap::Args;
use harness::release::GetOptions;
use harness::run::Sources;

use crate::workspace;

/// Where real releases come from.
#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// Use only releases in the cache; download nothing
    #[arg(long)]
    offline: bool,
    /// Allow a release that is not in the file of pins; its digest is shown
    #[arg(long)]
    unpinned: bool,
    /// File of pins, with the releases' digests (default: fixtures/codex-releases.toml)
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
