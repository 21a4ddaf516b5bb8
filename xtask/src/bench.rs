//! `cargo xtask bench`: the figures of docs/performance.md, each beside what it is compared with.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use codex_remote_auth::{say_line, tell_line};
use harness::run::bench::{self, median, timed};
use harness::run::{
    Check, Runner, RunnerOptions, SMOKE_TESTS, TestEnvironment, TestEnvironmentOptions, catalogue,
    newest_release,
};

use crate::bench_deploy::BenchDeploy;
use crate::bench_real;
use crate::session;
use crate::sources::SourceArgs;
use crate::workspace;
use codex_remote_auth::cli::exit::Verdict;

/// Print the figures of docs/performance.md, with what they have to be
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Bench {
    #[command(subcommand)]
    part: Option<Part>,
    /// How often each figure is taken; the middle one counts
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=50))]
    times: u16,
    /// Also clone the checkout to a new folder and time its first smoke: no image, no target folder; takes minutes
    #[arg(long)]
    cold: bool,
    /// Only the figures of real releases, as far as they are in the cache; takes minutes
    #[arg(long, conflicts_with = "cold")]
    real: bool,
    /// With --real, also every lesson on all releases in the cache
    #[arg(long, requires = "real")]
    all: bool,
    #[command(flatten)]
    sources: SourceArgs,
}

#[derive(Debug, Subcommand)]
enum Part {
    Deploy(BenchDeploy),
}

/// What the drift of one release may take, warm.
const ONE_RELEASE: Duration = Duration::from_secs(20);

/// What the drift of all releases may take.
const ALL_RELEASES: Duration = Duration::from_secs(360);

impl Bench {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        if let Some(Part::Deploy(deploy)) = self.part {
            return deploy.run();
        }
        let test_environment =
            session::open(&TestEnvironmentOptions::default(), &|what| tell_line!("{what}"))?;
        let mut holds = true;
        let mut row = |what: &str, figure: String, must: &str, met: bool| {
            say_line!("{:<58} {figure:>24}   {must:<14} {}", what, if met { "met" } else { "NOT MET" });
            holds &= met;
        };
        if self.real {
            let figures = bench_real::figures(&test_environment, &self.sources, self.times.into(), self.all)?;
            row(
                "drift of the newest release, warm",
                seconds(figures.one),
                "<= 20 s",
                figures.one <= ONE_RELEASE,
            );
            if let Some((all, count)) = figures.all {
                let what = format!("drift of all {count} cached releases");
                row(&what, seconds(all), "<= 360 s", all <= ALL_RELEASES);
            }
            row("memory of one real call at its peak", format!("{} MB", figures.memory), "", true);
            let (equal, cells) = figures.equal;
            row(
                "cells in which stub = real, on three releases",
                format!("{equal} of {cells}"),
                "all",
                equal == cells,
            );
            return Ok(holds.into());
        }
        let whole = self.whole(&test_environment)?;
        let (all, one, script) = (whole.all, whole.one, whole.script);
        row("smoke warm, all checks, start to exit", seconds(all), "<= 3 s", all <= Duration::from_secs(3));
        let ratio = script.as_secs_f64() / all.as_secs_f64();
        row("the same steps by ssh, scp and docker from a script", seconds(script), "", true);
        row("the script takes so many times as long", format!("{ratio:.1} x"), ">= 5 x", ratio >= 5.0);
        let further = all.saturating_sub(one) / whole.further;
        row("each further check", millis(further), "<= 60 ms", further <= Duration::from_millis(60));

        if self.cold {
            let cold = cold()?;
            row(
                "fresh clone to first smoke result",
                seconds(cold),
                "<= 240 s",
                cold <= Duration::from_secs(240),
            );
        }
        Ok(holds.into())
    }

    /// Whole runs: every check, one check, and the script, in turn, so that all see the same machine.
    fn whole(&self, test_environment: &TestEnvironment) -> anyhow::Result<Whole> {
        let catalogue = catalogue(&workspace::root().join("fixtures/lessons"))?;
        let release = newest_release();
        let smoke = SMOKE_TESTS.iter().map(|test| Check::smoke(test, release.clone()));
        let lessons = catalogue.lessons().iter().map(|lesson| Check::lesson(lesson, release.clone()));
        let checks: Vec<Check<'_>> = smoke.chain(lessons).collect();

        let container = test_environment.container()?;
        let runner = Runner::new(&container, RunnerOptions::new(1, test_environment.folder().to_owned()));
        let script = bench::shell_script(test_environment, &container, &runner, &checks)?;
        container.stop()?;

        let program = std::env::current_exe()?;
        let mut walls: [Vec<Duration>; 3] = Default::default();
        for round in 0..self.times {
            walls[0].push(held(Command::new(&program).arg("smoke"))?);
            walls[1].push(held(Command::new(&program).args(["smoke", "git-check"]))?);
            // The script is slow, and its figure does not have to be fine.
            if round < 2 {
                walls[2].push(timed(Command::new("bash").arg(&script))?.wall);
            }
        }
        let [all, one, script] = walls.map(|walls| median(&walls));
        Ok(Whole { all, one, script, further: checks.len() as u32 - 1 })
    }
}

struct Whole {
    all: Duration,
    one: Duration,
    script: Duration,
    further: u32,
}

fn held(command: &mut Command) -> anyhow::Result<Duration> {
    let run = timed(command)?;
    if !run.held {
        bail!("{command:?} does not hold, so its time says nothing");
    }
    Ok(run.wall)
}

/// Clones the checkout and runs its first smoke, with images of a name of their own.
fn cold() -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let clone = folder.path().join("clone");
    let git = |arguments: &[&Path]| Command::new("git").args(arguments).output();
    let cloned = git(&["clone".as_ref(), "--quiet".as_ref(), &workspace::root(), &clone]).context("git")?;
    if !cloned.status.success() {
        bail!("git clone failed: {}", String::from_utf8_lossy(&cloned.stderr));
    }
    let namespace = format!("codex-remote-auth-cold-{}", std::process::id());
    let mut smoke = Command::new("cargo");
    smoke.args(["xtask", "smoke"]).current_dir(&clone);
    smoke.env("CODEX_REMOTE_AUTH_NAMESPACE", &namespace);
    for name in ["CARGO_TARGET_DIR", "CARGO_MANIFEST_DIR", "CARGO"] {
        smoke.env_remove(name);
    }
    let wall = held(&mut smoke);
    let engine = harness::target::Engine::connect()?;
    harness::target::cleanup::remove_images(&engine, &namespace)?;
    wall
}

fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}

fn millis(duration: Duration) -> String {
    format!("{:.0} ms", duration.as_secs_f64() * 1_000.0)
}
