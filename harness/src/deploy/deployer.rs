//! One deploy, from the open session to the receipt.

use std::time::Duration;

use super::reply::{Listed, ProofReply, Reply, Watch};
use super::script::{self, REMOTE_SCRIPT};
use super::{DeployError, DeployOptions, Done, Notice, Proof, ProofOutcome, Receipt, RemoteState, Was};
use crate::auth::{Account, AuthFile};
use crate::codex::{Diagnosis, FoundBy, FoundCodex, Outcome};
use crate::ssh::{Deadline, End, Output, RemoteProcess, Session, SshProblem, Stdin};

/// How long a killed codex has to go before we stop listening.
const GRACE: Duration = Duration::from_secs(3);

/// Brings `auth` to the session's account, and proves it there where the options ask for that.
///
/// # Errors
/// Any [`DeployError`]. A proof that fails is no error: the file is in place, and the receipt says what codex said.
pub fn deploy(session: &Session, auth: &AuthFile, options: &DeployOptions) -> Result<Receipt, DeployError> {
    deploy_with_script(session, auth, options, REMOTE_SCRIPT)
}

/// As [`deploy`], with another script than [`REMOTE_SCRIPT`]: the lessons' mutants are made that way.
///
/// # Errors
/// As [`deploy`].
pub fn deploy_with_script(
    session: &Session,
    auth: &AuthFile,
    options: &DeployOptions,
    script: &str,
) -> Result<Receipt, DeployError> {
    let mark = mark()?;
    let command = script::command(script, &mark, auth, options);
    let before = |problem| DeployError::Ssh { problem, state: RemoteState::Untouched };
    let state = if options.dry_run { RemoteState::Untouched } else { RemoteState::OldOrNew };
    let during = |problem| DeployError::Ssh { problem, state };

    let install = Deadline::after(options.deadline);
    let mut process = session.start(&command, install).map_err(before)?;
    // Not closed: the end of our input is the order to stop codex.
    process.feed(if options.dry_run { Stdin::Closed } else { Stdin::Open(auth.bytes().expose()) });
    let mut done = Watch::for_done(&mark);
    let ended = process.follow(install, |seen| done.sees(seen.stdout())).map_err(during)?;
    if !ended && !done.sees(process.stdout()) {
        let endpoint = session.endpoint().clone();
        let waited = options.deadline;
        return Err(during(SshProblem::TimedOut { endpoint, doing: "the deploy", waited }));
    }
    let (output, timed_out) = match &options.proof {
        Some(proof) if !ended && !options.dry_run => prove(process, proof, &mark).map_err(during)?,
        _ => {
            process.feed(Stdin::Closed);
            process.follow(install, |_| false).map_err(during)?;
            (process.finish(install).map_err(during)?, false)
        }
    };
    receipt(Reply::read(&output, &mark), &output, timed_out, auth, options)
}

/// Follows the proof to its end, or to its deadline, at which it is killed over there.
pub(crate) fn prove(
    mut process: RemoteProcess<'_>,
    proof: &Proof,
    mark: &str,
) -> Result<(Output, bool), SshProblem> {
    let deadline = Deadline::after(proof.deadline);
    let mut end = Watch::for_end(mark);
    let closed = process.follow(deadline, |seen| end.sees(seen.stdout()))?;
    let timed_out = !closed && !end.sees(process.stdout());
    process.feed(Stdin::Closed);
    let grace = Deadline::after(GRACE);
    process.follow(grace, |_| false)?;
    Ok((process.finish(grace)?, timed_out))
}

fn receipt(
    reply: Reply,
    output: &Output,
    timed_out: bool,
    auth: &AuthFile,
    options: &DeployOptions,
) -> Result<Receipt, DeployError> {
    if let Some((code, detail)) = reply.error {
        return Err(error(&code, detail, Some(auth)));
    }
    let no_reply = || reply.none(&output.end, !options.dry_run);
    let (Some(home), true) = (&reply.home, reply.done) else { return Err(no_reply()) };
    let ours = auth.bytes().sha256();
    let same = reply.was.as_ref() == Some(&ours);
    let done = match options.dry_run {
        _ if same => Done::AlreadyThere,
        true => Done::WouldPlace,
        false => Done::Placed,
    };
    let (file, directory, sha256) = if options.dry_run {
        let planned = |mode| Listed { mode, owner: 0, size: auth.bytes().len() as u64 };
        (planned(0o600), reply.directory.clone().unwrap_or(planned(0o700)), ours)
    } else {
        match (&reply.file, &reply.directory, &reply.digest) {
            (Some(file), Some(directory), Some(digest)) => (file.clone(), directory.clone(), digest.clone()),
            _ => return Err(no_reply()),
        }
    };
    let notices = notices(&reply, &directory);
    let found = reply.codex.as_ref().map(|path| FoundCodex {
        path: path.clone(),
        by: reply.by.as_deref().and_then(FoundBy::parse).unwrap_or(FoundBy::Path),
        release: reply.release.clone().or_else(|| release_in(reply.proof.as_ref()?)),
        shell: reply.shell.clone(),
    });
    let asked = options.proof.as_ref().filter(|_| !options.dry_run);
    let proof = proven(asked, reply.proof, timed_out, output);
    Ok(Receipt {
        done,
        dry_run: options.dry_run,
        path: format!("{home}/auth.json"),
        home: home.clone(),
        mode: file.mode,
        directory_mode: directory.mode,
        directory_made: reply.made,
        size: file.size,
        sha256,
        was: match reply.was.as_deref() {
            None => Was::Absent,
            Some("link") => Was::Link,
            Some("unreadable") => Was::Unreadable,
            Some(digest) => Was::File(digest.to_owned()),
        },
        codex: found,
        backup: reply.kept,
        notices,
        proof,
        elapsed: output.elapsed,
    })
}

