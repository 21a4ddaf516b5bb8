//! `cargo xtask ci`: everything that must pass before a change lands, fastest step first.

use std::process::Command;
use std::time::Instant;

use clap::Args;
use codex_remote_auth::{say_line, tell_line};
use harness::run::newest_release;

use crate::workspace;
use codex_remote_auth::cli::exit::Verdict;

/// Run everything that CI runs on a change
#[derive(Debug, Args)]
pub(crate) struct Ci {
    /// Leave the tests out, which another job runs in parts with nextest
    #[arg(long, conflicts_with_all = ["scheduled", "code_mutants", "dist"])]
    without_tests: bool,
    /// Run the slow weekly job instead: all flavours, and the stub against all pinned releases
    #[arg(long)]
    scheduled: bool,
    /// Run part K of N of the code mutants instead: change the code and check that the tests fail
    #[arg(long, value_name = "K/N", conflicts_with_all = ["scheduled", "dist"])]
    code_mutants: Option<String>,
    /// Build what people install instead, and install and use it in containers
    #[arg(long, conflicts_with = "scheduled")]
    dist: bool,
}

/// Steps for what people install.
const DIST: &[(&str, &[&str])] = &[
    ("what people install is built", &["xtask", "dist"]),
    ("each of it is installed and deploys a login", &["xtask", "dist", "--test"]),
];

/// Steps of the scheduled job: what is left out on a change, because it takes long.
const SCHEDULED: &[(&str, &[&str])] = &[
    ("the main job passes on every flavour", &["xtask", "smoke", "--flavour", "all"]),
    (
        "every command for hosts works on every flavour",
        &["test", "--locked", "--test", "flavours", "--", "--ignored"],
    ),
    (
        "the trials that are left to this job pass",
        &["test", "--locked", "--test", "hosts", "--", "--ignored"],
    ),
    (
        "the guide and the logins are right on older releases",
        &["test", "--locked", "--test", "real", "--", "--ignored"],
    ),
    (
        "the guide's smoke tests on the newest release are as docs/compatibility.md says",
        &["xtask", "drift", "--check", NEWEST],
    ),
    ("the stub shows what each release shows", &["xtask", "drift", "--against", "stub"]),
];

/// Placeholder for the newest release in the arguments of a step.
const NEWEST: &str = "NEWEST";

/// Each step: what it checks, and the arguments for cargo.
const STEPS: &[(&str, &[&str])] = &[
    ("the code is formatted", &["fmt", "--all", "--check"]),
    (
        "the lints are clean",
        &["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"],
    ),
    (
        "the installed program builds from its own package, which includes the lessons",
        &["package", "--package", "codex-remote-auth", "--locked", "--allow-dirty", "--quiet"],
    ),
    ("docs/SKILL.md is what its template, the lessons and the record say", &["xtask", "guide", "--check"]),
    ("the main job passes", &["xtask", "smoke"]),
    // The last step, which --without-tests leaves out. One run must show every failure, not only those of the first suite that has one.
    ("the tests pass", &["test", "--locked", "--no-fail-fast"]),
];

/// Steps for one part of the code mutants. `.cargo/mutants.toml` says which code is changed, and which mutants may survive and
/// why.
const CODE_MUTANTS: &[(&str, &[&str])] = &[
    // Does nothing if this version is already installed.
    ("cargo-mutants is installed", &["install", "--locked", "--quiet", "cargo-mutants@27.1.0"]),
    ("the tests fail on every change of the code", &["mutants", "--colors", "never", "--shard", SHARD]),
];

/// Placeholder for `K/N` in the arguments of a step.
const SHARD: &str = "SHARD";

impl Ci {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let steps = match &self.code_mutants {
            Some(_) => CODE_MUTANTS,
            None if self.scheduled => SCHEDULED,
            None if self.dist => DIST,
            None if self.without_tests => &STEPS[..STEPS.len() - 1],
            None => STEPS,
        };
        let threads = std::env::var("RUST_TEST_THREADS").unwrap_or_else(|_| {
            // Most tests wait for another program.
            std::thread::available_parallelism().map_or(2, |count| 2 * count.get()).to_string()
        });
        let mut failed = Vec::new();
        for (what, arguments) in steps {
            let began = Instant::now();
            let arguments = arguments.iter().map(|argument| match (*argument, &self.code_mutants) {
                (NEWEST, _) => newest_release().to_string(),
                (SHARD, Some(shard)) => shard.clone(),
                (other, _) => other.to_owned(),
            });
            let arguments: Vec<String> = arguments.collect();
            say_line!("== {what}: cargo {}", arguments.join(" "));
            // An unreviewed snapshot must fail here, even if the caller's environment tells insta to accept it.
            let status = Command::new(&cargo)
                .args(&arguments)
                .current_dir(workspace::root())
                .env("INSTA_UPDATE", "no")
                .env("RUST_TEST_THREADS", &threads)
                .status()?;
            say_line!("== {:.0} s", began.elapsed().as_secs_f64());
            if !status.success() {
                failed.push(what);
                // The steps of the scheduled job do not depend on each other.
                if !self.scheduled {
                    break;
                }
            }
        }
        for what in &failed {
            tell_line!("error: this step failed: {what}");
        }
        Ok(failed.is_empty().into())
    }
}
