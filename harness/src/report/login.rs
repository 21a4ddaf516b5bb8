//! What became of a login that a machine was to have of its own.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::Colours;
use super::receipts::{proof_lines, proof_word, rounded};
use crate::codex::Diagnosis;
use crate::deploy::ProofOutcome;
use crate::login::{LoginError, LoginReceipt};

/// For a person: one line, and below it whatever there is to know or do.
pub fn login_text(
    host: &str,
    outcome: &Result<LoginReceipt, LoginError>,
    elapsed: Duration,
    colours: Colours,
) -> String {
    let time = colours.faint(&format!("{:.2} s", elapsed.as_secs_f64()));
    let receipt = match outcome {
        Ok(receipt) => receipt,
        Err(error) => return format!("{}  {host}  {error}  {time}", colours.bad("FAILED")),
    };
    let holds = matches!(receipt.proof, ProofOutcome::NotAsked) || receipt.proof.holds();
    let mark = if holds { colours.good("ok    ") } else { colours.bad("FAILED") };
    let before = if receipt.replaced { "in place of another" } else { "new" };
    let LoginReceipt { path, mode, .. } = receipt;
    let mut text =
        format!("{mark}  {host}  logged in: {path}, a login of its own, mode {mode:04o}, {before}  {time}");
    if let Some(was) = receipt.mode_was {
        let _ = write!(text, "\n        codex left it with mode {was:04o}; it is {mode:04o} now");
    }
    if let Some(was) = receipt.directory_was {
        let _ = write!(
            text,
            "\n        others could write to its directory (mode {was:04o}); they cannot any more"
        );
    }
    if receipt.replaced {
        text.push_str("\n        the login that was there is revoked, with every copy of it");
    }
    for line in proof_lines(&receipt.proof) {
        let _ = write!(text, "\n        {line}");
    }
    if let Some((line, file)) = receipt.codex.path_line() {
        let _ = write!(
            text,
            "\n        codex is {}: {}; at the top of {file}: {line}",
            receipt.codex.by, receipt.codex.path
        );
    }
    text
}

/// For a program.
pub fn login_json(host: &str, outcome: &Result<LoginReceipt, LoginError>, elapsed: Duration) -> Value {
    let mut told = match outcome {
        Ok(receipt) => json!({
            "result": "logged-in",
            "way": receipt.way.as_str(),
            "path": receipt.path,
            "mode": format!("{:04o}", receipt.mode),
            "replaced": receipt.replaced,
            "codex": receipt.codex.path,
            "release": receipt.codex.release,
            "proof": proof_word(&receipt.proof),
        }),
        Err(error) => json!({
            "result": "failed",
            "way": null,
            "path": null,
            "mode": null,
            "replaced": null,
            "codex": null,
            "release": null,
            "proof": "not reached",
            "error": { "code": error.code(), "message": error.to_string() },
        }),
    };
    if let Ok(LoginReceipt { proof: ProofOutcome::Ran { diagnosis, .. }, .. }) = outcome
        && *diagnosis != Diagnosis::Works
    {
        told["diagnosis"] = json!(diagnosis.code());
    }
    told["host"] = json!(host);
    told["seconds"] = json!(rounded(elapsed));
    told
}
