//! What `smoke --keep` says about the container that it keeps: how to try each check's command by hand, and how to remove it.

use std::path::{Path, PathBuf};

use codex_remote_auth::codex::quote;
use harness::run::KeptCheck;
use serde_json::{Value, json};

/// The command that removes a kept container.
pub(crate) const REMOVE: &str = "cargo xtask clean";

/// A container that outlives the run.
pub(crate) struct Kept {
    /// The engine's name for it, shortened.
    pub(crate) container: String,
    /// The configuration for `ssh` that names it `box`.
    pub(crate) config: PathBuf,
    /// Its checks.
    pub(crate) checks: Vec<KeptCheck>,
}

impl Kept {
    /// For people.
    pub(crate) fn text(&self) -> String {
        let Self { container, checks, .. } = self;
        let width = checks.iter().map(|kept| kept.check.len()).max().unwrap_or_default();
        let mut text = format!("\nkept: container {container}; each account is as its check left it\n\n");
        for kept in checks {
            let command = kept.command.clone().unwrap_or_else(|| shell(&self.config, &kept.account));
            text.push_str(&format!("  {:<width$}  {command}\n", kept.check));
        }
        if let Some(first) = checks.first() {
            text.push_str(&format!(
                "\na shell with the PATH of these commands (a login shell has Debian's PATH, without codex):\n  {}\n",
                shell(&self.config, &first.account)
            ));
        }
        text.push_str(&format!("a shell as root:\n  {}\nto remove it:\n  {REMOVE}", as_root(container)));
        text
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        let checks = self.checks.iter().map(|kept| {
            json!({
                "id": kept.check,
                "account": kept.account,
                "command": kept.command,
                "shell": shell(&self.config, &kept.account),
            })
        });
        json!({
            "container": self.container,
            "ssh_config": self.config,
            "checks": checks.collect::<Vec<_>>(),
            "root": as_root(&self.container),
            "remove": REMOVE,
        })
    }
}

/// The command that opens a shell as an account. A login shell would get Debian's PATH from /etc/profile, not the one that sshd gives to commands.
pub(crate) fn shell(config: &Path, account: &str) -> String {
    format!("ssh -t -F {} {account}@box 'exec $SHELL'", quote(&config.to_string_lossy()))
}

fn as_root(container: &str) -> String {
    format!("docker exec -it {container} bash")
}
