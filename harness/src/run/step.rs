//! Runs one step of a lesson, and holds what came back against what the lesson expects.

use std::time::Duration;

use semver::Version;

use super::failure::{About, Failure};
use super::files::{self, FileFacts, Witness};
use super::gate::Gate;
use super::interruption::Interruption;
use super::mutants;
use super::plan::{Login, Plan};
use super::redactor::Redactor;
use super::runner::RunnerOptions;
use super::transcript::Transcript;
use crate::auth::{AuthFile, Secret};
use crate::cloud::Record;
use crate::codex::{Diagnosis, Outcome};
use crate::deploy::{
    DeployError, DeployOptions, OnSymlink, Proof, ProofOutcome, Receipt, deploy_with_script,
};
use crate::lesson::{
    Action, CloudExpect, DeployStep, Expect, FileExpect, FileIs, MutantKind, StdinKind, Step, WitnessExpect,
};
use crate::remote::Force;
use crate::ssh::{Deadline, End, Session, SshProblem, Stdin};
use crate::target::Container;

/// Where a step runs, and what it may need to know.
pub(super) struct Scene<'a> {
    /// The check's name, for places of leaks.
    pub(super) check: &'a str,
    pub(super) plan: &'a Plan,
    pub(super) remote: &'a Session,
    pub(super) local: Option<&'a Session>,
    pub(super) container: &'a Container<'a>,
    pub(super) options: &'a RunnerOptions,
    pub(super) release: &'a Version,
    pub(super) gate: &'a Gate,
    pub(super) redactor: &'a Redactor,
}

/// A step that was run, as it may be shown.
pub(super) struct Played {
    /// What did not hold.
    pub(super) failures: Vec<Failure>,
    pub(super) command: String,
    pub(super) end: String,
    pub(super) diagnosis: &'static str,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// How a step ended that had to be stopped.
pub(super) const STILL_RUNNING: &str = "still running when its deadline passed";

/// What is expected where an output has to hold a text.
pub(super) fn holds(output: &str, text: &str) -> String {
    format!("{output} holds: {text}")
}

/// What a difference is about, what was expected, and what was seen in its place.
type Difference = (About, String, String);

/// What a step gave.
struct Seen {
    outcome: Outcome,
    diagnosis: Diagnosis,
    error: Option<DeployError>,
    leaked: bool,
}

impl Scene<'_> {
    /// Runs a step, writes it down, and says what did not hold.
    ///
    /// # Errors
    /// [`Interruption`] where the step could not be run at all.
    pub(super) fn play(
        &self,
        heading: &str,
        step: &Step,
        transcript: &mut Transcript,
    ) -> Result<Played, Interruption> {
        let expected: Vec<&Expect> =
            step.expect.iter().filter(|expect| expect.codex.contains(self.release)).collect();
        let counts_calls = !self.options.real && expected.iter().any(|expect| expect.witness.is_some());
        let counts_requests = expected.iter().any(|expect| expect.cloud.is_some());
        let asked_before = if counts_requests { self.records()?.len() } else { 0 };
        let before = if counts_calls { files::ask(self.remote, &[])?.1.len() } else { 0 };

        let command = self.command(step);
        transcript.step(heading, &self.redactor.redact(command.as_bytes()));
        let seen = match &step.action {
            Action::Run(line) => self.run(self.remote, line, step)?,
            Action::Local(line) => match self.local {
                Some(local) => self.run(local, &self.local_line(line), step)?,
                None => unreachable!("a lesson with a local step has a local machine"),
            },
            Action::Deploy(options) => self.deploy(options),
        };
        let end = self.write_down(&seen, transcript);

        let paths: Vec<&str> =
            expected.iter().flat_map(|expect| &expect.files).map(|file| file.path.as_str()).collect();
        let (facts, witness) = if paths.is_empty() && !counts_calls {
            (Vec::new(), Witness::new())
        } else {
            files::ask(self.remote, &paths)?
        };
        for (path, fact) in paths.iter().zip(&facts) {
            transcript.result(&format!("~/{path}: {} {}", fact.kind, fact.mode), &[]);
        }
        let calls = witness.get(before..).unwrap_or_default();
        self.gate.pass(format!("the witness of {}", self.check), format!("{witness:?}").as_bytes());

        let asked = if counts_requests { self.records()?.split_off(asked_before) } else { Vec::new() };

        let mut facts = facts.iter();
        let mut failures = Vec::new();
        for expect in &expected {
            let mut wanted = self.differences(expect, step, &seen, facts.by_ref(), calls);
            wanted.extend(expect.cloud.iter().flat_map(|cloud| cloud_differences(cloud, &asked)));
            failures.extend(wanted.into_iter().map(|(about, expected, shown)| Failure {
                about,
                command: self.redactor.redact(command.as_bytes()),
                account: self.plan.remote.0.name.clone(),
                expected,
                seen: match self.gate.look(shown.as_bytes()) {
                    Some(form) => format!("(left out: it shows a secret, {form})"),
                    None => self.redactor.redact(shown.as_bytes()),
                },
                next: next(&seen),
            }));
        }
        let [stdout, stderr] = [&seen.outcome.stdout, &seen.outcome.stderr].map(|bytes| self.shown(bytes));
        let (command, diagnosis) = (self.redactor.redact(command.as_bytes()), seen.diagnosis.code());
        Ok(Played { failures, command, end, diagnosis, stdout, stderr })
    }

