//! One login brought to one host and proven, in our way and in the ways that people have.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::host_pool::CONFIG;
use super::{HostPool, median, timed};
use crate::target::RigProblem;
use codex_remote_auth::codex::quote;

/// A way to bring a login to a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Our program: deploy and proof.
    Ours,
    /// Our program, without the proof.
    OursUnproven,
    /// Our program, without the proof, where the login is there already.
    OursAgain,
    /// The best that is written by hand: one `ssh`, the login on its standard input, the proof in the same command.
    OneLiner,
    /// The guide's four commands: make the directory, copy, look, run codex.
    Four,
    /// The guide's shortest two: copy, run codex.
    Two,
}

const EXEC: &str = "codex exec --skip-git-repo-check 'Respond: auth OK' </dev/null";

impl Method {
    /// Brings the pool's login to this host. `program` is ours, as people install it.
    fn command(self, program: &Path, host: &str) -> Command {
        let ssh = format!("ssh -F config {host}");
        let copy = format!("scp -q -F config auth.json {host}:.codex/auth.json");
        let script = match self {
            Self::Ours => return ours(program, CONFIG, &[host]),
            Self::OursUnproven | Self::OursAgain => return ours(program, CONFIG, &["--no-proof", host]),
            Self::OneLiner => {
                let there = format!(
                    "umask 077; mkdir -p ~/.codex && cat >~/.codex/new && mv -f ~/.codex/new ~/.codex/auth.json && {EXEC}"
                );
                format!("{ssh} {} <auth.json", quote(&there))
            }
            Self::Four => {
                let [make, look, exec] = ["mkdir -p ~/.codex", "ls -la ~/.codex/auth.json", EXEC].map(quote);
                format!("{ssh} {make}; {copy}; {ssh} {look}; {ssh} {exec}")
            }
            Self::Two => format!("{copy}; {ssh} {}", quote(EXEC)),
        };
        let mut command = Command::new("sh");
        command.arg("-ec").arg(script);
        command
    }

    /// What has to be there before it is timed, as root, for the account of this name.
    fn before(self, account: &str) -> Option<String> {
        (self == Self::Two).then(|| format!("install -d -m 700 -o {account} /home/{account}/.codex"))
    }
}

/// Our program, with the pool's login and configuration.
pub(super) fn ours(program: &Path, config: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(["deploy", "--auth", "auth.json", "-F", config, "--format", "json"]).args(arguments);
    command.stdin(Stdio::null());
    command
}

/// What each way takes, `times` over in turn, on a fresh account each time; the middle of each.
///
/// # Errors
/// [`RigProblem::Accounts`] where one of them does not work; `ssh` and `scp` have to be on this machine.
pub fn compare(
    pool: &HostPool<'_>,
    program: &Path,
    ways: &[Method],
    times: usize,
) -> Result<Vec<Duration>, RigProblem> {
    let hosts = pool.hosts(ways.len() * times)?;
    let mut walls = vec![Vec::with_capacity(times); ways.len()];
    for round in hosts.chunks(ways.len()) {
        for ((way, host), walls) in ways.iter().zip(round).zip(&mut walls) {
            if let Some(script) = way.before(&host.account.name) {
                pool.container().as_root(&script, b"")?;
            }
            let run = || {
                let failed = |reason: String| RigProblem::Accounts { reason: format!("{way:?}: {reason}") };
                let run = timed(way.command(program, &host.named).current_dir(pool.folder()))
                    .map_err(|error| failed(error.to_string()))?;
                if run.held { Ok(run.wall) } else { Err(failed("it did not work".to_owned())) }
            };
            if *way == Method::OursAgain {
                run()?;
            }
            walls.push(run()?);
        }
    }
    Ok(walls.iter().map(|walls| median(walls)).collect())
}
