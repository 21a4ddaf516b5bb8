//! What a step changed that its output does not show: files in the homes, and requests to the cloud.

use std::collections::BTreeMap;

use super::failure::Failure;
use super::interruption::Interruption;
use super::plan::Plan;
use crate::cloud::Record;
use crate::target::Container;

/// What one step of a check showed, to compare it with the same step on another codex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The step's name.
    pub heading: String,
    /// What was run.
    pub command: String,
    /// How it ended.
    pub end: String,
    /// The diagnosis of the product.
    pub diagnosis: &'static str,
    /// What failed in it.
    pub failures: Vec<Failure>,
    /// The standard output, redacted.
    pub stdout: String,
    /// The standard error, redacted.
    pub stderr: String,
    /// Files that were created, changed or deleted: `created ~/.codex/auth.json file 600`.
    pub files: Vec<String>,
    /// The requests to the cloud: `POST /v1/responses with the login: answered`.
    pub requests: Vec<String>,
}

/// Compares the accounts of one check before and after each of its steps.
pub(super) struct StateDiff<'a> {
    container: &'a Container<'a>,
    plan: &'a Plan,
    files: Files,
    asked: usize,
}

/// Paths with kind and mode, and with size and time. The last two only show whether something changed.
type Files = BTreeMap<String, (String, String)>;

impl<'a> StateDiff<'a> {
    /// Records the first state.
    pub(super) fn open(container: &'a Container<'a>, plan: &'a Plan) -> Result<Self, Interruption> {
        let files = files(container, plan)?;
        let asked = container.cloud_records(&plan.uids())?.len();
        Ok(Self { container, plan, files, asked })
    }

    /// The changed files and the requests since the last look.
    pub(super) fn look(&mut self) -> Result<(Vec<String>, Vec<String>), Interruption> {
        let files = files(self.container, self.plan)?;
        let changes = changes(&self.files, &files);
        self.files = files;
        let records = self.container.cloud_records(&self.plan.uids())?;
        let requests = records.iter().skip(self.asked).map(|record| request(self.plan, record)).collect();
        self.asked = records.len();
        Ok((changes, requests))
    }
}

/// The files in the homes of a check's accounts, each with its kind and mode: `~/.codex/auth.json file 600`. Never what is in them.
pub(super) fn listing(container: &Container<'_>, plan: &Plan) -> Result<Vec<String>, Interruption> {
    Ok(files(container, plan)?.into_iter().map(|(path, (kind, _))| format!("{path} {kind}")).collect())
}

/// Lists the files. The folders of the test environment are left out, because not every codex has them.
fn files(container: &Container<'_>, plan: &Plan) -> Result<Files, Interruption> {
    let homes: Vec<&str> = plan.accounts().map(|(account, _)| account.home.as_str()).collect();
    let command = format!(
        "find {} \\( -name .codex-stub -o -name .ssh -o -name wrappers \\) -prune -o -printf '%p\\t%y %m\\t%s %T@ %l\\n'",
        homes.join(" ")
    );
    let listing = container.as_root(&command, b"")?.stdout;
    let text = String::from_utf8_lossy(&listing);
    let lines = text.lines().filter_map(|line| {
        let mut fields = line.splitn(3, '\t');
        let (path, kind, rest) = (fields.next()?, fields.next()?, fields.next()?);
        let (home, name) = homes.iter().zip(["~", "here:~"]).find(|(home, _)| path.starts_with(**home))?;
        // A directory's size and time change with its content, which has its own lines.
        let rest = if kind.starts_with('d') { String::new() } else { rest.to_owned() };
        Some((format!("{name}{}", &path[home.len()..]), (in_words(kind), rest)))
    });
    Ok(lines.collect())
}

fn in_words(kind: &str) -> String {
    let (letter, mode) = kind.split_once(' ').unwrap_or((kind, ""));
    let word = match letter {
        "f" => "file",
        "d" => "directory",
        "l" => "link",
        _ => "other",
    };
    format!("{word} {mode}")
}

fn changes(before: &Files, after: &Files) -> Vec<String> {
    let mut changes = Vec::new();
    for (path, (kind, rest)) in after {
        match before.get(path) {
            None => changes.push(format!("created {path} {kind}")),
            Some((old, _)) if old != kind => changes.push(format!("changed {path} {old} to {kind}")),
            Some((_, old)) if old != rest => changes.push(format!("changed {path} {kind}")),
            Some(_) => {}
        }
    }
    changes.extend(
        before.keys().filter(|path| !after.contains_key(*path)).map(|path| format!("deleted {path}")),
    );
    changes
}

fn request(plan: &Plan, record: &Record) -> String {
    let mut text = format!("{} {}", record.method, record.path);
    for (what, fingerprint) in [("with", &record.credential), ("renewing", &record.refresh)] {
        if let Some(fingerprint) = fingerprint {
            text.push_str(&format!(" {what} {}", plan.name_of(fingerprint)));
        }
    }
    format!("{text}: {}", record.outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(lines: &[(&str, &str, &str)]) -> Files {
        let entry = |(path, kind, rest): &(&str, &str, &str)| {
            ((*path).to_owned(), ((*kind).to_owned(), (*rest).to_owned()))
        };
        lines.iter().map(entry).collect()
    }

    #[test]
    fn every_kind_of_change_is_said() {
        let before = files(&[
            ("~/same", "file 600", "1"),
            ("~/longer", "file 600", "1"),
            ("~/mode", "file 600", "1"),
            ("~/gone", "file 600", "1"),
        ]);
        let after = files(&[
            ("~/same", "file 600", "1"),
            ("~/longer", "file 600", "2"),
            ("~/mode", "file 644", "1"),
            ("~/new", "directory 755", ""),
        ]);
        assert_eq!(
            changes(&before, &after),
            [
                "changed ~/longer file 600",
                "changed ~/mode file 600 to file 644",
                "created ~/new directory 755",
                "deleted ~/gone"
            ]
        );
    }
}