    fn records(&self) -> Result<Vec<Record>, Interruption> {
        Ok(self.container.cloud_records(&self.plan.uids())?)
    }

    /// A secret can be written in more ways than the redactor undoes; such an output is not written down at all.
    fn shown(&self, bytes: &[u8]) -> String {
        match self.gate.look(bytes) {
            Some(form) => format!("(left out: it shows a secret, {form})"),
            None => self.redactor.redact(bytes),
        }
    }

    fn command(&self, step: &Step) -> String {
        match &step.action {
            Action::Run(line) => format!("ssh remote {}", crate::codex::quote(line.trim())),
            Action::Local(line) => line.clone(),
            Action::Deploy(options) => {
                let mut line = "deploy remote".to_owned();
                if options.login.is_some() {
                    let form = format!("{:?}", self.plan.login_of(options).kind);
                    line.push_str(&format!(" of another login: {form}"));
                }
                for (flag, set) in [
                    (" --force", options.force),
                    (" --replace-link", options.replace_link),
                    (" --no-proof", options.no_proof),
                ] {
                    if set {
                        line.push_str(flag);
                    }
                }
                options.program.iter().for_each(|program| line.push_str(&format!(" --codex {program}")));
                line
            }
        }
    }

    /// The guide calls an account `user@host`; here it is another for every lesson.
    fn local_line(&self, line: &str) -> String {
        let line = line.replace("user@host", &format!("{}@host", self.plan.remote.0.name));
        match mutants::wrapper(self.plan.mutant.as_ref()) {
            Some(_) => format!("PATH=~/wrappers:$PATH\n{line}"),
            None => line,
        }
    }

    fn run(&self, session: &Session, line: &str, step: &Step) -> Result<Seen, SshProblem> {
        let stdin = match step.stdin {
            StdinKind::Closed => Stdin::Closed,
            StdinKind::Open => Stdin::Open(b""),
        };
        // A real one takes a hundred times as long as the stub until it has shown that it hangs.
        let hangs = step.expect.iter().any(|expect| expect.hangs);
        let patience = if self.options.real && hangs { 3.0 } else { 1.0 };
        let deadline = Deadline::after(Duration::from_secs_f64(step.deadline * patience));
        let outcome: Outcome = session.run(line.trim(), stdin, deadline)?.into();
        let leaked = [&outcome.stdout, &outcome.stderr].iter().any(|bytes| self.gate.look(bytes).is_some());
        let diagnosis = Diagnosis::of(&outcome, None);
        Ok(Seen { outcome, diagnosis, error: None, leaked })
    }

    fn deploy(&self, step: &DeployStep) -> Seen {
        let mutant = self.plan.mutant.as_ref();
        let result = self.auth(step).and_then(|auth| {
            deploy_with_script(
                self.remote,
                &auth,
                &mutants::options(mutant, options(step)),
                &mutants::script(mutant),
            )
        });
        match result {
            Ok(receipt) => self.seen_of(receipt),
            Err(error) => {
                let said = error.to_string().into_bytes();
                let leaked = self.gate.look(&said).is_some();
                let outcome = Outcome { stdout: Vec::new(), stderr: said, end: End::Exit(1) };
                Seen { outcome, diagnosis: Diagnosis::Unknown, error: Some(error), leaked }
            }
        }
    }

