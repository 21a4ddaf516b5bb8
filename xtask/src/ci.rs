//! `cargo xtask ci`: everything that has to hold before a change lands, in the order in which it fails soonest.

use std::process::Command;
use std::time::Instant;

use clap::Args;
use codex_remote_auth::{say_line, tell_line};

use crate::workspace;
use codex_remote_auth::cli::exit::Verdict;

/// Run everything that continuous integration runs
#[derive(Debug, Args)]
pub(crate) struct Ci {}

/// Each step: what it shows, and the arguments for cargo.
const STEPS: &[(&str, &[&str])] = &[
    ("the code is formatted", &["fmt", "--all", "--check"]),
    (
        "the lints are clean",
        &["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"],
    ),
    (
        "the installed program builds from its own package, with the lessons in it",
        &["package", "--package", "codex-remote-auth", "--locked", "--allow-dirty", "--quiet"],
    ),
    ("the main job holds", &["xtask", "smoke"]),
    (
        "the newest real release is as the lessons and docs/compatibility.md say",
        &["xtask", "drift", "--check", "0.163.0"],
    ),
    ("the tests hold", &["test", "--locked"]),
];

impl Ci {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        for (what, arguments) in STEPS {
            let began = Instant::now();
            say_line!("== {what}: cargo {}", arguments.join(" "));
            // A snapshot that nobody reviewed must fail here, whatever the caller's own setting.
            let status = Command::new(&cargo)
                .args(*arguments)
                .current_dir(workspace::root())
                .env("INSTA_UPDATE", "no")
                .status()?;
            say_line!("== {:.0} s", began.elapsed().as_secs_f64());
            if !status.success() {
                tell_line!("error: it does not hold that {what}");
                return Ok(Verdict::Fails);
            }
        }
        Ok(Verdict::Holds)
    }
}
