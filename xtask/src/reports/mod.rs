//! `--report FILE`: what a run showed, as a file. It is also written if the run fails or is interrupted.

mod file;
mod github;
mod record;

use std::sync::{Arc, OnceLock};

use clap::Args;
use codex_remote_auth::lessons::Catalogue;
use codex_remote_auth::tell_line;
use harness::report::{Suite, Target};
use harness::run::Progress;
use serde_json::Value;

use self::file::ReportFile;
use self::github::GitHub;
use self::record::{Record, Watched};
use crate::interruption;
use crate::status::Refused;

/// The option that says which reports to write.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Write what the run showed to a file: .xml (JUnit), .json (as --format json) or .html; can be repeated
    #[arg(long, value_name = "FILE", value_parser = ReportFile::parse)]
    report: Vec<ReportFile>,
}

/// The reports of a run. Without `--report`, and outside of GitHub Actions, nothing is recorded.
pub(crate) struct Reports {
    files: Vec<ReportFile>,
    github: Option<GitHub>,
    record: OnceLock<Arc<Record>>,
}

impl ReportArgs {
    /// Whether a report is wanted.
    pub(crate) fn is_asked(&self) -> bool {
        !self.report.is_empty()
    }

    /// Checks that each report can be written. Nothing is started before that is known.
    pub(crate) fn open(&self) -> Result<Reports, Refused> {
        self.report.iter().try_for_each(ReportFile::check)?;
        Ok(Reports { files: self.report.clone(), github: GitHub::job(), record: OnceLock::new() })
    }
}

impl Reports {
    /// The run begins. From now on the reports are written, however it ends.
    pub(crate) fn begin(&self, command: &'static str, catalogue: &Catalogue, suites: Vec<Suite>) {
        if self.files.is_empty() && self.github.is_none() {
            return;
        }
        let record = Arc::new(Record::new(&self.files, self.github.clone(), command, catalogue, suites));
        if self.record.set(Arc::clone(&record)).is_ok() {
            interruption::report_with(move || {
                if let Err(error) = record.write(Some("interrupted".to_owned()), None) {
                    tell_line!("error: {error}");
                }
            });
        }
    }

    /// The codex and the checks of a suite are known now, and the image.
    pub(crate) fn suite(&self, at: usize, suite: Suite, image: impl ToString) {
        if let Some(record) = self.record.get() {
            let target = Target { kind: "docker", image: image.to_string() };
            record.learn(Some(target), at, |known| *known = suite);
        }
    }

    /// Records what happens in a suite, and passes it on.
    pub(crate) fn watch<'a>(&self, suite: usize, inner: &'a dyn Progress) -> Watched<'a> {
        Watched { inner, record: self.record.get().cloned(), suite }
    }

    /// Writes the reports of a complete run. `json` is the object that the command prints.
    pub(crate) fn end(&self, json: Value) -> anyhow::Result<()> {
        match self.record.get() {
            Some(record) => record.write(None, Some(json)),
            None => Ok(()),
        }
    }

    /// Does the work of a run. If it fails before the reports are written, they say what is known, and why it failed.
    pub(crate) fn around<T>(&self, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        let result = work();
        // The handler of an interruption writes them itself.
        if let (Err(error), Some(record), false) = (&result, self.record.get(), interruption::came()) {
            let why = error.to_string();
            let why = why.lines().next().unwrap_or_default();
            if let Err(error) = record.write(Some(why.to_owned()), None) {
                tell_line!("error: {error}");
            }
        }
        result
    }
}
