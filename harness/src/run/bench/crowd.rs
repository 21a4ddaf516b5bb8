//! One login brought to many hosts at once, in our way and in the ways that people have.

use std::path::Path;
use std::process::Command;

use super::host_pool::{CONFIG, CONFIG_BY_BLOCKS};
use super::ways::ours;
use super::{Host, HostPool, Weighed, weighed};
use crate::target::RigProblem;
use codex_remote_auth::codex::quote;

/// One sshd turns away what is beyond its `MaxStartups`, and all the accounts are behind one.
const MOST_AT_ONCE: usize = 150;

/// A way to bring a login to many hosts at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrowdWay<'a> {
    /// Our program.
    Ours,
    /// Our program, with a configuration that has a `Host` block for each host.
    OursByBlocks,
    /// `parallel-ssh`, with this Python: copy, then run.
    ParallelSsh(&'a Path),
    /// GNU parallel with `scp` and `ssh`.
    GnuParallel,
}

impl CrowdWay<'_> {
    fn command(self, program: &Path, pool: &HostPool<'_>, count: usize) -> Command {
        match self {
            Self::Ours => ours_at_once(program, CONFIG, count),
            Self::OursByBlocks => ours_at_once(program, CONFIG_BY_BLOCKS, count),
            Self::ParallelSsh(python) => {
                let mut command = Command::new(python);
                command.args(["-c", PARALLEL_SSH, &pool.port().to_string()]);
                command
            }
            Self::GnuParallel => {
                let exec = quote("codex exec --skip-git-repo-check 'Respond: auth OK' </dev/null");
                let each =
                    format!("scp -q -F config auth.json {{}}:.codex/auth.json && ssh -F config {{}} {exec}");
                let mut command = Command::new("parallel");
                command.args(["--will-cite", "-j", &count.to_string(), "-a", "hosts", &each]);
                command
            }
        }
    }
}

fn ours_at_once(program: &Path, config: &str, count: usize) -> Command {
    ours(program, config, &["--hosts-file", "hosts", "--jobs", &count.min(MOST_AT_ONCE).to_string()])
}

/// Copies and runs as its documentation has it, with a login for every host at once, and says whether all answered.
const PARALLEL_SSH: &str = r#"
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
output = client.run_command("codex exec --skip-git-repo-check 'Respond: auth OK' </dev/null")
client.join(output)
good = sum(1 for host in output if "auth OK" in "".join(host.stdout) and host.exit_code == 0)
sys.exit(0 if good == len(names) else 1)
"#;

/// Brings the pool's login to so many fresh accounts at once.
///
/// # Errors
/// [`RigProblem::Accounts`] where not every account got it.
pub fn crowd(
    pool: &HostPool<'_>,
    program: &Path,
    way: CrowdWay<'_>,
    count: usize,
) -> Result<Weighed, RigProblem> {
    let hosts = pool.hosts(count)?;
    // Copying takes the directory for granted, so every way is given it.
    let make = |Host { account, .. }: &Host| {
        format!("install -d -m 700 -o {} {}/.codex\n", account.name, account.home)
    };
    let make: String = hosts.iter().map(make).collect();
    pool.container().as_root("sh -s", make.as_bytes())?;
    let failed = |reason: String| RigProblem::Accounts { reason: format!("{way:?}: {reason}") };
    let seen = weighed(way.command(program, pool, count).current_dir(pool.folder()))
        .map_err(|error| failed(error.to_string()))?;
    if seen.timed.held { Ok(seen) } else { Err(failed("not every host has it".to_owned())) }
}
