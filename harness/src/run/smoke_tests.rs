//! The guide's seven smoke tests, as it numbers them, over any two sessions: a container's, or a real host's.
#![expect(clippy::result_large_err, reason = "a failure is made once a check, and ends it")]

use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

use super::failure::{About, Failure};
use super::files;
use crate::auth::AuthFile;
use crate::codex::{CodexCommand, Diagnosis, Outcome};
use crate::deploy::{DeployOptions, Proof, ProofOutcome, Receipt, deploy};
use crate::lesson::{CodexAt, Given, GivenFile, LoginKind, Shell};
use crate::ssh::{Deadline, End, Session, Stdin};

/// One of the seven.
#[derive(Debug)]
pub struct SmokeTest {
    /// Its name: `smoke-1` to `smoke-7`.
    pub id: &'static str,
    /// What it is about, in one line.
    pub title: &'static str,
    /// Whether it uses the machine that deploys by a session of its own.
    pub needs_local: bool,
    run: fn(&Stage<'_>) -> Result<String, Failure>,
}

impl SmokeTest {
    /// Runs it: what it showed, in one line.
    ///
    /// # Errors
    /// [`Failure`] where it does not hold.
    pub fn run(&self, stage: &Stage<'_>) -> Result<String, Failure> {
        (self.run)(stage)
    }

    /// The accounts that it needs in a container.
    pub(super) fn given(&self) -> Given {
        let mut given = Given { login: LoginKind::Chatgpt, ..Given::default() };
        if self.id == "smoke-6" {
            given.shell = Shell::Zsh;
            given.codex = CodexAt::Symlinks;
            given.files.push(GivenFile {
                path: ".zshrc".to_owned(),
                text: "export PATH=\"$HOME/symlinks:$PATH\"\n".to_owned(),
                link: None,
                directory: false,
                mode: None,
            });
        }
        given
    }
}

/// What the smoke tests run on.
#[derive(Debug)]
pub struct Stage<'a> {
    /// The login's file on this machine.
    pub auth: &'a Path,
    /// The machine that deploys, where a test uses its codex and its ssh.
    pub local: Option<&'a Session>,
    /// The account that the login is deployed to.
    pub remote: &'a Session,
    /// How long codex may take; the guide says 45 s.
    pub deadline: Duration,
    /// How long a codex that is known to hang is given, to see that it is stopped.
    pub hang: Duration,
}

/// The seven, in the guide's order.
pub const SMOKE_TESTS: &[SmokeTest] = &[
    SmokeTest {
        id: "smoke-1",
        title: "the login is here, of a sane size and shape",
        needs_local: false,
        run: local_auth_exists,
    },
    SmokeTest {
        id: "smoke-2",
        title: "codex works on the machine that deploys",
        needs_local: true,
        run: local_codex_works,
    },
    SmokeTest {
        id: "smoke-3",
        title: "the login is copied to the remote",
        needs_local: false,
        run: copy_to_remote,
    },
    SmokeTest {
        id: "smoke-4",
        title: "the remote file has the size of the local one",
        needs_local: false,
        run: remote_file_exists,
    },
    SmokeTest {
        id: "smoke-5",
        title: "codex works on the remote",
        needs_local: false,
        run: remote_codex_works,
    },
    SmokeTest {
        id: "smoke-6",
        title: "codex works on the remote after shell init",
        needs_local: false,
        run: remote_with_shell_init,
    },
    SmokeTest {
        id: "smoke-7",
        title: "codex ends within its deadline, and a hung one is stopped",
        needs_local: true,
        run: timeout_behaviour,
    },
];

/// A size below which no login of either form fits.
const LEAST: usize = 30;

/// A size above which something else than a login is in the file.
const MOST: usize = 16 * 1024;

