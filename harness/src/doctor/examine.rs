//! One examination, from the open session to what was found.

use std::time::{Duration, SystemTime};

use super::facts::Facts;
use super::look::look;
use super::{Finding, program};
use crate::auth::AuthFile;
use crate::deploy::{
    DeployError, Proof, RemoteState, Reply, Watch, error, mark, prove, proven, script, status_in_words,
    wrapped, yes_or_no,
};
use crate::ssh::{Deadline, Session, SshProblem, Stdin};

/// The examination's own script, behind what a deploy looks at too.
const PARTS: [&str; 8] = [
    script::BEGIN,
    script::DIGEST,
    script::CONFIG,
    script::ACCOUNT,
    script::FIND_CODEX,
    include_str!("remote.sh"),
    script::RUN_CODEX,
    script::PROVE,
];

/// What a caller may choose about an examination.
#[derive(Debug, Clone)]
pub struct DoctorOptions {
    /// The caller's own login, which the one over there is held against by fingerprint.
    pub ours: Option<AuthFile>,
    /// Also call `codex exec` over there. It may renew the login, as every call may: this alone can change something.
    pub live: Option<Proof>,
    /// How long the looking may take, the call of codex apart.
    pub deadline: Duration,
}

/// Looks at all that a lesson knows, over one channel; nothing over there is changed.
///
/// # Errors
/// A [`DeployError`] where the account cannot be looked at. Whatever is wrong with it otherwise is a finding.
pub fn examine(session: &Session, options: &DoctorOptions) -> Result<Vec<Finding>, DeployError> {
    let mark = mark()?;
    let lost = |problem| DeployError::Ssh { problem, state: RemoteState::Untouched };
    let live = options.live.as_ref();
    let assignments = [
        ("mark", mark.clone()),
        ("program", live.and_then(|proof| proof.program.clone()).unwrap_or_default()),
        ("prompt", live.map(|proof| proof.prompt.clone()).unwrap_or_default()),
        ("prove", yes_or_no(live.is_some())),
        ("dry", yes_or_no(false)),
    ];
    let command = wrapped(&PARTS.concat(), &assignments);
    let deadline = Deadline::after(options.deadline);
    let asked_at = SystemTime::now();
    let mut process = session.start(&command, deadline).map_err(lost)?;
    process.feed(Stdin::Open(b""));
    let mut done = Watch::for_done(&mark);
    let ended = process.follow(deadline, |seen| done.sees(seen.stdout())).map_err(lost)?;
    if !ended && !done.sees(process.stdout()) {
        let (endpoint, waited) = (session.endpoint().clone(), options.deadline);
        return Err(lost(SshProblem::TimedOut { endpoint, doing: "the examination", waited }));
    }
    let heard_at = SystemTime::now();
    let (output, timed_out) = match live {
        Some(proof) if !ended => prove(process, proof, &mark).map_err(lost)?,
        _ => {
            process.feed(Stdin::Closed);
            process.follow(deadline, |_| false).map_err(lost)?;
            (process.finish(deadline).map_err(lost)?, false)
        }
    };
    let facts = Facts::read(&output.stdout, &mark);
    if let Some((code, detail)) = &facts.error {
        return Err(error(code, detail.clone(), None));
    }
    if !facts.done {
        return Err(DeployError::NoReply { status: status_in_words(&output.end), sent: false });
    }
    let mut findings = look(&facts, options.ours.as_ref(), asked_at, heard_at);
    if live.is_some() {
        findings.push(program::live(&proven(live, Reply::read(&output, &mark).proof, timed_out, &output)));
    }
    findings.insert(
        0,
        Finding::good(
            "connection",
            format!("{} is reached, its host key is known, and it lets us in", session.endpoint()),
        ),
    );
    Ok(findings)
}
