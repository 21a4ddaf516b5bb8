//! One deploy with its proof, over a slow link, beside the guide's commands over the same link.

use std::net::ToSocketAddrs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::{median, timed};
use crate::auth::AuthFile;
use crate::deploy::{DeployOptions, deploy};
use crate::lesson::{Given, LoginKind};
use crate::run::plan::{Wish, knowledge, plan};
use crate::run::{Lab, newest_release};
use crate::target::{Account, Container, DelayProxy, RigProblem, write_private};

/// What deploys took.
#[derive(Debug, Clone)]
pub struct DeployFigures {
    /// The round trip of the slow link.
    pub round_trip: Duration,
    /// Ours, straight to the container: connect, login, file, proof.
    pub direct: Duration,
    /// Ours, over the slow link.
    pub ours: Duration,
    /// The guide's four commands over the slow link: make the directory, copy, look, run codex.
    pub four: Duration,
    /// The guide's shortest two: copy, run codex.
    pub two: Duration,
}

impl DeployFigures {
    /// Round trips of one deploy: what the link added, in units of its round trip.
    pub fn round_trips(&self) -> f64 {
        self.ours.saturating_sub(self.direct).as_secs_f64() / self.round_trip.as_secs_f64()
    }
}

/// Deploys `times` over, ours and the guide's in turn, and takes the middle of each.
///
/// # Errors
/// [`RigProblem::Accounts`] where something of it cannot be run, `ssh` and `scp` on this machine included.
pub fn deploys(
    lab: &Lab,
    container: &Container<'_>,
    round_trip: Duration,
    times: usize,
) -> Result<DeployFigures, RigProblem> {
    let failed = |what: &dyn std::fmt::Display| RigProblem::Accounts { reason: what.to_string() };
    let io = |error: std::io::Error| failed(&error);
    let (host, port) = container.address();
    let target = (host, port).to_socket_addrs().map_err(io)?.next().ok_or_else(|| failed(&"no address"))?;
    let proxy = DelayProxy::start(target, round_trip).map_err(io)?;

    let given = Given { login: LoginKind::Chatgpt, ..Given::default() };
    let release = newest_release();
    let wish = Wish {
        given: &given,
        needs_local: false,
        others: &[],
        release: &release,
        real: false,
        mutant: None,
        host_key: container.host_key_line(),
        client_key: container.client_key().private.expose(),
    };
    let plans: Vec<_> = (0..times * 4).map(|_| plan(wish, || container.reserve())).collect();
    let accounts: Vec<_> = plans.iter().flat_map(|plan| plan.accounts()).cloned().collect();
    container.create(&accounts, &knowledge(&plans))?;

    let folder = lab.folder().join("deploys");
    std::fs::create_dir(&folder).map_err(io)?;
    write_private(&folder.join("key"), container.client_key().private.expose()).map_err(io)?;
    write_private(&folder.join("config"), config(&folder, proxy.port()).as_bytes()).map_err(io)?;

    let mut walls: [Vec<Duration>; 4] = Default::default();
    for (number, chunk) in plans.chunks(4).enumerate() {
        for (name, plan) in [("four", &chunk[2]), ("two", &chunk[3])] {
            let login = folder.join(format!("{name}-{number}.json"));
            write_private(&login, &plan.login.bytes().unwrap_or_default()).map_err(io)?;
        }
        let ours = |account: &Account, bytes: Vec<u8>, host: &str, port: u16| {
            let auth = AuthFile::from_bytes(bytes).map_err(|problem| failed(&problem))?;
            let began = Instant::now();
            let session = container.session_at(account, host, port, Duration::from_secs(30));
            let session = session.map_err(|problem| failed(&problem))?;
            let receipt =
                deploy(&session, &auth, &DeployOptions::default()).map_err(|error| failed(&error))?;
            match receipt.proof.holds() {
                true => Ok(began.elapsed()),
                false => Err(failed(&"the proof does not hold")),
            }
        };
        let bytes = |index: usize| chunk[index].login.bytes().unwrap_or_default();
        walls[0].push(ours(&chunk[0].remote.0, bytes(0), host, port)?);
        walls[1].push(ours(&chunk[1].remote.0, bytes(1), "127.0.0.1", proxy.port())?);
        let bench = |script: String| {
            let run = timed(Command::new("sh").arg("-ec").arg(script).current_dir(&folder)).map_err(io)?;
            if run.held {
                Ok(run.wall)
            } else {
                Err(failed(&"the guide's commands did not work; are ssh and scp here?"))
            }
        };
        let exec = "codex exec --skip-git-repo-check \"Respond: OK\"";
        let (four, two) = (&chunk[2].remote.0.name, &chunk[3].remote.0.name);
        walls[2].push(bench(format!(
            "ssh -F config {four}@box 'mkdir -p ~/.codex'; scp -q -F config four-{number}.json {four}@box:.codex/auth.json; \
             ssh -F config {four}@box 'ls -la ~/.codex/auth.json'; ssh -F config {four}@box '{exec}'"
        ))?);
        container.as_root(&format!("install -d -o {two} /home/{two}/.codex"), b"")?;
        walls[3].push(bench(format!(
            "scp -q -F config two-{number}.json {two}@box:.codex/auth.json; ssh -F config {two}@box '{exec}'"
        ))?);
    }
    let [direct, ours, four, two] = walls.map(|walls| median(&walls));
    Ok(DeployFigures { round_trip, direct, ours, four, two })
}

fn config(folder: &Path, port: u16) -> String {
    format!(
        "Host *\n  HostName 127.0.0.1\n  Port {port}\n  IdentityFile {}\n  StrictHostKeyChecking no\n  \
         UserKnownHostsFile /dev/null\n  LogLevel ERROR\n  BatchMode yes\n",
        folder.join("key").display()
    )
}
