//! What is known of a run at each moment, so that its reports can be written when it ends, however it ends.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, anyhow};
use codex_remote_auth::lessons::Catalogue;
use codex_remote_auth::tell_line;
use harness::report::{self, Outcome, Suite, Target};
use harness::run::{Check, CheckResult, LeakScanner, Progress};
use serde_json::Value;

use super::file::{Form, ReportFile};
use super::github::GitHub;
use crate::interruption;

/// What is known of a run, and where its reports are to go.
pub(super) struct Record {
    files: Vec<ReportFile>,
    github: Option<GitHub>,
    known: Mutex<Known>,
}

struct Known {
    began: Instant,
    outcome: Outcome,
    /// Each with the suite that it belongs to.
    scanners: Vec<(usize, Arc<LeakScanner>)>,
    written: bool,
}

impl Record {
    pub(super) fn new(
        files: &[ReportFile],
        github: Option<GitHub>,
        command: &'static str,
        catalogue: &Catalogue,
        suites: Vec<Suite>,
    ) -> Self {
        let outcome = Outcome {
            command,
            catalogue: catalogue.clone(),
            target: None,
            suites,
            elapsed: std::time::Duration::ZERO,
            stopped: None,
        };
        let known = Known { began: Instant::now(), outcome, scanners: Vec::new(), written: false };
        Self { files: files.to_vec(), github, known: Mutex::new(known) }
    }

    /// Replaces what is known before the checks run.
    pub(super) fn learn(&self, target: Option<Target>, at: usize, suite: impl FnOnce(&mut Suite)) {
        self.with(|known| {
            known.outcome.target = target.or(known.outcome.target.take());
            known.outcome.suites.get_mut(at).map(suite);
        });
    }

    /// Writes the reports, once. `stopped` says why the run ended early. `json` is the object that the command prints.
    pub(super) fn write(&self, stopped: Option<String>, json: Option<Value>) -> anyhow::Result<()> {
        self.with(|known| {
            if std::mem::replace(&mut known.written, true) {
                return Ok(());
            }
            known.outcome.elapsed = known.began.elapsed();
            known.outcome.stopped = stopped;
            for (at, scanner) in &known.scanners {
                let leaks = &mut known.outcome.suites[*at].leaks;
                leaks.extend(scanner.leaks());
                leaks.sort();
                leaks.dedup();
            }
            let mut failed = Vec::new();
            for file in &self.files {
                match known.write(file, json.as_ref()) {
                    Ok(()) => tell_line!("report: {}", file.path.display()),
                    Err(error) => failed.push(format!("{error:#}")),
                }
            }
            if let Some(Err(error)) = self.github.as_ref().map(|github| known.tell(github)) {
                failed.push(format!("{error:#}"));
            }
            if failed.is_empty() { Ok(()) } else { Err(anyhow!("{}", failed.join("\nerror: "))) }
        })
    }

    fn with<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        change(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known {
    fn write(&self, file: &ReportFile, json: Option<&Value>) -> anyhow::Result<()> {
        let name = file.path.display();
        let text = match file.form {
            Form::Junit => report::junit(&self.outcome).with_context(|| name.to_string())?,
            Form::Html => report::html(&self.outcome),
            Form::Json => format!("{:#}\n", json.unwrap_or(&self.stopped_json())),
        };
        self.refuse_secrets(&format!("the report {name}"), text.as_bytes())?;
        file.write(text.as_bytes()).with_context(|| format!("the report {name} could not be written"))
    }

    /// Tells GitHub what failed. It reads both outputs of a step; the standard output may be JSON.
    fn tell(&self, github: &GitHub) -> anyhow::Result<()> {
        let annotations = report::annotations(&self.outcome);
        self.refuse_secrets("an annotation", annotations.as_bytes())?;
        for annotation in annotations.lines() {
            (github.says)(annotation);
        }
        let summary = report::job_summary(&self.outcome);
        self.refuse_secrets("the summary of the job", summary.as_bytes())?;
        github.summarize(&summary)
    }

    /// Searches what is about to be written.
    fn refuse_secrets(&self, what: &str, bytes: &[u8]) -> anyhow::Result<()> {
        match self.scanners.iter().find_map(|(_, scanner)| scanner.look(bytes)) {
            None => Ok(()),
            Some(form) => Err(anyhow!(
                "{what} would show a secret, {form}\n  it was not written\n  \
                 hint: to find the source, run the checks one at a time"
            )),
        }
    }

    fn stopped_json(&self) -> Value {
        match self.outcome.command {
            "drift" => report::stopped_drift_json(&self.outcome),
            _ => report::stopped_run_json(&self.outcome),
        }
    }
}

/// Records what happens in a suite, and passes it on.
pub(crate) struct Watched<'a> {
    pub(super) inner: &'a dyn Progress,
    pub(super) record: Option<Arc<Record>>,
    pub(super) suite: usize,
}

impl Progress for Watched<'_> {
    fn began(&self, check: &Check<'_>) {
        self.inner.began(check);
    }

