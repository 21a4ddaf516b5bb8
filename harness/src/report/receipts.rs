//! What became of a host that a login was brought to, or brought back on.

use serde_json::{Value, json};

use super::Colours;
use crate::codex::{Diagnosis, FoundBy, FoundCodex};
use crate::deploy::{Done, Notice, ProofOutcome, Receipt, Rollback, Was};
use crate::fleet::HostReport;
use crate::lesson::Catalogue;

/// A host's outcome for a person: one line, and below it whatever there is to know or do.
pub fn receipt_text(report: &HostReport<Receipt>, colours: Colours) -> String {
    let unproven =
        report.outcome.as_ref().is_ok_and(|receipt| matches!(receipt.proof, ProofOutcome::NoCodex));
    let mark = match report.holds() {
        true => colours.good("ok      "),
        false if unproven => colours.bad("unproven"),
        false => colours.bad("FAILED  "),
    };
    host_text(report, &mark, colours, |receipt| {
        let mut lines = vec![done(receipt)];
        lines.extend(receipt.backup.as_ref().map(|path| format!("the file before it is kept: {path}")));
        lines.extend(receipt.notices.iter().map(|notice| notice_text(notice, receipt.done)));
        lines.extend(receipt.codex.iter().flat_map(codex));
        lines.extend(proof(receipt));
        lines
    })
}

/// What came of a rollback, for a person.
pub fn rollback_text(report: &HostReport<Rollback>, colours: Colours) -> String {
    let mark = if report.outcome.is_ok() { colours.good("ok      ") } else { colours.bad("FAILED  ") };
    host_text(report, &mark, colours, |Rollback { path, mode, size }| {
        let again =
            "the file that it replaces is kept in its stead; the same verb again undoes this".to_owned();
        vec![format!("brought back: {path}, {size} bytes, mode {mode:04o}"), again]
    })
}

fn host_text<T>(
    report: &HostReport<T>,
    mark: &str,
    colours: Colours,
    lines: impl FnOnce(&T) -> Vec<String>,
) -> String {
    let lines = report.outcome.as_ref().map_or_else(|error| vec![error.to_string()], lines);
    let time = colours.faint(&format!("{:.2} s", report.elapsed.as_secs_f64()));
    let warnings = report.warnings.iter().map(|warning| colours.faint(&format!("warning: {warning}")));
    let mut lines = lines.into_iter();
    let first = lines.next().unwrap_or_default();
    let mut text = format!("{mark}  {}  {first}  {time}", report.host);
    for line in lines.chain(warnings) {
        text.push_str("\n          ");
        text.push_str(&line);
    }
    text
}

fn done(receipt: &Receipt) -> String {
    let Receipt { path, size, mode, was, .. } = receipt;
    let before = match was {
        Was::Absent => "new",
        Was::Link => "in place of a link",
        Was::File(_) => "in place of another file",
        Was::Unreadable => "in place of a file that could not be read",
    };
    match receipt.done {
        Done::Placed => format!("deployed: {path}, {size} bytes, mode {mode:04o}, {before}"),
        Done::AlreadyThere => format!("already there: {path}, {size} bytes; it was left as it is"),
        Done::WouldPlace => {
            format!("would be deployed: {path}, {size} bytes, mode {mode:04o}, {before}; nothing was changed")
        }
    }
}

fn notice_text(notice: &Notice, done: Done) -> String {
    let (is_now, belongs_now) = match done {
        Done::WouldPlace => ("would be", "would belong"),
        Done::Placed | Done::AlreadyThere => ("is now", "belongs now"),
    };
    match notice {
        Notice::FileMode { was } => {
            format!("auth.json had the mode {was:04o}, and {is_now} 0600 (lesson file-modes)")
        }
        Notice::FileOwner { was } => {
            format!("auth.json belonged to user {was}, and {belongs_now} to the account (lesson file-modes)")
        }
        Notice::DirectoryMode { was } => {
            format!("others could write to the directory ({was:04o}); they cannot any more (lesson file-modes)")
        }
        Notice::StoreIsChosen => {
            "cli_auth_credentials_store is \"auto\" there: with a keyring, codex would not read this file (lesson keyring-store)"
                .to_owned()
        }
    }
}

fn codex(codex: &FoundCodex) -> Vec<String> {
    let release = codex.release.as_ref().map_or_else(String::new, |release| format!(" {release}"));
    let mut lines = vec![format!("codex{release}: {}, {}", codex.path, codex.by)];
    if matches!(codex.by, FoundBy::LoginPath | FoundBy::Place) {
        lines.push(match codex.path_line() {
            Some((line, file)) => {
                format!("to have it on the PATH of every command: {line}   # at the top of {file}")
            }
            None => "plain commands of this shell read no file: call it by its whole path".to_owned(),
        });
    }
    lines
}

