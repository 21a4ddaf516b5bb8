//! Compares the result of a step with what its lesson expects, field by field.

use super::failure::in_lines;
use super::files::FileFacts;
use super::plan::Login;
use super::scene::{Scene, Seen};
use crate::cloud::Record;
use codex_remote_auth::auth_json::Secret;
use codex_remote_auth::lessons::{
    Action, CloudExpect, Expect, Field, FileExpect, FileIs, Step, WitnessExpect,
};
use codex_remote_auth::remote::RemoteError;
use codex_remote_auth::ssh::End;

/// The field of the expectation, what was expected, and what was seen.
pub(super) type Difference = (Field, String, String);

/// How a step ended that had to be stopped.
pub(super) const STILL_RUNNING: &str = "still running when its deadline passed";

/// What is expected if an output must contain a text.
pub(super) fn holds(output: &str, text: &str) -> String {
    format!("{output} contains: {text}")
}

impl Scene<'_> {
    /// What was expected and not seen, each with what was seen instead.
    pub(super) fn differences<'f>(
        &self,
        expect: &Expect,
        step: &Step,
        seen: &Seen,
        facts: impl Iterator<Item = &'f FileFacts>,
        calls: &[serde_json::Value],
    ) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut differ =
            |field: Field, expected: String, shown: String| differences.push((field, expected, shown));
        let stdout = String::from_utf8_lossy(&seen.outcome.stdout);
        let stderr = String::from_utf8_lossy(&seen.outcome.stderr);
        let end = end_in_words(seen);
        let both = in_lines(&end, &stdout, &stderr);

        if expect.leaks != seen.leaked {
            let what = if expect.leaks { "prints a secret" } else { "prints no secret" };
            differ(
                Field::Leaks,
                what.to_owned(),
                if seen.leaked { "a secret in the output" } else { "no secret in the output" }.to_owned(),
            );
            if seen.leaked {
                self.leak_scanner.note(format!("an output of {}", self.check), Some(self.check));
            }
        }
        if expect.hangs != (seen.outcome.end == End::Deadline) {
            let what = if expect.hangs { "hangs" } else { "ends within its time limit" };
            differ(Field::Hangs, what.to_owned(), both.clone());
        }
        if let Some(status) = expect.exit
            && seen.outcome.end != End::Exit(status)
        {
            differ(Field::Exit, format!("exit {status}"), both.clone());
        }
        for (field, output, wanted) in
            [(Field::Stdout, &stdout, &expect.stdout), (Field::Stderr, &stderr, &expect.stderr)]
        {
            for text in wanted.iter().filter(|text| !output.contains(self.fill(text).as_str())) {
                differ(field, holds(field.as_str(), text), both.clone());
            }
        }
        for text in &expect.never {
            if stdout.contains(text.as_str()) || stderr.contains(text.as_str()) {
                differ(Field::Never, format!("neither output contains: {text}"), both.clone());
            }
        }
        if let Some(code) = &expect.diagnosis
            && seen.diagnosis.code() != code
        {
            let shown = format!("{both}\ndiagnosis {}", seen.diagnosis.code());
            differ(Field::Diagnosis, format!("diagnosis {code}"), shown);
        }
        let error = seen.error.as_ref().map(RemoteError::code);
        if expect.error.as_deref() != error {
            differ(
                Field::Error,
                expect.error.as_ref().map_or("no error".to_owned(), |code| format!("error {code}")),
                both,
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
            let shown = match fact.kind.as_str() {
                "absent" => format!("~/{} does not exist", wanted.path),
                kind => format!(
                    "~/{} is a {kind} with mode {}, {} bytes, SHA-256 {}",
                    wanted.path, fact.mode, fact.size, fact.sha256
                ),
            };
            let is = match wanted.is {
                FileIs::Absent => "does not exist",
                FileIs::File => "is a file",
                FileIs::Directory => "is a directory",
                FileIs::Link => "is a symbolic link",
                FileIs::Login => "is the deployed login",
                FileIs::RemoteLogin => "is the login that was on the host",
            };
            (Field::Files, format!("~/{} {is}{mode}", wanted.path), shown)
        })
    }
}

/// How a step ended, in the words of transcripts and failures.
pub(super) fn end_in_words(seen: &Seen) -> String {
    match (&seen.error, &seen.outcome.end) {
        (Some(error), _) => format!("error {}", error.code()),
        (None, End::Exit(status)) => format!("exit {status}"),
        (None, End::Signal(name)) => format!("signal {name}"),
        (None, End::Deadline) => STILL_RUNNING.to_owned(),
    }
}

/// The cloud's findings in a step's requests, if they differ from those that the step names.
pub(super) fn finding_difference(wanted: &[String], asked: &[Record]) -> Option<Difference> {
    let sorted = |names: Vec<String>| {
        let mut names = names;
        names.sort();
        names.dedup();
        names
    };
    let found = sorted(asked.iter().filter_map(|record| Some(record.finding?.to_string())).collect());
    let wanted = sorted(wanted.to_vec());
    let list = |names: &[String]| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    (found != wanted).then(|| {
        let expected = format!("the cloud reports: {}", list(&wanted));
        (Field::Findings, expected, format!("the cloud reports: {}", list(&found)))
    })
}

fn asked_times(what: &str, count: usize) -> String {
    format!("the cloud is {what} {}", times(count))
}

fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

/// The cloud's requests that differ from what the step says.
pub(super) fn cloud_differences(wanted: &CloudExpect, asked: &[Record]) -> Vec<Difference> {
    let count = |path: &str| asked.iter().filter(|record| record.path.ends_with(path)).count();
    let counted = [
        ("asked for an answer", wanted.asked, "/responses"),
        ("asked to renew a login", wanted.renewed, "/oauth/token"),
        ("asked to revoke a login", wanted.revoked, "/oauth/revoke"),
    ];
    counted
        .into_iter()
        .filter_map(|(what, wanted, path)| Some((what, wanted?, count(path))))
        .filter(|(_, wanted, seen)| wanted != seen)
        .map(|(what, wanted, seen)| (Field::Cloud, asked_times(what, wanted), asked_times(what, seen)))
        .collect()
}

fn witness_differences(wanted: &WitnessExpect, calls: &[serde_json::Value]) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut differ = |expected: String, shown: String| differences.push((Field::Witness, expected, shown));
    if let Some(count) = wanted.calls
        && count != calls.len()
    {
        let called = |count| format!("codex is called {}", times(count));
        differ(called(count), called(calls.len()));
    }
    let last = calls.last();
    if let Some(stdin) = &wanted.stdin {
        let seen = last.and_then(|call| call["stdin"].as_str()).unwrap_or("no call");
        if seen != stdin {
            differ(format!("codex's stdin: {stdin}"), format!("codex's stdin: {seen}"));
        }
    }
    for name in &wanted.env {
        let has = last
            .and_then(|call| call["env"].as_array())
            .is_some_and(|env| env.iter().any(|seen| seen == name));
        if !has {
            differ(
                format!("codex has the variable {name}"),
                format!("codex does not have the variable {name}"),
            );
        }
    }
    differences
}
