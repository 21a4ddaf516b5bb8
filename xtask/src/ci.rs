//! `cargo xtask ci`: everything that has to hold before a change lands, in the order in which it fails soonest.

use std::process::Command;
use std::time::Instant;

use clap::Args;
use codex_remote_auth::{say_line, tell_line};
use harness::run::newest_release;

use crate::workspace;
use codex_remote_auth::cli::exit::Verdict;

/// Run everything that continuous integration runs
#[derive(Debug, Args)]
pub(crate) struct Ci {
    /// Run what is too slow for every change instead: the stub is compared with all pinned releases
    #[arg(long)]
    scheduled: bool,
}

/// What runs on a schedule. The tests compare three releases on every change.
const SCHEDULED: &[(&str, &[&str])] =
    &[("the stub shows what each release shows", &["xtask", "drift", "--against", "stub"])];

/// Stands for the newest release in the arguments of a step.
const NEWEST: &str = "NEWEST";

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
        &["xtask", "drift", "--check", NEWEST],
    ),
    ("the tests hold", &["test", "--locked"]),
];

impl Ci {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        for (what, arguments) in if self.scheduled { SCHEDULED } else { STEPS } {
            let began = Instant::now();
            let arguments = arguments.iter().map(|argument| match *argument {
                NEWEST => newest_release().to_string(),
                other => other.to_owned(),
            });
            let arguments: Vec<String> = arguments.collect();
            say_line!("== {what}: cargo {}", arguments.join(" "));
            // A snapshot that nobody reviewed must fail here, whatever the caller's own setting.
            let status = Command::new(&cargo)
                .args(&arguments)
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
