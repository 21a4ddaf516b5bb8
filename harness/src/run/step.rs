//! Runs one step of a lesson, and compares the result with what the lesson expects.

use std::time::Duration;

use super::differences::{STILL_RUNNING, cloud_differences, end_in_words, finding_difference};
use super::failure::{About, Failure, one_line};
use super::files::{self, FileFacts, Witness};
use super::interruption::Interruption;
use super::mutants;
use super::runner::LOGIN;
use super::scene::{Played, Scene, Seen};
use super::transcript::Transcript;
use crate::cloud::Record;
use codex_remote_auth::auth_json::AuthFile;
use codex_remote_auth::codex::{Diagnosis, Outcome};
use codex_remote_auth::deploy::{DeployOptions, OnSymlink, Receipt};
use codex_remote_auth::lessons::{Action, DeployStep, Expect, StdinKind, Step, Way};
use codex_remote_auth::message::Failure as _;
use codex_remote_auth::remote::{Force, Proof, ProofOutcome, RemoteError, RemoteState};
use codex_remote_auth::ssh::{Deadline, End, Session, SshProblem, Stdin};

/// How many characters of a line are quoted in the short form of a step.
const IN_SHORT: usize = 60;

impl Scene<'_> {
    /// Runs a step, adds it to the transcript, and returns what failed.
    ///
    /// # Errors
    /// [`Interruption`] if the step could not be run.
    pub(super) fn play(
        &self,
        heading: &str,
        step: &Step,
        transcript: &mut Transcript,
        asked_before: &mut usize,
    ) -> Result<Played, Interruption> {
        let expected = step.expected(self.release, self.options.flavour.name());
        let counts_calls = !self.options.real && expected.iter().any(|expect| expect.witness.is_some());
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
        self.leak_scanner.pass(format!("the witness of {}", self.check), format!("{witness:?}").as_bytes());

        let (all_asked, asked) = self.asked_since(asked_before)?;
        *asked_before = all_asked;

        let mut failures = Vec::new();
        if expected.is_empty() && !step.expect.is_empty() {
            failures.push(self.says_nothing(heading, &command));
        }
        let mut rest = facts.iter();
        for expect in &expected {
            let mut wanted = self.differences(expect, step, &seen, rest.by_ref(), calls);
            wanted.extend(expect.cloud.iter().flat_map(|cloud| cloud_differences(cloud, &asked)));
            wanted.extend(finding_difference(&expect.findings, &asked));
            failures.extend(wanted.into_iter().map(|(field, expected, shown)| Failure {
                step: heading.to_owned(),
                about: About::Expect(field),
                command: self.redactor.redact(command.as_bytes()),
                account: self.plan.remote.0.name.clone(),
                expected,
                seen: self.leak_scanner.shown(&shown, self.redactor),
                next: advice(&seen, heading),
            }));
        }
        let [stdout, stderr] = [&seen.outcome.stdout, &seen.outcome.stderr].map(|bytes| self.shown(bytes));
        let (command, diagnosis) = (self.redactor.redact(command.as_bytes()), seen.diagnosis.code());
        let in_short = self.in_short(&expected, &end, &seen, [&stdout, &stderr], paths.iter().zip(&facts));
        Ok(Played { failures, command, end, diagnosis, stdout, stderr, in_short })
    }

    /// A step in a few words: how it ended, and the most telling line that it printed or file that it left. It contains
    /// nothing that was only expected.
    fn in_short<'f>(
        &self,
        expected: &[&Expect],
        end: &str,
        seen: &Seen,
        [stdout, stderr]: [&str; 2],
        mut facts: impl Iterator<Item = (&'f &'f str, &'f FileFacts)>,
    ) -> String {
        let end = match end {
            "exit 0" => "",
            STILL_RUNNING => "hangs",
            other => other,
        };
        let of_stdout = expected.iter().flat_map(|expect| &expect.stdout).map(|text| (stdout, text));
        let of_stderr = expected.iter().flat_map(|expect| &expect.stderr).map(|text| (stderr, text));
        let mut wanted = of_stdout.chain(of_stderr);
        let found =
            wanted.find(|(output, text)| output.contains(text.as_str())).map(|(_, text)| text.as_str());
        let last = |output| str::lines(output).rev().find(|line| !line.trim().is_empty());
        let said = if seen.leaked {
            Some("shows a secret".to_owned())
        } else {
            let line = found.or_else(|| last(stdout)).or_else(|| last(stderr));
            line.map(|line| format!("“{}”", one_line(line, IN_SHORT)))
        };
        let file = || {
            facts.next().map(|(path, fact)| {
                let name = path.rsplit('/').next().unwrap_or_default();
                format!("{name} {} {}", fact.kind, fact.mode).trim_end().to_owned()
            })
        };
        let words: Vec<String> =
            [(!end.is_empty()).then(|| end.to_owned()), said.or_else(file)].into_iter().flatten().collect();
        if words.is_empty() { "exit 0".to_owned() } else { words.join(" ") }
    }

    /// The failure of a step that expects nothing for this release. It would pass whatever it showed.
    fn says_nothing(&self, heading: &str, command: &str) -> Failure {
        Failure {
            step: heading.to_owned(),
            about: About::Run,
            command: self.redactor.redact(command.as_bytes()),
            account: self.plan.remote.0.name.clone(),
            expected: "an expectation for the release".to_owned(),
            seen: format!("the step has none for {}", self.release),
            next: "give the step an `expect` whose range has the release".to_owned(),
        }
    }

    /// The number of requests to the cloud in the check so far, and the requests after the first `before`.
    fn asked_since(&self, before: &usize) -> Result<(usize, Vec<Record>), Interruption> {
        let mut records = self.container.cloud_records(&self.plan.uids())?;
        let all = records.len();
        Ok((all, records.split_off((*before).min(all))))
    }

    /// A secret can be encoded in more ways than the redactor knows. An output with a secret is left out completely.
    fn shown(&self, bytes: &[u8]) -> String {
        match self.leak_scanner.look(bytes) {
            Some(form) => format!("(left out: it shows a secret, {form})"),
            None => self.redactor.redact(bytes),
        }
    }

    fn command(&self, step: &Step) -> String {
        match &step.action {
            Action::Run(line) => format!("ssh remote {}", codex_remote_auth::codex::quote(line.trim())),
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

    /// The guide calls the account `user@host`. In a run, every lesson has a different account.
    fn local_line(&self, line: &str) -> String {
        let line = line.replace("user@host", &format!("{}@host", self.plan.remote.0.name));
        mutants::local_line(self.plan.mutant.as_ref(), line)
    }

    fn run(&self, session: &Session, line: &str, step: &Step) -> Result<Seen, SshProblem> {
        let stdin = match step.stdin {
            StdinKind::Closed => Stdin::Closed,
            StdinKind::Open => Stdin::Open(b""),
        };
        // The real Codex takes a hundred times as long as the stub to show that it hangs.
        let hangs = step.expect.iter().any(|expect| expect.hangs);
        let patience = if self.options.real && hangs { 3.0 } else { 1.0 };
        let deadline = Deadline::after(Duration::from_secs_f64(step.deadline * patience));
        let outcome: Outcome = session.run(line.trim(), stdin, deadline)?.into();
        let leaked =
            [&outcome.stdout, &outcome.stderr].iter().any(|bytes| self.leak_scanner.look(bytes).is_some());
        let diagnosis = Diagnosis::of(&outcome, None);
        Ok(Seen { outcome, diagnosis, error: None, leaked })
    }

    fn deploy(&self, step: &DeployStep) -> Seen {
        let mutant = self.plan.mutant.as_ref();
        let on = |session: &Session| {
            self.auth(step).and_then(|auth| mutants::deploy(session, &auth, &options(step), mutant))
        };
        // As for people, whose deploys have a connection of their own.
        let result = match self.options.flavour.answers_each_channel() {
            true => on(self.remote),
            false => {
                let own = self.container.session(&self.plan.remote.0, LOGIN);
                let lost = |problem| RemoteError::Ssh { problem, state: RemoteState::Untouched };
                own.map_err(lost).and_then(|own| on(&own))
            }
        };
        match result {
            Ok(receipt) => self.seen_of(receipt),
            Err(error) => {
                let said = error.in_full().into_bytes();
                let leaked = self.leak_scanner.look(&said).is_some();
                let outcome = Outcome { stdout: Vec::new(), stderr: said, end: End::Exit(1) };
                Seen { outcome, diagnosis: Diagnosis::Unknown, error: Some(error), leaked }
            }
        }
    }

    fn auth(&self, step: &DeployStep) -> Result<AuthFile, RemoteError> {
        let bytes = self.plan.login_of(step).bytes().unwrap_or_default();
        if mutants::skips_validation(self.plan.mutant.as_ref()) {
            // The mutant makes a difference only for an invalid login.
            Ok(AuthFile::from_bytes(bytes.clone()).unwrap_or_else(|_| AuthFile::unchecked(bytes)))
        } else {
            Ok(AuthFile::from_bytes(bytes)?)
        }
    }

    fn seen_of(&self, receipt: Receipt) -> Seen {
        let shown = format!("{receipt:?}");
        let mut leaked = self.leak_scanner.look(shown.as_bytes()).is_some();
        let (outcome, diagnosis) = match receipt.proof {
            ProofOutcome::Ran { outcome, diagnosis, .. } => (outcome, diagnosis),
            ProofOutcome::NotAsked | ProofOutcome::NoCodex { .. } => {
                let diagnosis = match receipt.proof {
                    ProofOutcome::NoCodex { .. } => Diagnosis::CommandNotFound,
                    _ => Diagnosis::Works,
                };
                (Outcome { stdout: Vec::new(), stderr: Vec::new(), end: End::Exit(0) }, diagnosis)
            }
        };
        leaked |=
            [&outcome.stdout, &outcome.stderr].iter().any(|bytes| self.leak_scanner.look(bytes).is_some());
        Seen { outcome, diagnosis, error: None, leaked }
    }

    fn write_down(&self, seen: &Seen, transcript: &mut Transcript) -> String {
        let end = end_in_words(seen);
        let (stdout, stderr) = (self.shown(&seen.outcome.stdout), self.shown(&seen.outcome.stderr));
        transcript.result(&end, &[("stdout", &stdout), ("stderr", &stderr)]);
        end
    }
}

fn options(step: &DeployStep) -> DeployOptions {
    let usual = Proof::default();
    let proof = Proof {
        program: step.program.clone(),
        time_limit: step.proof_deadline.map_or(usual.time_limit, Duration::from_secs_f64),
        ..usual
    };
    DeployOptions {
        force: if step.force { Force::known() } else { Force::default() },
        on_symlink: if step.replace_link { OnSymlink::Replace } else { OnSymlink::Refuse },
        proof: (!step.no_proof).then_some(proof),
        ..DeployOptions::default()
    }
}

/// What the output of a step calls for, if it is known. A wrong way is meant to fail: advice on how to avoid that is no help.
fn advice(seen: &Seen, heading: &str) -> String {
    let is_known = !matches!(seen.diagnosis, Diagnosis::Works | Diagnosis::Unknown);
    match is_known && heading.starts_with(Way::Right.as_str()) {
        true => format!("this output is `{}`: {}", seen.diagnosis.code(), seen.diagnosis.advice()),
        false => String::new(),
    }
}
