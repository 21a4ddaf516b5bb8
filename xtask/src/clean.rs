//! `cargo xtask clean`: removes what earlier runs left behind.

use clap::Args;
use codex_remote_auth::say_line;
use harness::target::{Engine, cleanup};

use codex_remote_auth::cli::exit::Verdict;

/// Remove leftover containers, including kept ones
#[derive(Debug, Args)]
pub(crate) struct Clean {
    /// Also remove the images and the closed network; the next run creates them again
    #[arg(long)]
    images: bool,
    /// Also remove containers of other accounts, even if their runs are still active
    #[arg(long)]
    everybody: bool,
}

impl Clean {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let engine = Engine::connect()?;
        let removed = cleanup::clean(&engine, self.images, self.everybody)?;
        for container in &removed.containers {
            say_line!("removed container {container}");
        }
        for network in &removed.networks {
            say_line!("removed network {network}");
        }
        for image in &removed.images {
            say_line!("removed image {image}");
        }
        if removed == cleanup::Removed::default() {
            say_line!("nothing to remove");
        }
        Ok(Verdict::Holds)
    }
}