fn proof(receipt: &Receipt) -> Vec<String> {
    match &receipt.proof {
        ProofOutcome::NotAsked if receipt.done == Done::WouldPlace => Vec::new(),
        ProofOutcome::NotAsked => vec!["not proven: that was not asked for".to_owned()],
        ProofOutcome::NoCodex => vec![
            "not proven, since that is not possible: no codex was found there. Install it, or leave the proof out: --no-proof"
                .to_owned(),
        ],
        ProofOutcome::Ran { diagnosis: Diagnosis::Works, .. } => vec!["proven: codex answered there".to_owned()],
        ProofOutcome::Ran { outcome, diagnosis } => {
            let said = String::from_utf8_lossy(&outcome.stderr);
            let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("nothing");
            let mut lines = vec![format!("the proof failed ({}): codex said: {last}", diagnosis.code())];
            lines.extend(taught(*diagnosis).map(|(id, title)| format!("lesson {id}: {title}")));
            lines.push(format!("next: {}", diagnosis.advice()));
            lines
        }
    }
}

/// The lesson on what a diagnosis found: its name and title.
pub(super) fn taught(diagnosis: Diagnosis) -> Option<(String, String)> {
    let catalogue = Catalogue::embedded().ok()?;
    let lesson = catalogue.lesson_of_diagnosis(diagnosis.code())?;
    Some((lesson.id.clone(), lesson.title.clone()))
}

/// A host's outcome for a program.
pub fn receipt_json(report: &HostReport<Receipt>) -> Value {
    host_json(
        report,
        of_receipt,
        json!({
            "path": null, "mode": null, "size": null, "replaced": null, "codex": null, "proof": "not reached",
        }),
    )
}

/// What came of a rollback, for a program.
pub fn rollback_json(report: &HostReport<Rollback>) -> Value {
    let done = |Rollback { path, mode, size }: &Rollback| json!({ "result": "brought back", "path": path, "mode": format!("{mode:04o}"), "size": size });
    host_json(report, done, json!({ "path": null, "mode": null, "size": null }))
}

fn host_json<T>(report: &HostReport<T>, done: impl FnOnce(&T) -> Value, nothing: Value) -> Value {
    let mut host = match &report.outcome {
        Ok(outcome) => done(outcome),
        Err(error) => {
            let mut host = nothing;
            host["result"] = json!("failed");
            host["error"] = json!({ "code": error.code(), "message": error.to_string() });
            host
        }
    };
    host["host"] = json!(report.host);
    host["seconds"] = json!((report.elapsed.as_secs_f64() * 1_000.0).round() / 1_000.0);
    if !report.warnings.is_empty() {
        host["warnings"] = json!(report.warnings);
    }
    host
}

fn of_receipt(receipt: &Receipt) -> Value {
    let mut host = json!({
        "result": match receipt.done {
            Done::Placed => "deployed",
            Done::AlreadyThere => "already there",
            Done::WouldPlace => "would be deployed",
        },
        "path": receipt.path,
        "mode": format!("{:04o}", receipt.mode),
        "size": receipt.size,
        "replaced": match receipt.was {
            _ if receipt.done == Done::AlreadyThere => Value::Null,
            Was::Absent => Value::Null,
            Was::Link => json!("link"),
            Was::File(_) => json!("file"),
            Was::Unreadable => json!("unreadable file"),
        },
        "codex": receipt.codex.as_ref().map(codex_json),
        "proof": match &receipt.proof {
            ProofOutcome::NotAsked => "not asked",
            ProofOutcome::NoCodex => "not possible",
            proof if proof.holds() => "works",
            ProofOutcome::Ran { .. } => "failed",
        },
    });
    if let Some(path) = &receipt.backup {
        host["backup"] = json!(path);
    }
    if !receipt.notices.is_empty() {
        host["notices"] =
            receipt.notices.iter().map(|notice| json!(notice_text(notice, receipt.done))).collect();
    }
    if let ProofOutcome::Ran { diagnosis, .. } = &receipt.proof
        && *diagnosis != Diagnosis::Works
    {
        host["diagnosis"] = json!(diagnosis.code());
        if let Some((lesson, _)) = taught(*diagnosis) {
            host["lesson"] = json!(lesson);
        }
    }
    host
}

fn codex_json(codex: &FoundCodex) -> Value {
    let mut json = json!({ "path": codex.path, "release": codex.release, "found": codex.by.as_str() });
    if let Some((line, file)) = codex.path_line() {
        json["path_line"] = json!({ "line": line, "file": file });
    }
    json
}
