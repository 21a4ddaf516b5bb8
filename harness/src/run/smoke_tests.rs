//! The guide's seven smoke tests, with its numbers, over any two sessions: to a container or to a real host.
#![expect(clippy::result_large_err, reason = "a failure is made once a check, and ends it")]

use std::fmt::Display;
use std::path::Path;
use std::time::{Duration, Instant};

use super::differences::STILL_RUNNING;
use super::failure::{About, Failure, in_lines};
use super::files::{self, FileFacts};
use super::mutants;
use codex_remote_auth::auth_json::AuthFile;
use codex_remote_auth::codex::{CodexCommand, Diagnosis, Outcome};
use codex_remote_auth::deploy::{DeployOptions, Receipt};
use codex_remote_auth::lessons::{CodexAt, Given, GivenFile, LoginKind, MutantName, Shell};
use codex_remote_auth::remote::{Proof, ProofOutcome};
use codex_remote_auth::ssh::{Deadline, End, Session, Stdin};

/// One of the seven smoke tests.
#[derive(Debug)]
pub struct SmokeTest {
    /// Its name: `smoke-1` to `smoke-7`.
    pub id: &'static str,
    /// What it tests, in one line.
    pub title: &'static str,
    /// Whether it needs a session on the machine that deploys.
    pub needs_local: bool,
    /// The mutants under which it fails, and no other smoke test fails.
    mutants: &'static [&'static str],
    run: fn(&Stage<'_>) -> Result<String, Failure>,
}

impl SmokeTest {
    /// Runs it. Returns what it showed, in one line.
    ///
    /// # Errors
    /// [`Failure`] if the test fails.
    pub fn run(&self, stage: &Stage<'_>) -> Result<String, Failure> {
        (self.run)(stage)
    }

    /// The mutants under which it fails, and no other smoke test fails.
    pub fn mutants(&self) -> impl Iterator<Item = MutantName> {
        self.mutants.iter().filter_map(|name| MutantName::try_from((*name).to_owned()).ok())
    }

