//! `cargo xtask bench deploy`: what a deploy takes, beside the ways that people have.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use codex_remote_auth::{say_line, tell_line};
use harness::run::bench::{CrowdWay, HostPool, Method, Sshd, Weighed, compare, crowd, median};
use harness::run::{TestEnvironment, TestEnvironmentOptions};

use crate::{session, workspace};
use codex_remote_auth::cli::exit::{Verdict, WrongCall};

/// A deploy on one host and on many, beside what people have
#[derive(Debug, Args)]
pub(crate) struct BenchDeploy {
    /// How often each figure of one host is taken; the middle one counts
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=50))]
    times: u16,
    /// Number of hosts to process in parallel; accounts stand for them
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(2..=150))]
    hosts: u16,
    /// Only the rows of many hosts
    #[arg(long)]
    crowd: bool,
    /// Also ten times as many hosts
    #[arg(long)]
    thousand: bool,
    /// A Python with parallel-ssh: python3 -m venv DIR && DIR/bin/pip install parallel-ssh
    #[arg(long, value_name = "FILE", default_value = "python3")]
    python: PathBuf,
}

const SLOW: Duration = Duration::from_millis(50);
const SLOWER: Duration = Duration::from_millis(200);

/// The rounds of the crowd: each takes seconds.
const CROWD_ROUNDS: usize = 3;

