//! Options that say where real releases come from, shared by the commands that use them.

use std::path::PathBuf;

use clap::Args;
use harness::release::{GetOptions, Pins, Tool, Version};
use harness::run::Sources;

use crate::names::NothingSelected;
use crate::{names, workspace};

/// The pinned releases that match a glob. A glob is about Codex, unless it begins with `claude:`.
pub(crate) fn matching(glob: &str, pins: &Pins) -> Result<Vec<(Tool, Version)>, NothingSelected> {
    let all = || {
        Tool::ALL
            .into_iter()
            .flat_map(|tool| pins.versions(tool).into_iter().map(move |version| (tool, version)))
    };
    let names: Vec<String> = all().map(|(tool, version)| format!("{tool}:{version}")).collect();
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let full = if glob.contains(':') { glob.to_owned() } else { format!("{}:{glob}", Tool::Codex) };
    let chosen = names::select("pinned release", &[full], &known, "cargo xtask releases")?;
    Ok(all().zip(&known).filter(|(_, name)| chosen.contains(name)).map(|(release, _)| release).collect())
}

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
    /// The options as they were given, to call a command with the same sources again.
    pub(crate) fn again(&self) -> String {
        let flags = [(" --offline", self.offline), (" --unpinned", self.unpinned)];
        let mut text: String = flags.iter().filter(|(_, given)| *given).map(|(flag, _)| *flag).collect();
        text.extend(self.pins.as_deref().map(|file| workspace::option("pins", file)));
        text
    }

    pub(crate) fn sources(&self) -> Sources {
        let pins =
            self.pins.clone().unwrap_or_else(|| workspace::root().join("fixtures/codex-releases.toml"));
        Sources { pins, options: GetOptions { offline: self.offline, unpinned: self.unpinned } }
    }
}