    fn auth(&self, step: &DeployStep) -> Result<AuthFile, DeployError> {
        let bytes = self.plan.login_of(step).bytes().unwrap_or_default();
        let skipped = self.plan.mutant.as_ref().is_some_and(|mutant| {
            mutant.kind == MutantKind::Deploy && mutant.name == mutants::VALIDATION_SKIPPED
        });
        if skipped { Ok(AuthFile::unchecked(bytes)) } else { Ok(AuthFile::from_bytes(bytes)?) }
    }

    fn seen_of(&self, receipt: Receipt) -> Seen {
        let shown = format!("{receipt:?}");
        let mut leaked = self.gate.look(shown.as_bytes()).is_some();
        let (outcome, diagnosis) = match receipt.proof {
            ProofOutcome::Ran { outcome, diagnosis, .. } => (outcome, diagnosis),
            ProofOutcome::NotAsked | ProofOutcome::NoCodex => {
                let diagnosis = match receipt.proof {
                    ProofOutcome::NoCodex => Diagnosis::CommandNotFound,
                    _ => Diagnosis::Works,
                };
                (Outcome { stdout: Vec::new(), stderr: Vec::new(), end: End::Exit(0) }, diagnosis)
            }
        };
        leaked |= [&outcome.stdout, &outcome.stderr].iter().any(|bytes| self.gate.look(bytes).is_some());
        Seen { outcome, diagnosis, error: None, leaked }
    }

    fn write_down(&self, seen: &Seen, transcript: &mut Transcript) -> String {
        let end = match (&seen.error, &seen.outcome.end) {
            (Some(error), _) => format!("error {}", error.code()),
            (None, End::Exit(status)) => format!("exit {status}"),
            (None, End::Signal(name)) => format!("signal {name}"),
            (None, End::Deadline) => STILL_RUNNING.to_owned(),
        };
        let (stdout, stderr) = (self.shown(&seen.outcome.stdout), self.shown(&seen.outcome.stderr));
        transcript.result(&end, &[("stdout", &stdout), ("stderr", &stderr)]);
        end
    }

    /// What was expected and not seen, each with what was seen in its place.
    fn differences<'f>(
        &self,
        expect: &Expect,
        step: &Step,
        seen: &Seen,
        facts: impl Iterator<Item = &'f FileFacts>,
        calls: &[serde_json::Value],
    ) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut differ =
            |about: About, expected: String, shown: String| differences.push((about, expected, shown));
        let stdout = String::from_utf8_lossy(&seen.outcome.stdout);
        let stderr = String::from_utf8_lossy(&seen.outcome.stderr);
        let both = format!("{:?}, stdout: {}, stderr: {}", seen.outcome.end, stdout.trim(), stderr.trim());

        if expect.leaks != seen.leaked {
            let what = if expect.leaks { "a secret is shown" } else { "no secret is shown" };
            differ(About::Leak, what.to_owned(), if seen.leaked { "a secret" } else { "none" }.to_owned());
            if seen.leaked {
                self.gate.note(format!("an output of {}", self.check));
            }
        }
        if expect.hangs != (seen.outcome.end == End::Deadline) {
            let what = if expect.hangs { "it hangs" } else { "it ends" };
            differ(About::Ending, what.to_owned(), both.clone());
        }
        if let Some(status) = expect.exit
            && seen.outcome.end != End::Exit(status)
        {
            differ(About::Ending, format!("exit {status}"), both.clone());
        }
        for (about, name, output, wanted) in [
            (About::Stdout, "stdout", &stdout, &expect.stdout),
            (About::Stderr, "stderr", &stderr, &expect.stderr),
        ] {
            for text in wanted.iter().filter(|text| !output.contains(self.fill(text).as_str())) {
                differ(about, holds(name, text), both.clone());
            }
        }
        for text in &expect.never {
            if stdout.contains(text.as_str()) || stderr.contains(text.as_str()) {
                differ(About::Never, format!("neither output holds: {text}"), both.clone());
            }
        }
        if let Some(code) = &expect.diagnosis
            && seen.diagnosis.code() != code
        {
            let shown = format!("diagnosis {}; {both}", seen.diagnosis.code());
            differ(About::Diagnosis, format!("diagnosis {code}"), shown);
        }
        let error = seen.error.as_ref().map(DeployError::code);
        if expect.error.as_deref() != error {
            differ(
                About::Error,
                expect.error.as_ref().map_or("no error".to_owned(), |code| format!("error {code}")),
                seen.error
                    .as_ref()
                    .map_or("no error".to_owned(), |error| format!("{}: {error}", error.code())),
            );
        }
        for (wanted, fact) in expect.files.iter().zip(facts) {
            differences.extend(self.file_difference(wanted, step, fact));
        }
        if let Some(wanted) = expect.witness.as_ref().filter(|_| !self.options.real) {
            differences.extend(witness_differences(wanted, calls));
        }
        differences
    }

    fn fill(&self, text: &str) -> String {
        text.replace("@HOME@", &self.plan.remote.0.home)
    }

    fn file_difference(&self, wanted: &FileExpect, step: &Step, fact: &FileFacts) -> Option<Difference> {
        let digest = |login: &Login| login.bytes().map(|bytes| Secret::new(bytes).sha256());
        let login = match &step.action {
            Action::Deploy(options) => self.plan.login_of(options),
            Action::Run(_) | Action::Local(_) => &self.plan.login,
        };
        let is = match wanted.is {
            FileIs::Absent => fact.kind == "absent",
            FileIs::File => fact.kind == "file",
            FileIs::Directory => fact.kind == "directory",
            FileIs::Link => fact.kind == "link",
            FileIs::Login => digest(login).as_ref() == Some(&fact.sha256),
            FileIs::RemoteLogin => digest(&self.plan.remote_login).as_ref() == Some(&fact.sha256),
        };
        let mode_is = wanted.mode.as_ref().is_none_or(|mode| *mode == fact.mode);
        (!is || !mode_is).then(|| {
            let mode = wanted.mode.as_ref().map(|mode| format!(" with mode {mode}")).unwrap_or_default();
            let shown = format!("{} {} of {} bytes, {}", fact.kind, fact.mode, fact.size, fact.sha256);
            (About::File, format!("~/{} is {:?}{mode}", wanted.path, wanted.is), shown)
        })
    }
}

