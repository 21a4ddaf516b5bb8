//! `cargo xtask picture`: draws the picture of a terminal in the README.

use std::process::Command;

use clap::Args;
use codex_remote_auth::cli::exit::Verdict;

use crate::workspace;

/// Draw docs/session.svg, the picture in the README, from a run on a host in a container
#[derive(Debug, Args)]
pub(crate) struct Picture {}

impl Picture {
    /// The test that compares the picture with a run also writes it, so both make it in the same way.
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["test", "--locked", "--package", "xtask", "--test", "documents", "--", "picture::"])
            .current_dir(workspace::root())
            .env("CODEX_REMOTE_AUTH_WRITE_PICTURE", "1")
            .status()?;
        Ok(if status.success() { Verdict::Holds } else { Verdict::Fails })
    }
}