    fn ended(&self, result: &CheckResult) {
        // A check that ends after an interruption failed because its container is being removed.
        if let Some(record) = self.record.as_ref().filter(|_| !interruption::came()) {
            record.learn(None, self.suite, |suite| suite.results.push(result.clone()));
        }
        self.inner.ended(result);
    }

    fn scanned_by(&self, scanner: &Arc<LeakScanner>) {
        if let Some(record) = &self.record {
            record.with(|known| known.scanners.push((self.suite, Arc::clone(scanner))));
        }
        self.inner.scanned_by(scanner);
    }
}

#[cfg(test)]
mod tests {
    use codex_remote_auth::auth_json::Secret;
    use harness::report::{Planned, Subject};
    use harness::run::Quiet;

    use super::*;

    /// A run in which a secret got into what reports show, written to these files. Returns what the run says, and the secret.
    fn run(
        files: &[ReportFile],
        summary: std::path::PathBuf,
        shown: impl Fn(&str) -> String,
    ) -> (String, String) {
        let canary = "kq7".repeat(12);
        let scanner = Arc::new(LeakScanner::new());
        scanner.plant_canary(Secret::new(canary.as_str()));
        let title = format!("it shows {}", shown(&canary));
        let planned = vec![Planned { id: "one".to_owned(), title: title.clone(), kind: "lesson" }];
        let codex = Subject { words: title, kind: "stub", release: None, sha256: None };
        let suites = vec![Suite::new(codex, planned)];
        let github = Some(GitHub { summary: Some(summary), says: |_| {} });
        let record = Arc::new(Record::new(files, github, "smoke", &std::iter::empty().collect(), suites));
        Watched { inner: &Quiet, record: Some(Arc::clone(&record)), suite: 0 }.scanned_by(&scanner);
        let said = record.write(Some("interrupted".to_owned()), None).map_err(|error| error.to_string());
        (said.err().unwrap_or_default(), canary)
    }

    #[test]
    fn a_report_that_would_show_a_secret_is_not_written_and_fails_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let names =
            ["report.xml", "report.json", "report.html", "summary.md"].map(|name| folder.path().join(name));
        let files: Vec<ReportFile> =
            names[..3].iter().map(|name| ReportFile::parse(name.to_str().unwrap()).unwrap()).collect();
        std::fs::write(&names[0], "of the run before").unwrap();
        for (form, hide) in [("as it is", false), ("URL-encoded", true)] {
            let shown = |canary: &str| match hide {
                true => canary.bytes().map(|byte| format!("%{byte:02x}")).collect(),
                false => canary.to_owned(),
            };
            let (said, canary) = run(&files, names[3].clone(), shown);
            for name in &names[..3] {
                let told = format!("the report {} would show a secret, {form}", name.display());
                assert!(said.contains(&told), "{said}");
            }
            // An entity of HTML stands for `%` in the summary, so it does not show that form.
            assert_eq!(said.contains("the summary of the job would show a secret"), !hide, "{said}");
            assert!(!said.contains(&canary), "{said}");
            assert_eq!(std::fs::read_to_string(&names[0]).unwrap(), "of the run before");
            assert!(!names[1].exists() && !names[2].exists() && (hide || !names[3].exists()));
        }
        let (said, _) = run(&files, names[3].clone(), |_| "nothing".to_owned());
        assert_eq!(said, "");
        assert!(names.iter().all(|name| name.exists()));
    }
}