/// What came of a proof.
pub(crate) fn proven(
    asked: Option<&Proof>,
    given: Option<ProofReply>,
    timed_out: bool,
    output: &Output,
) -> ProofOutcome {
    match (asked, given) {
        (None, _) => ProofOutcome::NotAsked,
        (Some(_), None) => ProofOutcome::NoCodex,
        (Some(asked), Some(given)) => {
            let end = match given.status {
                _ if timed_out => End::Deadline,
                Some(status) => End::Exit(status),
                None => output.end.clone(),
            };
            let outcome = Outcome { stdout: given.stdout, stderr: given.stderr, end };
            let diagnosis = Diagnosis::of(&outcome, Some(&asked.answer));
            ProofOutcome::Ran { outcome, diagnosis }
        }
    }
}

fn notices(reply: &Reply, directory: &Listed) -> Vec<Notice> {
    let mut notices = Vec::new();
    if let Some(old) = &reply.old {
        if old.mode & 0o077 != 0 {
            notices.push(Notice::FileMode { was: old.mode });
        }
        // The directory is the account's, or nothing would have been written.
        if old.owner != directory.owner {
            notices.push(Notice::FileOwner { was: old.owner });
        }
    }
    if let Some(opened) = &reply.opened {
        notices.push(Notice::DirectoryMode { was: opened.mode });
    }
    if reply.store.as_deref() == Some("auto") {
        notices.push(Notice::StoreIsChosen);
    }
    notices
}

/// What codex calls itself where it begins.
pub(crate) fn release_in(proof: &ProofReply) -> Option<String> {
    let said = String::from_utf8_lossy(&proof.stderr);
    let line = said.lines().find_map(|line| line.strip_prefix("OpenAI Codex v"))?;
    line.split_whitespace().next().map(str::to_owned)
}

/// `chatgpt:` or `apikey:` and as many digits of the fingerprint as a person compares.
fn shortened(account: &str) -> String {
    account.chars().take(account.find(':').unwrap_or(0) + 1 + 12).collect()
}

pub(crate) fn error(code: &str, detail: String, auth: Option<&AuthFile>) -> DeployError {
    match code {
        "no-home" => DeployError::NoHome { home: detail },
        "home-not-a-directory" => DeployError::HomeNotADirectory { path: detail },
        "home-not-ours" => DeployError::HomeNotOurs { path: detail },
        "auth-is-a-link" => DeployError::AuthIsALink { path: detail },
        "auth-not-a-file" => DeployError::AuthNotAFile { path: detail },
        "remote-is-fresher" => DeployError::RemoteIsFresher { there: detail },
        "another-account" => {
            let ours = auth.and_then(AuthFile::account);
            let ours = match detail.ends_with(" person") {
                true => ours.and_then(Account::person).map(|person| format!("chatgpt:{person}")),
                false => ours.map(|ours| ours.as_str().to_owned()),
            };
            let ours = shortened(&ours.unwrap_or_default());
            DeployError::AnotherAccount { there: shortened(&detail), ours }
        }
        "store-is-not-the-file" => DeployError::StoreIsNotTheFile { store: detail },
        "login-form-is-forced" => DeployError::LoginFormIsForced { forced: detail },
        "cannot-back-up" => DeployError::CannotBackUp { said: detail },
        "cannot-keep" => DeployError::CannotKeep { said: detail },
        "no-backup" => DeployError::NoBackup { path: detail },
        "no-digest-tool" => DeployError::NoDigestTool,
        "cannot-make-directory" => DeployError::CannotMakeDirectory { said: detail },
        "cannot-write" => DeployError::CannotWrite { said: detail },
        "cut-short" => DeployError::Damaged {
            sent: format!("{} bytes", auth.map_or(0, |auth| auth.bytes().len())),
            seen: format!("{detail} bytes"),
        },
        "damaged" => DeployError::Damaged {
            sent: auth.map(|auth| auth.bytes().sha256()).unwrap_or_default(),
            seen: detail,
        },
        "cannot-replace" => DeployError::CannotReplace { said: detail },
        _ => DeployError::Unknown { code: code.to_owned(), detail },
    }
}

pub(crate) fn status_in_words(end: &End) -> String {
    match end {
        End::Exit(status) => format!("exit status {status}"),
        End::Signal(name) => format!("signal {name}"),
        End::Deadline => "no end at all".to_owned(),
    }
}

/// A word that stands in no output but this call's.
pub(crate) fn mark() -> Result<String, DeployError> {
    let random = getrandom::u64().map_err(|error| DeployError::Unknown {
        code: "no-random-numbers".to_owned(),
        detail: format!("{error}; nothing was sent"),
    })?;
    Ok(format!("cra-{random:016x}"))
}
