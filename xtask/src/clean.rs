//! `cargo xtask clean`: removes what any run left.

use clap::Args;
use codex_remote_auth::say_line;
use harness::target::{Engine, cleanup};

use codex_remote_auth::cli::exit::Verdict;

/// Remove what runs left on the engine: containers, and kept ones too
#[derive(Debug, Args)]
pub(crate) struct Clean {
    /// Remove the images and the closed network as well; the next run makes them anew
    #[arg(long)]
    images: bool,
    /// Remove other accounts' containers too, whose runs may be alive
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
            say_line!("nothing was left");
        }
        Ok(Verdict::Holds)
    }
}
