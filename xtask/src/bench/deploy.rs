//! Measures a deploy on one host and on 100 hosts, and compares it with other ways to do the same.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use codex_remote_auth::cli::exit::{Verdict, WrongCall};
use codex_remote_auth::codex::quote;
use codex_remote_auth::tell_line;
use harness::run::{TestEnvironment, TestEnvironmentOptions};
use harness::target::{Container, Content, HomeFile};

use super::accounts::{Accounts, CONFIG, CONFIG_BY_HOST};
use super::table::{Table, median, milliseconds, timed};
use crate::{session, workspace};

/// Measure a deploy on one host and on 100 hosts, and compare it with other tools
#[derive(Debug, Args)]
pub(super) struct BenchDeploy {
    /// Number of measurements on one host; the median counts. At most 3 are made on 100 hosts
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=50))]
    times: u16,
    /// A Python that has parallel-ssh: python3 -m venv DIR && DIR/bin/pip install parallel-ssh
    #[arg(long, value_name = "FILE", default_value = "python3")]
    python: PathBuf,
}

const HOSTS: usize = 100;

/// Round-trip times of the measured links. Most rows use the middle one.
const LINKS: [Duration; 3] = [Duration::ZERO, SLOW, Duration::from_millis(200)];
const SLOW: Duration = Duration::from_millis(50);

const EXEC: &str = "codex exec --skip-git-repo-check 'Respond: auth OK' </dev/null";

impl BenchDeploy {
    pub(super) fn run(self) -> anyhow::Result<Verdict> {
        self.needs()?;
        let program = installed()?;
        let test_environment =
            session::open(&TestEnvironmentOptions::default(), &|what| tell_line!("{what}"))?;
        let container = test_environment.container()?;
        let mut table = Table::new();
        self.one_host(&test_environment, &container, &program, &mut table)?;
        self.many_hosts(&test_environment, &container, &program, &mut table)?;
        container.stop()?;
        Ok(table.verdict())
    }

    fn needs(&self) -> Result<(), WrongCall> {
        let python = self.python.to_string_lossy();
        let programs: [(&str, &[&str], &str); 4] = [
            (
                &python,
                &["-c", "import pssh"],
                "python3 -m venv DIR && DIR/bin/pip install parallel-ssh, then --python DIR/bin/python",
            ),
            ("parallel", &["--version"], "apt-get install parallel"),
            ("time", &["--version"], "apt-get install time"),
            ("ssh", &["-V"], "apt-get install openssh-client"),
        ];
        for (program, arguments, remedy) in programs {
            if !Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success()) {
                let call = format!("{program} {}", arguments.join(" "));
                return Err(WrongCall(format!(
                    "`{call}` fails on this machine, but the comparison needs it\n  hint: {remedy}"
                )));
            }
        }
        Ok(())
    }

    fn one_host(
        &self,
        test_environment: &TestEnvironment,
        container: &Container<'_>,
        program: &Path,
        table: &mut Table,
    ) -> anyhow::Result<()> {
        let mut ours = [Duration::ZERO; LINKS.len()];
        for (link, ours) in LINKS.into_iter().zip(&mut ours) {
            let accounts = Accounts::open(test_environment, container, link)?;
            let mut walls: [Vec<Duration>; 3] = Default::default();
            for _ in 0..self.times {
                let mut take = |way: usize, command: fn(&Path, &str) -> Command| {
                    let [host] = &accounts.make(1, Vec::new())?[..] else { bail!("no account was made") };
                    walls[way].push(timed(command(program, host).current_dir(accounts.folder()))?);
                    Ok(())
                };
                take(0, |program, host| ours_with(program, CONFIG, &[host]))?;
                take(1, one_liner)?;
                if link == SLOW {
                    take(2, four_commands)?;
                }
            }
            let [own, one_liner, four] = walls.map(|walls| median(&walls));
            *ours = own;
            let what = format!("the best one-liner, {} ms", link.as_millis());
            table.times_ours(&what, one_liner, own, 1.0);
            if link == SLOW {
                table.times_ours("the guide's four commands, 50 ms", four, own, 4.5);
            }
        }
        let trips = ours[1].saturating_sub(ours[0]).as_secs_f64() / SLOW.as_secs_f64();
        table.row("round trips of a deploy with its proof", &format!("{trips:.1}"), "<= 10.5", trips <= 10.5);
        Ok(())
    }

    fn many_hosts(
        &self,
        test_environment: &TestEnvironment,
        container: &Container<'_>,
        program: &Path,
        table: &mut Table,
    ) -> anyhow::Result<()> {
        let accounts = Accounts::open(test_environment, container, SLOW)?;
        let at_once = HOSTS.to_string();
        let arguments = ["--hosts-file", "hosts", "--jobs", &at_once];
        // The other tools only copy, so the folder has to exist.
        let folder = || HomeFile { path: ".codex".to_owned(), content: Content::Directory, mode: 0o700 };
        let mut walls: [Vec<Duration>; 3] = Default::default();
        for _ in 0..self.times.min(3) {
            let ways = [
                ours_with(program, CONFIG, &arguments),
                parallel_ssh(&self.python, accounts.port()),
                gnu_parallel(&at_once),
            ];
            for (mut command, walls) in ways.into_iter().zip(&mut walls) {
                accounts.make(HOSTS, vec![folder()])?;
                walls.push(timed(command.current_dir(accounts.folder()))?);
            }
        }
        let [ours, pssh, parallel] = walls.map(|walls| median(&walls));
        table.times_ours("100 hosts, 50 ms, parallel-ssh", pssh, ours, 3.0);
        table.times_ours("100 hosts, 50 ms, GNU parallel", parallel, ours, 3.0);

        accounts.make(HOSTS, vec![folder()])?;
        let (cpu, memory) = costs(&ours_with(program, CONFIG_BY_HOST, &arguments), accounts.folder())?;
        let each = cpu / HOSTS as u32;
        let met = each <= Duration::from_millis(20);
        table.row(
            "our CPU for each of 100 hosts, each with a Host block",
            &milliseconds(each),
            "<= 20 ms",
            met,
        );
        table.row("our memory at 100 hosts", &format!("{memory} MB"), "<= 60 MB", memory <= 60);
        Ok(())
    }
}