impl BenchDeploy {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        self.has_rivals()?;
        let program = installed()?;
        let test_environment =
            session::open(&TestEnvironmentOptions::default(), &|what| tell_line!("{what}"))?;
        let mut table = Table { holds: true };
        if !self.crowd {
            self.one(&test_environment, &program, &mut table)?;
        }
        self.many(&test_environment, &program, &mut table)?;
        Ok(table.holds.into())
    }

    fn has_rivals(&self) -> Result<(), WrongCall> {
        let there = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
        let lacks =
            |what: &str| Err(WrongCall(format!("{what}; without it there is nothing to compare with")));
        if !there(Command::new(&self.python).args(["-c", "import pssh"])) {
            let python = self.python.display();
            return lacks(&format!(
                "{python} has no parallel-ssh: python3 -m venv DIR && DIR/bin/pip install parallel-ssh, then --python DIR/bin/python"
            ));
        }
        if !there(Command::new("parallel").arg("--version")) {
            return lacks("GNU parallel is not here: apt-get install parallel");
        }
        if !there(Command::new("ssh").arg("-V")) {
            return lacks("ssh is not here: apt-get install openssh-client");
        }
        Ok(())
    }

    fn one(
        &self,
        test_environment: &TestEnvironment,
        program: &Path,
        table: &mut Table,
    ) -> anyhow::Result<()> {
        let container = test_environment.container()?;
        let times = usize::from(self.times);
        let compare = |round_trip, ways: &[Method]| {
            compare(
                &HostPool::open(test_environment, &container, Sshd::Lean, round_trip)?,
                program,
                ways,
                times,
            )
        };
        let straight = compare(
            Duration::ZERO,
            &[Method::Ours, Method::OneLiner, Method::OursUnproven, Method::OursAgain],
        )?;
        let slow = compare(
            SLOW,
            &[
                Method::Ours,
                Method::OneLiner,
                Method::OursUnproven,
                Method::OursAgain,
                Method::Four,
                Method::Two,
            ],
        )?;
        let slower = compare(SLOWER, &[Method::Ours, Method::OneLiner])?;
        container.stop()?;

        let trips = |way: usize| slow[way].saturating_sub(straight[way]).as_secs_f64() / SLOW.as_secs_f64();
        table.row(
            "round trips of a deploy with its proof",
            format!("{:.1}", trips(0)),
            "<= 10.5",
            trips(0) <= 10.5,
        );
        table.row("round trips of the one-liner", format!("{:.1}", trips(1)), "", true);
        for (what, way, most) in
            [("the guide's four commands", 4, Some(4.5)), ("the guide's shortest two", 5, None)]
        {
            let gain = slow[way].as_secs_f64() / slow[0].as_secs_f64();
            let what = format!("{what}, 50 ms: {} against {}", millis(slow[way]), millis(slow[0]));
            let must = most.map(|most: f64| format!(">= {most} x")).unwrap_or_default();
            table.row(&what, format!("{gain:.1} x"), &must, most.is_none_or(|most| gain >= most));
        }
        for (link, walls) in [("0 ms", &straight), ("50 ms", &slow), ("200 ms", &slower)] {
            let what = format!("the one-liner, {link}: {} against {}", millis(walls[1]), millis(walls[0]));
            let ratio = walls[0].as_secs_f64() / walls[1].as_secs_f64();
            table.row(&what, format!("{ratio:.2} of it"), "<= 1.00", ratio <= 1.0);
        }
        table.row("round trips where it is there already", format!("{:.1}", trips(3)), "", true);
        table.row("round trips without a proof", format!("{:.1}", trips(2)), "", true);
        table.row("one host, straight to the container, with proof", millis(straight[0]), "", true);
        Ok(())
    }

    fn many(
        &self,
        test_environment: &TestEnvironment,
        program: &Path,
        table: &mut Table,
    ) -> anyhow::Result<()> {
        let container = test_environment.container()?;
        let pool = HostPool::open(test_environment, &container, Sshd::AsInstalled, SLOW)?;
        let count = usize::from(self.hosts);
        let wall = self.rivals(&pool, program, table)?;
        table.row(&format!("{count} hosts, 50 ms"), seconds(wall), "", true);
        let by_blocks: Result<Vec<Weighed>, _> =
            (0..CROWD_ROUNDS).map(|_| crowd(&pool, program, CrowdWay::OursByBlocks, count)).collect();
        self.cost(&middle(by_blocks?), table);
        if self.thousand {
            let ten = crowd(&pool, program, CrowdWay::Ours, 10 * count)?;
            let ratio = ten.timed.wall.as_secs_f64() / wall.as_secs_f64();
            let what = format!("{} hosts: {}, {} MB", 10 * count, seconds(ten.timed.wall), ten.peak / 1024);
            table.row(&what, format!("{ratio:.1} x"), "~ 10 x", ratio <= 12.0);
        }
        container.stop()?;
        Ok(())
    }

    fn cost(&self, ours: &Weighed, table: &mut Table) {
        let each = ours.cpu / u32::from(self.hosts);
        let figure = format!("{:.1} ms", each.as_secs_f64() * 1e3);
        let what = "our CPU per host, with a Host block for each";
        table.row(what, figure, "<= 20 ms", each.as_secs_f64() <= 0.020);
        let peak = ours.peak / 1024;
        table.row("our memory at its most", format!("{peak} MB"), "", true);
    }

    /// Ours against the tools that people have, in turn. Gives the middle time of ours.
    fn rivals(&self, pool: &HostPool<'_>, program: &Path, table: &mut Table) -> anyhow::Result<Duration> {
        let ways = [CrowdWay::Ours, CrowdWay::ParallelSsh(&self.python), CrowdWay::GnuParallel];
        let mut walls: [Vec<Duration>; 3] = Default::default();
        for _ in 0..CROWD_ROUNDS {
            for (way, walls) in ways.iter().zip(&mut walls) {
                walls.push(crowd(pool, program, *way, usize::from(self.hosts))?.timed.wall);
            }
        }
        let [ours, pssh, parallel] = walls.map(|walls| median(&walls));
        for (what, rival) in [("parallel-ssh", pssh), ("GNU parallel", parallel)] {
            let gain = rival.as_secs_f64() / ours.as_secs_f64();
            let what = format!("{what}: {} against {}", seconds(rival), seconds(ours));
            table.row(&what, format!("{gain:.2} x"), ">= 3 x", gain >= 3.0);
        }
        Ok(ours)
    }
}

struct Table {
    holds: bool,
}

impl Table {
    fn row(&mut self, what: &str, figure: String, must: &str, met: bool) {
        say_line!("{what:<74} {figure:>16}   {must:<10} {}", if met { "met" } else { "NOT MET" });
        self.holds &= met;
    }
}

/// The program as people install it.
fn installed() -> anyhow::Result<PathBuf> {
    tell_line!("building the program as it is installed");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "build",
            "--release",
            "--package",
            "codex-remote-auth",
            "--locked",
            "--message-format",
            "json-render-diagnostics",
        ])
        .current_dir(workspace::root())
        .output()
        .context("cargo")?;
    if !output.status.success() {
        bail!("it cannot be built: {}", String::from_utf8_lossy(&output.stderr));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .context("cargo names no program")
}

fn middle(mut seen: Vec<Weighed>) -> Weighed {
    seen.sort_by_key(|seen| seen.timed.wall);
    seen[seen.len() / 2]
}

fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}

fn millis(duration: Duration) -> String {
    format!("{:.0} ms", duration.as_secs_f64() * 1_000.0)
}
