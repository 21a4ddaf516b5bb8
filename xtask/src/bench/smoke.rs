//! Measures how long `cargo xtask smoke` takes.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use codex_remote_auth::cli::exit::Verdict;
use codex_remote_auth::lessons::Tool;
use codex_remote_auth::ssh::SshProblem;
use codex_remote_auth::tell_line;
use harness::cloud::Knowledge;
use harness::run::{
    Check, Runner, RunnerOptions, TestEnvironment, TestEnvironmentOptions, catalogue, newest_release,
};
use harness::target::{AccountSpec, CodexUnderTest};
use serde_json::Value;

use super::accounts::Accounts;
use super::table::{Table, median, milliseconds, seconds, timed};
use crate::smoke::all_checks;
use crate::{session, workspace};

/// How long a login may take.
const LOGIN: Duration = Duration::from_secs(20);

/// The options of `cargo xtask bench`.
#[derive(Debug, Args)]
pub(super) struct BenchSmoke {
    /// Number of measurements; the median counts
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=50))]
    times: u16,
    /// Also measure the first smoke in a fresh clone, without an image or a target folder; takes minutes
    #[arg(long)]
    cold: bool,
}

impl BenchSmoke {
    pub(super) fn run(self) -> anyhow::Result<Verdict> {
        let test_environment =
            session::open(&TestEnvironmentOptions::default(), &|what| tell_line!("{what}"))?;
        let mut table = Table::new();
        let program = std::env::current_exe()?;
        let (mut all, mut one) = (Vec::new(), Vec::new());
        for _ in 0..self.times {
            all.push(timed(Command::new(&program).arg("smoke"))?);
            one.push(timed(Command::new(&program).args(["smoke", "git-check"]))?);
        }
        let (all, one) = (median(&all), median(&one));
        let (script, checks) = script(&test_environment)?;
        let further = all.saturating_sub(one) / (checks - 1);
        table.row(
            &format!("smoke warm, all {checks} checks, start to exit"),
            &seconds(all),
            "<= 3 s",
            all <= Duration::from_secs(3),
        );
        table.row(
            "each further check",
            &milliseconds(further),
            "<= 60 ms",
            further <= Duration::from_millis(60),
        );
        let floor =
            median(&(0..self.times).map(|_| floor(&test_environment)).collect::<Result<Vec<_>, _>>()?);
        let ratio = all.as_secs_f64() / floor.as_secs_f64();
        table.row(
            &format!("all checks, against their bare logins ({})", seconds(floor)),
            &format!("{ratio:.2} x"),
            "<= 1.6 x",
            ratio <= 1.6,
        );
        let mut warm = Vec::new();
        // The first one may start the container.
        for _ in 0..=self.times {
            warm.push(timed(Command::new(&program).args(["smoke", "git-check", "--warm"]))?);
        }
        let warm = median(&warm[1..]);
        table.row(
            "one lesson with --warm, start to exit",
            &seconds(warm),
            "<= 0.5 s",
            warm <= Duration::from_millis(500),
        );
        let quarters = quarters(&program)?;
        table.row(
            "the longest of 4 partitions (slice), against a quarter",
            &format!("{quarters:.2} x"),
            "<= 1.25 x",
            quarters <= 1.25,
        );
        table.times_ours("the same steps, one ssh or scp process for each", script, all, 5.0);
        if self.cold {
            let cold = cold()?;
            let met = cold <= Duration::from_secs(240);
            table.row("fresh clone to first smoke result", &seconds(cold), "<= 240 s", met);
        }
        Ok(table.verdict())
    }
}

/// The floor of a run: starts a container, logs in as often as all checks do, as many at a time, and removes the container.
fn floor(test_environment: &TestEnvironment) -> anyhow::Result<Duration> {
    let catalogue = catalogue(&workspace::root().join("fixtures/lessons"))?;
    let checks = all_checks(&catalogue, Tool::Codex, &newest_release());
    let began = Instant::now();
    let container = test_environment.container()?;
    let account = container.reserve();
    let spec = AccountSpec { shell: "/bin/sh".to_owned(), ..AccountSpec::default() };
    container.create(&[(account.clone(), spec)], &Knowledge::default())?;
    let logins: usize = checks.iter().map(Check::logins).sum();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let work = || {
            while next.fetch_add(1, Ordering::Relaxed) < logins {
                container.session(&account, LOGIN)?;
            }
            Ok::<(), SshProblem>(())
        };
        let threads: Vec<_> =
            (0..session::default_jobs(&CodexUnderTest::newest_stub())).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    container.stop()?;
    Ok(began.elapsed())
}

/// How much longer the longest of four equal parts takes than a quarter of all checks, by the times of the checks.
fn quarters(program: &Path) -> anyhow::Result<f64> {
    let output = Command::new(program).args(["smoke", "--format", "json"]).stdin(Stdio::null()).output()?;
    let report: Value = serde_json::from_slice(&output.stdout)?;
    let seconds =
        report["checks"].as_array().into_iter().flatten().filter_map(|check| check["seconds"].as_f64());
    let mut parts = [0.0; 4];
    for (place, seconds) in seconds.enumerate() {
        parts[place % 4] += seconds;
    }
    let whole: f64 = parts.iter().sum();
    Ok(parts.into_iter().fold(0.0, f64::max) / (whole / 4.0))
}

/// Measures a shell script that does the same as the checks. It runs only once, because it is slow. Also returns the number of
/// checks.
fn script(test_environment: &TestEnvironment) -> anyhow::Result<(Duration, u32)> {
    let catalogue = catalogue(&workspace::root().join("fixtures/lessons"))?;
    let checks = all_checks(&catalogue, Tool::Codex, &newest_release());
    let count = u32::try_from(checks.len())?;

    let container = test_environment.container()?;
    let accounts = Accounts::open(test_environment, &container, Duration::ZERO)?;
    let runner = Runner::new(&container, RunnerOptions::new(1, accounts.folder().to_owned()));
    let script = runner.prepare(checks)?.shell_script(container.address().0, accounts.folder())?;
    std::fs::write(accounts.folder().join("run.sh"), script)?;
    let wall = timed(Command::new("bash").arg("run.sh").current_dir(accounts.folder()))?;
    container.stop()?;
    Ok((wall, count))
}

/// Clones the checkout and measures its first smoke, with its own images.
fn cold() -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let clone = folder.path().join("clone");
    timed(Command::new("git").args(["clone", "--quiet"]).arg(workspace::root()).arg(&clone))?;
    let namespace = format!("codex-remote-auth-cold-{}", std::process::id());
    let mut smoke = Command::new("cargo");
    smoke.args(["xtask", "smoke"]).current_dir(&clone).env("CODEX_REMOTE_AUTH_NAMESPACE", &namespace);
    for name in ["CARGO_TARGET_DIR", "CARGO_MANIFEST_DIR", "CARGO"] {
        smoke.env_remove(name);
    }
    let wall = timed(&mut smoke);
    harness::target::cleanup::remove_images(&harness::target::Engine::connect()?, &namespace)?;
    wall
}