fn local_auth_exists(stage: &Stage<'_>) -> Result<String, Failure> {
    let auth = auth(stage)?;
    let size = auth.bytes().len();
    if !(LEAST..=MOST).contains(&size) {
        let wanted = format!("{LEAST} to {MOST} bytes");
        return Err(failure(stage, "ls -l ~/.codex/auth.json", wanted, format!("{size} bytes")));
    }
    let beyond =
        if size > 2_000 { " (the guide's 500-2000 is stale: a ChatGPT login has about 4 KB)" } else { "" };
    Ok(format!("{}, {size} bytes{beyond}", auth.form().as_str()))
}

fn local_codex_works(stage: &Stage<'_>) -> Result<String, Failure> {
    let Some(local) = stage.local else {
        return Err(failure(stage, "codex exec", "a session on the machine that deploys", "none"));
    };
    let command = CodexCommand::new("Respond with exactly: local OK");
    answers(stage, local, &command, "local OK")
}

fn copy_to_remote(stage: &Stage<'_>) -> Result<String, Failure> {
    let receipt = copy(stage)?;
    let made = if receipt.directory_made { "directory made, " } else { "" };
    Ok(format!(
        "{made}{} bytes, mode {:o} in {:o}, SHA-256 checked there",
        receipt.size, receipt.mode, receipt.directory_mode
    ))
}

fn remote_file_exists(stage: &Stage<'_>) -> Result<String, Failure> {
    let auth = auth(stage)?;
    copy(stage)?;
    let command = "ls -l ~/.codex/auth.json";
    let (facts, _) = files::ask(stage.remote, &[".codex/auth.json"])
        .map_err(|problem| failure(stage, command, "an answer", problem))?;
    let (size, sha256) = (auth.bytes().len() as u64, auth.bytes().sha256());
    match facts.first() {
        Some(fact) if fact.size == size && fact.sha256 == sha256 && fact.mode == "600" => {
            Ok(format!("{size} bytes on both sides, the same SHA-256, mode 600"))
        }
        other => {
            Err(failure(stage, command, format!("{size} bytes, {sha256}, mode 600"), format!("{other:?}")))
        }
    }
}

fn remote_codex_works(stage: &Stage<'_>) -> Result<String, Failure> {
    copy(stage)?;
    answers(stage, stage.remote, &CodexCommand::new("Respond: remote OK"), "remote OK")
}

fn remote_with_shell_init(stage: &Stage<'_>) -> Result<String, Failure> {
    copy(stage)?;
    let bare = run(stage, stage.remote, &CodexCommand::new("Respond: init OK"))?;
    if Diagnosis::of(&bare, None) != Diagnosis::CommandNotFound {
        return Err(failure(stage, "codex exec", "not found without shell init", shown(&bare)));
    }
    let sourced = CodexCommand {
        init: Some("source ~/.zshrc 2>/dev/null".to_owned()),
        ..CodexCommand::new("Respond: init OK")
    };
    answers(stage, stage.remote, &sourced, "init OK")?;
    let by_path = CodexCommand { program: "~/symlinks/codex".to_owned(), ..sourced };
    answers(stage, stage.remote, &by_path, "init OK")?;
    Ok("not found plainly; found after `source ~/.zshrc` and as ~/symlinks/codex".to_owned())
}

fn timeout_behaviour(stage: &Stage<'_>) -> Result<String, Failure> {
    copy(stage)?;
    let done = answers(stage, stage.remote, &CodexCommand::new("Say: done"), "done")?;

    let Some(local) = stage.local else {
        return Err(failure(stage, "timeout", "a session on the machine that deploys", "none"));
    };
    // The stdin of this command stays open, and so does that of the codex at the other end of ssh.
    let line = format!(
        "timeout {} ssh remote 'codex exec --skip-git-repo-check \"Say: done\"'",
        stage.hang.as_secs_f64()
    );
    let hung = local
        .run(&line, Stdin::Open(b""), Deadline::after(stage.deadline))
        .map_err(|problem| failure(stage, &line, "exit 124", problem))?;
    if hung.end != End::Exit(124) {
        return Err(failure(stage, &line, "exit 124", shown(&hung.into())));
    }
    let typed = typed_timeout(stage)?;
    Ok(format!("{done} within {} s; hung: {typed} and 124 by `timeout`", stage.deadline.as_secs()))
}