/// Our program, with the login in the folder and this configuration.
fn ours_with(program: &Path, config: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(["deploy", "--auth", "auth.json", "-F", config, "--format", "json"]).args(arguments);
    command
}

/// The best one-liner written by hand: one `ssh`, with the login on its standard input and the proof in the same command.
fn one_liner(_program: &Path, host: &str) -> Command {
    let there = format!(
        "umask 077; mkdir -p ~/.codex && cat >~/.codex/new && mv -f ~/.codex/new ~/.codex/auth.json && {EXEC}"
    );
    shell(&format!("ssh -F config {host} {} <auth.json", quote(&there)))
}

/// The guide's four commands: create the folder, copy the login, list it, run codex.
fn four_commands(_program: &Path, host: &str) -> Command {
    let [make, look, exec] = ["mkdir -p ~/.codex", "ls -la ~/.codex/auth.json", EXEC].map(quote);
    let ssh = format!("ssh -F config {host}");
    shell(&format!(
        "{ssh} {make}; scp -q -F config auth.json {host}:.codex/auth.json; {ssh} {look}; {ssh} {exec}"
    ))
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-ec").arg(script);
    command
}

/// parallel-ssh, used as in its documentation: copy, then run, with connections to all hosts in parallel.
fn parallel_ssh(python: &Path, port: u16) -> Command {
    const SCRIPT: &str = r#"
import sys
from gevent import joinall
from pssh.clients import ParallelSSHClient
from pssh.config import HostConfig
names = [line.split("@") for line in open("hosts").read().split()]
port = int(sys.argv[1])
client = ParallelSSHClient(
    [host for _, host in names], port=port, pkey="key", pool_size=len(names), timeout=120,
    host_config=[HostConfig(user=user, port=port, private_key="key") for user, _ in names])
joinall(client.copy_file("auth.json", ".codex/auth.json"), raise_error=True)
output = client.run_command(sys.argv[2])
client.join(output)
good = sum(1 for host in output if "auth OK" in "".join(host.stdout) and host.exit_code == 0)
sys.exit(0 if good == len(names) else 1)
"#;
    let mut command = Command::new(python);
    command.args(["-c", SCRIPT, &port.to_string(), EXEC]);
    command
}

/// GNU parallel with `scp` and `ssh`.
fn gnu_parallel(at_once: &str) -> Command {
    let each =
        format!("scp -q -F config auth.json {{}}:.codex/auth.json && ssh -F config {{}} {}", quote(EXEC));
    let mut command = Command::new("parallel");
    command.args(["--will-cite", "-j", at_once, "-a", "hosts", &each]);
    command
}

/// The CPU time of a program and everything it starts, and the peak memory of the largest of these processes, in MB.
fn costs(command: &Command, folder: &Path) -> anyhow::Result<(Duration, u64)> {
    let mut time = Command::new("time");
    time.args(["--format=%U %S %M", "--output=costs"]).arg(command.get_program()).args(command.get_args());
    timed(time.current_dir(folder))?;
    let text = std::fs::read_to_string(folder.join("costs"))?;
    let figures: Result<Vec<f64>, _> = text.split_whitespace().map(str::parse).collect();
    match figures?[..] {
        [user, system, kib] => Ok((Duration::from_secs_f64(user + system), kib as u64 / 1024)),
        _ => bail!("`time` printed something unexpected: {text}"),
    }
}

/// Builds the program as users install it.
fn installed() -> anyhow::Result<PathBuf> {
    tell_line!("building the program as users install it");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--release", "--package", "codex-remote-auth", "--locked"])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(workspace::root())
        .output()
        .context("cargo")?;
    if !output.status.success() {
        bail!("cannot build the program: {}", String::from_utf8_lossy(&output.stderr));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .context("cargo did not report a program")
}