fn cloud_differences(wanted: &CloudExpect, asked: &[Record]) -> Vec<Difference> {
    let count = |path: &str| asked.iter().filter(|record| record.path.ends_with(path)).count();
    let counted = [
        ("asked for an answer", wanted.asked, "/responses"),
        ("asked to renew a login", wanted.renewed, "/oauth/token"),
        ("asked to take a login back", wanted.revoked, "/oauth/revoke"),
    ];
    counted
        .into_iter()
        .filter_map(|(what, wanted, path)| Some((what, wanted?, count(path))))
        .filter(|(_, wanted, seen)| wanted != seen)
        .map(|(what, wanted, seen)| {
            (About::Cloud, format!("the cloud is {what} {wanted} times"), format!("{seen} times"))
        })
        .collect()
}

fn witness_differences(wanted: &WitnessExpect, calls: &[serde_json::Value]) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut differ = |expected: String, shown: String| differences.push((About::Witness, expected, shown));
    if let Some(count) = wanted.calls
        && count != calls.len()
    {
        differ(format!("codex is called {count} times"), format!("{} times", calls.len()));
    }
    let last = calls.last();
    if let Some(stdin) = &wanted.stdin {
        let seen = last.and_then(|call| call["stdin"].as_str()).unwrap_or("no call");
        if seen != stdin {
            differ(format!("codex's stdin: {stdin}"), seen.to_owned());
        }
    }
    for name in &wanted.env {
        let has = last
            .and_then(|call| call["env"].as_array())
            .is_some_and(|env| env.iter().any(|seen| seen == name));
        if !has {
            differ(format!("codex has the variable {name}"), "it has not".to_owned());
        }
    }
    differences
}

fn options(step: &DeployStep) -> DeployOptions {
    let usual = Proof::default();
    let proof = Proof {
        program: step.program.clone(),
        deadline: step.proof_deadline.map_or(usual.deadline, Duration::from_secs_f64),
        ..usual
    };
    DeployOptions {
        force: if step.force { Force::known() } else { Force::default() },
        on_symlink: if step.replace_link { OnSymlink::Replace } else { OnSymlink::Refuse },
        proof: (!step.no_proof).then_some(proof),
        ..DeployOptions::default()
    }
}

fn next(seen: &Seen) -> String {
    match &seen.error {
        Some(error) => error.to_string(),
        None => format!("codex's output reads as `{}`: {}", seen.diagnosis.code(), seen.diagnosis.advice()),
    }
}
