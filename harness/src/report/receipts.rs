//! What became of a host that a login was brought to.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::Colours;
use crate::codex::Diagnosis;
use crate::deploy::{ProofOutcome, Receipt, Was};
use crate::fleet::{HostError, HostReport};

/// A host's outcome for a person: one line, and below it whatever there is to know or do.
pub fn receipt_text(report: &HostReport, colours: Colours) -> String {
    let time = colours.faint(&format!("{:.2} s", report.elapsed.as_secs_f64()));
    let mut text = match &report.outcome {
        Ok(receipt) => {
            let mark = if report.holds() { colours.good("ok    ") } else { colours.bad("FAILED") };
            let mut text = format!("{mark}  {}  {}  {time}", report.host, done(receipt));
            for line in proof_lines(&receipt.proof) {
                let _ = write!(text, "\n        {line}");
            }
            text
        }
        Err(error) => format!("{}  {}  {error}  {time}", colours.bad("FAILED"), report.host),
    };
    for warning in &report.warnings {
        let _ = write!(text, "\n        {}", colours.faint(&format!("warning: {warning}")));
    }
    text
}

fn done(receipt: &Receipt) -> String {
    let Receipt { path, size, mode, .. } = receipt;
    let before = match receipt.was {
        Was::Absent => "new",
        Was::Link => "in place of a link",
        Was::File(_) => "in place of another file",
        Was::Unreadable => "in place of a file that could not be read",
    };
    format!("deployed: {path}, {size} bytes, mode {mode:04o}, {before}")
}

/// What came of a proof, for a person.
pub(super) fn proof_lines(proof: &ProofOutcome) -> Vec<String> {
    match proof {
        ProofOutcome::NotAsked => vec!["not proven: that was not asked for".to_owned()],
        ProofOutcome::NoCodex => {
            vec![
                "not proven: there is no codex there; install it, or leave the proof out: --no-proof"
                    .to_owned(),
            ]
        }
        ProofOutcome::Ran { diagnosis: Diagnosis::Works, .. } => {
            vec!["proven: codex answered there".to_owned()]
        }
        ProofOutcome::Ran { outcome, diagnosis } => {
            let said = String::from_utf8_lossy(&outcome.stderr);
            let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("nothing");
            vec![
                format!("the proof failed ({}): codex said: {last}", diagnosis.code()),
                format!("next: {}", diagnosis.advice()),
            ]
        }
    }
}

/// A host's outcome for a program.
pub fn receipt_json(report: &HostReport) -> Value {
    let mut host = match &report.outcome {
        Ok(receipt) => of_receipt(receipt),
        Err(error) => of_error(error),
    };
    host["host"] = json!(report.host);
    host["seconds"] = json!(rounded(report.elapsed));
    if !report.warnings.is_empty() {
        host["warnings"] = json!(report.warnings);
    }
    host
}

fn of_receipt(receipt: &Receipt) -> Value {
    let replaced = match receipt.was {
        Was::Absent => Value::Null,
        Was::Link => json!("link"),
        Was::File(_) => json!("file"),
        Was::Unreadable => json!("unreadable file"),
    };
    let mut host = json!({
        "result": "deployed",
        "path": receipt.path,
        "mode": format!("{:04o}", receipt.mode),
        "size": receipt.size,
        "replaced": replaced,
        "codex": receipt.codex.as_ref().map(|codex| &codex.path),
        "proof": proof_word(&receipt.proof),
    });
    if let ProofOutcome::Ran { diagnosis, .. } = &receipt.proof
        && *diagnosis != Diagnosis::Works
    {
        host["diagnosis"] = json!(diagnosis.code());
    }
    host
}

/// What came of a proof, for a program.
pub(super) fn proof_word(proof: &ProofOutcome) -> &'static str {
    match proof {
        ProofOutcome::NotAsked => "not asked",
        ProofOutcome::NoCodex => "not possible",
        proof if proof.holds() => "works",
        ProofOutcome::Ran { .. } => "failed",
    }
}

/// Seconds to the millisecond.
pub(super) fn rounded(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000.0).round() / 1_000.0
}

fn of_error(error: &HostError) -> Value {
    json!({
        "result": "failed",
        "path": null,
        "mode": null,
        "size": null,
        "replaced": null,
        "codex": null,
        "proof": "not reached",
        "error": { "code": error.code(), "message": error.to_string() },
    })
}
