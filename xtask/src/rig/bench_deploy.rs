//! `cargo xtask bench deploy`: what a deploy takes, beside the ways that people have.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use harness::run::bench::{CrowdWay, Sshd, Way, Weighed, Yard, bare_logins, compare, crowd, median};
use harness::run::{Lab, LabOptions};

use super::{session, workspace};
use crate::exit::{Verdict, WrongCall};

/// A deploy on one host and on many, beside what people have
#[derive(Debug, Args)]
pub(crate) struct BenchDeploy {
    /// How often each figure of one host is taken; the middle one counts
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=50))]
    times: u16,
    /// How many hosts at once; accounts stand for them
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(2..=150))]
    hosts: u16,
    /// Only the rows of many hosts
    #[arg(long)]
    crowd: bool,
    /// Of those only ours beside bare logins, for which none of the rivals is needed
    #[arg(long, conflicts_with_all = ["crowd", "thousand", "python"])]
    floor: bool,
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

/// How often ours and bare logins are taken one after the other. The speed of a shared machine changes by a tenth within
/// seconds, so what is told is the middle of what each two were to each other: that of eleven varied by 0.03 from run to run.
const PAIRS: usize = 21;

/// The same where nothing is asked.
const FEWER_PAIRS: usize = 7;

/// Until sshd has done what is left to do after logins that have ended.
const SETTLING: Duration = Duration::from_millis(500);

impl BenchDeploy {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        if !self.floor {
            self.has_rivals()?;
        }
        let program = installed()?;
        let lab = session::open(&LabOptions::default(), &|what| tell_line!("{what}"))?;
        let mut table = Table { holds: true };
        if !self.crowd && !self.floor {
            self.one(&lab, &program, &mut table)?;
        }
        self.many(&lab, &program, &mut table)?;
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

    fn one(&self, lab: &Lab, program: &Path, table: &mut Table) -> anyhow::Result<()> {
        let container = lab.container()?;
        let times = usize::from(self.times);
        let compare = |round_trip, ways: &[Way]| {
            compare(&Yard::open(lab, &container, Sshd::Lean, round_trip)?, program, ways, times)
        };
        let straight =
            compare(Duration::ZERO, &[Way::Ours, Way::OneLiner, Way::OursUnproven, Way::OursAgain])?;
        let slow = compare(
            SLOW,
            &[Way::Ours, Way::OneLiner, Way::OursUnproven, Way::OursAgain, Way::Four, Way::Two],
        )?;
        let slower = compare(SLOWER, &[Way::Ours, Way::OneLiner])?;
        container.stop()?;

        let trips = |way: usize| slow[way].saturating_sub(straight[way]).as_secs_f64() / SLOW.as_secs_f64();
        table.row(
            "round trips of a deploy with its proof",
            format!("{:.1}", trips(0)),
            "<= 10",
            trips(0) <= 10.0,
        );
        table.row("round trips of the one-liner", format!("{:.1}", trips(1)), "", true);
        for (what, way, most) in [("the guide's four commands", 4, 5.0), ("the guide's shortest two", 5, 3.0)]
        {
            let gain = slow[way].as_secs_f64() / slow[0].as_secs_f64();
            let what = format!("{what}, 50 ms: {} against {}", millis(slow[way]), millis(slow[0]));
            table.row(&what, format!("{gain:.1} x"), &format!(">= {most} x"), gain >= most);
        }
        for (link, walls) in [("0 ms", &straight), ("50 ms", &slow), ("200 ms", &slower)] {
            let what = format!("the one-liner, {link}: {} against {}", millis(walls[1]), millis(walls[0]));
            let ratio = walls[0].as_secs_f64() / walls[1].as_secs_f64();
            table.row(&what, format!("{ratio:.2} of it"), "<= 1.00", ratio <= 1.0);
        }
        let (again, unproven) = (trips(3), trips(2));
        table.row(
            "round trips where it is there already, without and with writing",
            format!("{again:.1} and {unproven:.1}"),
            "no more",
            // A tenth is what the measuring itself varies by.
            again <= unproven + 0.1,
        );
        let wall = straight[0];
        table.row(
            "one host, straight to the container, with proof",
            millis(wall),
            "<= 100 ms",
            wall.as_millis() <= 100,
        );
        Ok(())
    }