/// The same hang in our own form: a program that never ends is stopped over there, and reported as what it is.
fn typed_timeout(stage: &Stage<'_>) -> Result<&'static str, Failure> {
    let script =
        "mkdir -p ~/bin && printf '#!/bin/sh\\nexec sleep 987\\n' >~/bin/hung && chmod 755 ~/bin/hung";
    let setup = stage.remote.run(script, Stdin::Closed, Deadline::after(stage.deadline));
    setup.map_err(|problem| failure(stage, script, "a program that hangs", problem))?;
    let proof = Proof { program: Some("~/bin/hung".to_owned()), deadline: stage.hang, ..Proof::default() };
    let receipt =
        deploy(stage.remote, &auth(stage)?, &DeployOptions { proof: Some(proof), ..Default::default() })
            .map_err(|error| failure(stage, "deploy", "a receipt", error))?;
    let ProofOutcome::Ran { diagnosis: Diagnosis::TimedOut, .. } = receipt.proof else {
        return Err(failure(stage, "deploy", "a proof that timed out", format!("{:?}", receipt.proof)));
    };
    let look =
        "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; echo; done 2>/dev/null | grep -c '^sleep 987'";
    let left = stage
        .remote
        .run(look, Stdin::Closed, Deadline::after(stage.deadline))
        .map_err(|problem| failure(stage, look, "0", problem))?;
    match String::from_utf8_lossy(&left.stdout).trim() {
        "0" => Ok("typed timeout, killed there"),
        other => Err(failure(stage, look, "no hung program left over there", other)),
    }
}

fn auth(stage: &Stage<'_>) -> Result<AuthFile, Failure> {
    AuthFile::read(stage.auth).map_err(|problem| failure(stage, "read auth.json", "a login", problem))
}

fn copy(stage: &Stage<'_>) -> Result<Receipt, Failure> {
    let options = DeployOptions { proof: None, ..DeployOptions::default() };
    deploy(stage.remote, &auth(stage)?, &options)
        .map_err(|error| failure(stage, "deploy", "a receipt", error))
}

fn run(stage: &Stage<'_>, session: &Session, command: &CodexCommand) -> Result<Outcome, Failure> {
    let line = command.to_shell();
    match session.run(&line, Stdin::Closed, Deadline::after(stage.deadline)) {
        Ok(output) => Ok(output.into()),
        Err(problem) => Err(failure(stage, &line, "an answer", problem)),
    }
}

fn answers(
    stage: &Stage<'_>,
    session: &Session,
    command: &CodexCommand,
    answer: &str,
) -> Result<String, Failure> {
    let outcome = run(stage, session, command)?;
    match Diagnosis::of(&outcome, Some(answer)) {
        Diagnosis::Works => Ok(format!("exit 0, “{answer}”")),
        diagnosis => {
            let mut failure =
                failure(stage, &command.to_shell(), format!("exit 0, “{answer}”"), shown(&outcome));
            failure.next = diagnosis.advice().to_owned();
            Err(failure)
        }
    }
}

fn shown(outcome: &Outcome) -> String {
    let stdout = String::from_utf8_lossy(&outcome.stdout);
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    format!("{:?}, stdout: {}, stderr: {}", outcome.end, stdout.trim(), stderr.trim())
}

fn failure(stage: &Stage<'_>, command: &str, expected: impl Display, seen: impl Display) -> Failure {
    Failure {
        about: About::Run,
        command: command.to_owned(),
        account: stage.remote.endpoint().user.clone(),
        expected: expected.to_string(),
        seen: seen.to_string(),
        next: "read what was seen, and run this check alone with --keep to look at the account".to_owned(),
    }
}
