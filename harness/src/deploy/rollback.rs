//! The undoing of a deploy that kept what it replaced.

use std::time::Duration;

use super::deployer::{error, mark};
use super::reply::Reply;
use super::{DeployError, RemoteState, script};
use crate::ssh::{Deadline, End, Session, SshProblem, Stdin};

const ROLLBACK_SCRIPT: &str = concat!(include_str!("remote/begin.sh"), include_str!("remote/rollback.sh"));

/// What a rollback brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollback {
    /// Where the login is.
    pub path: String,
    /// Its permission bits.
    pub mode: u32,
    /// Its size in bytes.
    pub size: u64,
}

/// Puts the file that the last deploy with a backup replaced in its place again, and keeps the one that was there: a second
/// rollback undoes the first. At every instant there is one or the other, whole.
///
/// # Errors
/// [`DeployError::NoBackup`] where no deploy kept anything, and those of a deploy.
pub fn rollback(session: &Session, within: Duration) -> Result<Rollback, DeployError> {
    let mark = mark()?;
    let deadline = Deadline::after(within);
    let command = script::wrapped(ROLLBACK_SCRIPT, &[("mark", mark.clone())]);
    let before = |problem| DeployError::Ssh { problem, state: RemoteState::Untouched };
    let during = |problem| DeployError::Ssh { problem, state: RemoteState::OldOrNew };
    let mut process = session.start(&command, deadline).map_err(before)?;
    process.feed(Stdin::Closed);
    process.follow(deadline, |_| false).map_err(during)?;
    let output = process.finish(deadline).map_err(during)?;
    let reply = Reply::read(&output, &mark);
    if let Some((code, detail)) = reply.error {
        return Err(error(&code, detail, None));
    }
    let (Some(home), Some(file), true) = (&reply.home, &reply.file, reply.done) else {
        // It may have been stopped right behind the move.
        if output.end == End::Deadline {
            let (endpoint, waited) = (session.endpoint().clone(), within);
            return Err(during(SshProblem::TimedOut { endpoint, doing: "the rollback", waited }));
        }
        return Err(reply.none(&output.end, false));
    };
    Ok(Rollback { path: format!("{home}/auth.json"), mode: file.mode, size: file.size })
}