    fn many(&self, lab: &Lab, program: &Path, table: &mut Table) -> anyhow::Result<()> {
        let container = lab.container()?;
        let yard = Yard::open(lab, &container, Sshd::AsInstalled, SLOW)?;
        let count = usize::from(self.hosts);
        let beside = |yard, way, pairs| beside_bare_logins(yard, program, way, count, pairs);
        let pairs = beside(&yard, CrowdWay::Ours, PAIRS)?;
        let bare = format!("{count} bare logins");
        table.beside(&bare, &pairs, Some(1.3));
        let fresh = beside(&yard, CrowdWay::OursOnFresh, FEWER_PAIRS)?;
        table.beside(&format!("{bare}, ~/.codex to be made"), &fresh, None);
        let ours = middle(pairs.into_iter().map(|(ours, _)| ours).collect());
        let wall = ours.timed.wall;
        table.row(&format!("{count} hosts, 50 ms"), seconds(wall), "", true);
        self.cost(&ours, "under one Host *", table);
        let by_blocks: Result<Vec<Weighed>, _> =
            (0..CROWD_ROUNDS).map(|_| crowd(&yard, program, CrowdWay::OursByBlocks, count)).collect();
        self.cost(&middle(by_blocks?), "with a Host block for each", table);
        let lean = Yard::open(lab, &container, Sshd::Lean, SLOW)?;
        let lean = beside(&lean, CrowdWay::Ours, FEWER_PAIRS)?;
        table.beside("on an sshd that is spared most", &lean, None);
        if !self.floor {
            self.rivals(&yard, program, table)?;
        }
        if self.thousand {
            let ten = crowd(&yard, program, CrowdWay::Ours, 10 * count)?;
            let ratio = ten.timed.wall.as_secs_f64() / wall.as_secs_f64();
            let what = format!("{} hosts: {}, {} MB", 10 * count, seconds(ten.timed.wall), ten.peak / 1024);
            table.row(&what, format!("{ratio:.1} x"), "~ 10 x", ratio <= 12.0);
        }
        container.stop()?;
        Ok(())
    }

    fn cost(&self, ours: &Weighed, configured: &str, table: &mut Table) {
        let each = ours.cpu / u32::from(self.hosts);
        let figure = format!("{:.1} ms", each.as_secs_f64() * 1e3);
        let what = format!("processor time of ours for each host, {configured}");
        table.row(&what, figure, "<= 10 ms", each.as_millis() < 10);
        let peak = ours.peak / 1024;
        let what = format!("memory of ours at its most, {configured}");
        table.row(&what, format!("{peak} MB"), "<= 60 MB", peak <= 60);
    }

    fn rivals(&self, yard: &Yard<'_>, program: &Path, table: &mut Table) -> anyhow::Result<()> {
        let ways = [CrowdWay::Ours, CrowdWay::ParallelSsh(&self.python), CrowdWay::GnuParallel];
        let mut walls: [Vec<Duration>; 3] = Default::default();
        for _ in 0..CROWD_ROUNDS {
            for (way, walls) in ways.iter().zip(&mut walls) {
                walls.push(crowd(yard, program, *way, usize::from(self.hosts))?.timed.wall);
            }
        }
        let [ours, pssh, parallel] = walls.map(|walls| median(&walls));
        for (what, rival) in [("parallel-ssh", pssh), ("GNU parallel", parallel)] {
            let gain = rival.as_secs_f64() / ours.as_secs_f64();
            let what = format!("{what}: {} against {}", seconds(rival), seconds(ours));
            table.row(&what, format!("{gain:.2} x"), "> 1", rival > ours);
        }
        Ok(())
    }
}

/// What ours took, and bare logins just before or after.
type Pair = (Weighed, Duration);

/// Ours and so many bare logins in turn, neither always the first.
fn beside_bare_logins(
    yard: &Yard<'_>,
    program: &Path,
    way: CrowdWay<'_>,
    count: usize,
    pairs: usize,
) -> anyhow::Result<Vec<Pair>> {
    let bare = || {
        std::thread::sleep(SETTLING);
        bare_logins(yard, count)
    };
    let mut seen = Vec::with_capacity(pairs);
    for pair in 0..pairs {
        let before = if pair % 2 == 0 { Some(bare()?) } else { None };
        std::thread::sleep(SETTLING);
        let ours = crowd(yard, program, way, count)?;
        seen.push((ours, before.map_or_else(bare, Ok)?));
    }
    Ok(seen)
}

struct Table {
    holds: bool,
}

impl Table {
    fn row(&mut self, what: &str, figure: String, must: &str, met: bool) {
        say_line!("{what:<74} {figure:>16}   {must:<10} {}", if met { "met" } else { "NOT MET" });
        self.holds &= met;
    }

    /// What ours takes beside a floor, pair by pair.
    fn beside(&mut self, what: &str, pairs: &[Pair], most: Option<f64>) {
        let (ours, floor): (Vec<_>, Vec<_>) =
            pairs.iter().map(|(ours, floor)| (ours.timed.wall, *floor)).unzip();
        let mut ratios: Vec<f64> =
            ours.iter().zip(&floor).map(|(ours, floor)| ours.as_secs_f64() / floor.as_secs_f64()).collect();
        ratios.sort_by(f64::total_cmp);
        let (floor, ours) = (seconds(median(&floor)), seconds(median(&ours)));
        let what =
            format!("{what}: {floor} against {ours}, {:.2} to {:.2}", ratios[0], ratios[ratios.len() - 1]);
        let ratio = ratios[ratios.len() / 2];
        let must = most.map(|most| format!("<= {most:.2}")).unwrap_or_default();
        self.row(&what, format!("{ratio:.2} of it"), &must, most.is_none_or(|most| ratio <= most));
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
            "xtask",
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