    /// The accounts that it needs in a container.
    pub fn given(&self) -> Given {
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
    /// The machine that deploys, if a test uses its codex and its ssh.
    pub local: Option<&'a Session>,
    /// The account that the login is deployed to.
    pub remote: &'a Session,
    /// The mutant of the deploy or of a client program.
    pub mutant: Option<&'a MutantName>,
    /// How long codex may take. The guide says 45 s.
    pub deadline: Duration,
    /// How long to wait for a codex that is known to hang, before it is stopped.
    pub hang: Duration,
    /// The exit status of `timeout` on the machine that deploys, if it stops `ssh`. GNU's is 124. Busybox's is that of `ssh`, 255.
    pub stopped: i32,
}

/// The seven smoke tests, in the guide's order.
pub const SMOKE_TESTS: &[SmokeTest] = &[
    SmokeTest {
        id: "smoke-1",
        title: "the login is here, of a sane size and shape",
        needs_local: false,
        mutants: &["account:login-padded"],
        run: local_auth_exists,
    },
    SmokeTest {
        id: "smoke-2",
        title: "codex works on the machine that deploys",
        needs_local: true,
        mutants: &["account:local-login-missing"],
        run: local_codex_works,
    },
    SmokeTest {
        id: "smoke-3",
        title: "the login is copied to the remote",
        needs_local: false,
        mutants: &["deploy:home-left-open"],
        run: copy_to_remote,
    },
    SmokeTest {
        id: "smoke-4",
        title: "the remote file has the size of the local one",
        needs_local: false,
        mutants: &["deploy:byte-changed", "deploy:byte-added", "deploy:file-left-open"],
        run: remote_file_exists,
    },
    SmokeTest {
        id: "smoke-5",
        title: "codex works on the remote",
        needs_local: false,
        mutants: &["account:codex-fails-from-outside"],
        run: remote_codex_works,
    },
    SmokeTest {
        id: "smoke-6",
        title: "codex works on the remote after shell init",
        needs_local: false,
        mutants: &["account:files-missing", "account:codex-on-path"],
        run: remote_with_shell_init,
    },
    SmokeTest {
        id: "smoke-7",
        title: "codex ends within its deadline, and a hung one is stopped",
        needs_local: true,
        mutants: &["stub:stdin-not-read", "client:timeout-forgets"],
        run: timeout_behaviour,
    },
];

/// The least size of a login, in bytes. Neither form fits into less.
const LEAST: usize = 30;

/// The largest size of a login, in bytes. A larger file contains something else.
const MOST: usize = 16 * 1024;

/// Looks at the login.
pub(super) const AT_LOGIN: &str = "ls -l ~/.codex/auth.json";

/// Looks at the login and its directory.
pub(super) const AT_HOME: &str = "ls -ld ~/.codex ~/.codex/auth.json";

/// What codex is asked on the machine that deploys.
pub(super) const LOCAL_OK: &str = "Respond with exactly: local OK";

/// What codex is asked on the host.
pub(super) const REMOTE_OK: &str = "Respond: remote OK";

/// What codex is asked after shell init.
const INIT_OK: &str = "Respond: init OK";

fn local_auth_exists(stage: &Stage<'_>) -> Result<String, Failure> {
    let auth = auth(stage)?;
    let size = auth.bytes().len();
    if !(LEAST..=MOST).contains(&size) {
        let wanted = format!("{LEAST} to {MOST} bytes");
        return Err(failure(stage, AT_LOGIN, wanted, format!("{size} bytes")));
    }
    let beyond =
        if size > 2_000 { " (the guide's 500-2000 is stale: a ChatGPT login has about 4 KB)" } else { "" };
    Ok(format!("{}, {size} bytes{beyond}", auth.form().as_str()))
}

fn local_codex_works(stage: &Stage<'_>) -> Result<String, Failure> {
    let Some(local) = stage.local else {
        return Err(failure(stage, "codex exec", "a session on the machine that deploys", "none"));
    };
    let command = CodexCommand::new(LOCAL_OK);
    answers(stage, local, &command, "local OK")
}

fn copy_to_remote(stage: &Stage<'_>) -> Result<String, Failure> {
    let receipt = copy(stage)?;
    let command = AT_HOME;
    let facts = look(stage, command, &[".codex", ".codex/auth.json"])?;
    let seen: Vec<String> = facts.iter().map(|fact| format!("{} {}", fact.kind, fact.mode)).collect();
    // The next test is about the file's content and mode.
    match facts.as_slice() {
        [home, login] if home.kind == "directory" && home.mode == "700" && login.kind == "file" => {}
        _ => {
            return Err(failure(
                stage,
                command,
                "a directory with mode 700, and a file in it",
                seen.join(", "),
            ));
        }
    }
    let made = if receipt.directory_made { "directory made, " } else { "" };
    Ok(format!(
        "{made}{} bytes, mode {:o} in {:o}, SHA-256 checked there",
        receipt.size, receipt.mode, receipt.directory_mode
    ))
}

fn remote_file_exists(stage: &Stage<'_>) -> Result<String, Failure> {
    let auth = auth(stage)?;
    copy(stage)?;
    let command = AT_LOGIN;
    let facts = look(stage, command, &[".codex/auth.json"])?;
    let (size, sha256) = (auth.bytes().len() as u64, auth.bytes().sha256());
    match facts.first() {
        Some(fact) if fact.size == size && fact.sha256 == sha256 && fact.mode == "600" => {
            Ok(format!("{size} bytes on both sides, the same SHA-256, mode 600"))
        }
        other => {
            let seen = other.map_or("nothing".to_owned(), |fact| {
                format!("{} of {} bytes, {}, mode {}", fact.kind, fact.size, fact.sha256, fact.mode)
            });
            Err(failure(stage, command, format!("{size} bytes, {sha256}, mode 600"), seen))
        }
    }
}

fn remote_codex_works(stage: &Stage<'_>) -> Result<String, Failure> {
    copy(stage)?;
    answers(stage, stage.remote, &CodexCommand::new(REMOTE_OK), "remote OK")
}

fn remote_with_shell_init(stage: &Stage<'_>) -> Result<String, Failure> {
    copy(stage)?;
    let bare = run(stage, stage.remote, &CodexCommand::new(INIT_OK))?;
    if Diagnosis::of(&bare, None) != Diagnosis::CommandNotFound {
        return Err(failure(stage, "codex exec", "not found without shell init", shown(&bare)));
    }
    answers(stage, stage.remote, &sourced(), "init OK")?;
    answers(stage, stage.remote, &by_path(), "init OK")?;
    Ok("not found plainly; found after `source ~/.zshrc` and as ~/symlinks/codex".to_owned())
}

/// The call after shell init.
pub(super) fn sourced() -> CodexCommand {
    let init = Some("source ~/.zshrc 2>/dev/null".to_owned());
    CodexCommand { init, ..CodexCommand::new(INIT_OK) }
}

/// The same by the full path of codex.
pub(super) fn by_path() -> CodexCommand {
    CodexCommand { program: "~/symlinks/codex".to_owned(), ..sourced() }
}

/// The call as in the guide: with OpenSSH's client, under `timeout`.
pub(super) fn in_time(limit: Duration) -> String {
    format!("timeout {} ssh remote 'codex exec --skip-git-repo-check \"Say: done\"'", limit.as_secs_f64())
}

fn timeout_behaviour(stage: &Stage<'_>) -> Result<String, Failure> {
    copy(stage)?;
    let Some(local) = stage.local else {
        return Err(failure(stage, "timeout", "a session on the machine that deploys", "none"));
    };
    let line = |limit: Duration| mutants::local_line(stage.mutant, in_time(limit));
    let run = |line: &str, stdin, expected: &str| {
        let output = local.run(line, stdin, Deadline::after(stage.deadline));
        output.map(Outcome::from).map_err(|problem| failure(stage, line, expected, problem))
    };
    let closed = line(stage.deadline);
    let began = Instant::now();
    let done = run(&closed, Stdin::Closed, "exit 0, “done”")?;
    let done = answered(stage, &closed, &done, "done")?;

    // The stdin of this command stays open, and so does that of codex at the other end of ssh. The limit is several
    // times what a codex took that ended. Otherwise a codex that does not hang would be stopped too.
    let line = line(began.elapsed() * 3 + stage.hang);
    let stopped = stage.stopped;
    let expected = format!("exit {stopped}");
    let hung = run(&line, Stdin::Open(b""), &expected)?;
    if hung.end != End::Exit(stopped) {
        return Err(failure(stage, &line, expected, shown(&hung)));
    }
    let typed = typed_timeout(stage)?;
    Ok(format!("{done} within {} s; hung: {typed} and {stopped} by `timeout`", stage.deadline.as_secs()))
}

/// The same hang in our own deploy: a program that never ends is stopped on the host, and reported as a timeout.
fn typed_timeout(stage: &Stage<'_>) -> Result<&'static str, Failure> {
    let script =
        "mkdir -p ~/bin && printf '#!/bin/sh\\nexec sleep 987\\n' >~/bin/hung && chmod 755 ~/bin/hung";
    let setup = stage.remote.run(script, Stdin::Closed, Deadline::after(stage.deadline));
    setup.map_err(|problem| failure(stage, script, "a program that hangs", problem))?;
    let proof = Proof { program: Some("~/bin/hung".to_owned()), time_limit: stage.hang, ..Proof::default() };
    let receipt = deploy(stage, &DeployOptions { proof: Some(proof), ..Default::default() })?;
    let ProofOutcome::Ran { diagnosis: Diagnosis::TimedOut, .. } = receipt.proof else {
        return Err(failure(stage, "deploy", "a proof that timed out", proof_in_words(&receipt.proof)));
    };
    let look = "for p in /proc/[0-9]*; do [ ! -O $p ] || { tr '\\0' ' ' <$p/cmdline; echo; }; done 2>/dev/null | grep -c '^sleep 987'";
    let left = stage
        .remote
        .run(look, Stdin::Closed, Deadline::after(stage.deadline))
        .map_err(|problem| failure(stage, look, "0", problem))?;
    match String::from_utf8_lossy(&left.stdout).trim() {
        "0" => Ok("typed timeout, killed there"),
        other => Err(failure(
            stage,
            look,
            "no hung program of the account on the host",
            format!("{other} of them"),
        )),
    }
}

fn proof_in_words(proof: &ProofOutcome) -> String {
    match proof {
        ProofOutcome::NotAsked => "no proof".to_owned(),
        ProofOutcome::NoCodex { .. } => "no codex was found".to_owned(),
        ProofOutcome::Ran { outcome, diagnosis, .. } => {
            format!("{}\ndiagnosis {}", shown(outcome), diagnosis.code())
        }
    }
}

fn auth(stage: &Stage<'_>) -> Result<AuthFile, Failure> {
    AuthFile::read(stage.auth).map_err(|problem| failure(stage, "read auth.json", "a login", problem))
}

fn copy(stage: &Stage<'_>) -> Result<Receipt, Failure> {
    deploy(stage, &DeployOptions { proof: None, ..DeployOptions::default() })
}

fn deploy(stage: &Stage<'_>, options: &DeployOptions) -> Result<Receipt, Failure> {
    mutants::deploy(stage.remote, &auth(stage)?, options, stage.mutant)
        .map_err(|error| failure(stage, "deploy", "a receipt", error))
}

fn look(stage: &Stage<'_>, command: &str, paths: &[&str]) -> Result<Vec<FileFacts>, Failure> {
    match files::ask(stage.remote, paths) {
        Ok((facts, _)) => Ok(facts),
        Err(problem) => Err(failure(stage, command, "an answer", problem)),
    }
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
    answered(stage, &command.to_shell(), &outcome, answer)
}

fn answered(stage: &Stage<'_>, command: &str, outcome: &Outcome, answer: &str) -> Result<String, Failure> {
    match Diagnosis::of(outcome, Some(answer)) {
        Diagnosis::Works => Ok(format!("exit 0, “{answer}”")),
        diagnosis => {
            let mut failure = failure(stage, command, format!("exit 0, “{answer}”"), shown(outcome));
            failure.next = diagnosis.advice().to_owned();
            Err(failure)
        }
    }
}

fn shown(outcome: &Outcome) -> String {
    let stdout = String::from_utf8_lossy(&outcome.stdout);
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    let end = match &outcome.end {
        End::Exit(status) => format!("exit {status}"),
        End::Signal(name) => format!("signal {name}"),
        End::Deadline => STILL_RUNNING.to_owned(),
    };
    in_lines(&end, &stdout, &stderr)
}

fn failure(stage: &Stage<'_>, command: &str, expected: impl Display, seen: impl Display) -> Failure {
    Failure {
        step: String::new(),
        about: About::Run,
        command: command.to_owned(),
        account: stage.remote.endpoint().user.clone(),
        expected: expected.to_string(),
        seen: seen.to_string(),
        next: String::new(),
    }
}
