//! Prints the result of the command `login`.

use std::time::Duration;

use serde_json::{Value, json};

use super::Style;
use super::failure::failure_lines;
use super::host_entry::{Mark, host_entry, tell_failure, tell_host};
use super::proof::{codex_json, codex_lines, proof_lines, tell_proof};
use crate::login::{LoginError, LoginReceipt};
use crate::message::Caller;

/// For a person: one line, and below it further details and next steps.
pub fn login_text(
    host: &str,
    outcome: &Result<LoginReceipt, LoginError>,
    elapsed: Duration,
    caller: &Caller,
    style: Style,
) -> String {
    let (mark, lines) = match outcome {
        Ok(receipt) => (Mark::of(&receipt.proof), lines(receipt, caller, host, style)),
        Err(error) => (Mark::Fails, failure_lines(error, caller, host)),
    };
    host_entry(mark, host, lines, elapsed, style)
}

fn lines(receipt: &LoginReceipt, caller: &Caller, host: &str, style: Style) -> Vec<String> {
    let LoginReceipt { path, mode, .. } = receipt;
    let before = if receipt.replaced { "replaced another login" } else { "new file" };
    let mut lines = vec![style.done(&format!("logged in separately: {path} ({before}, mode {mode:04o})"))];
    if let Some(was) = receipt.mode_was {
        lines.push(format!("codex left it with mode {was:04o}; it is {mode:04o} now (lesson file-modes)"));
    }
    if let Some(was) = receipt.directory_was {
        lines.push(format!(
            "others could write to its directory ({was:04o}); that permission is removed (lesson file-modes)"
        ));
    }
    if receipt.replaced {
        lines.push(
            "the previous login is not revoked: copies of it on other machines keep working".to_owned(),
        );
    }
    lines.extend(codex_lines(&receipt.codex));
    lines.extend(proof_lines(&receipt.proof, caller, host, style));
    lines
}

/// As JSON.
pub fn login_json(
    host: &str,
    outcome: &Result<LoginReceipt, LoginError>,
    warnings: &[String],
    elapsed: Duration,
    caller: &Caller,
) -> Value {
    let mut told = match outcome {
        Ok(receipt) => {
            let mut told = json!({
                "result": "logged-in",
                "way": receipt.way.as_str(),
                "path": receipt.path,
                "mode": format!("{:04o}", receipt.mode),
                "replaced": receipt.replaced,
                "codex": codex_json(&receipt.codex),
            });
            tell_proof(&receipt.proof, &mut told, caller, host);
            told
        }
        Err(error) => {
            let mut told = json!({
                "way": null, "path": null, "mode": null, "replaced": null, "codex": null, "proof": "not-reached",
            });
            tell_failure(&mut told, error.code(), error, caller, host);
            told
        }
    };
    tell_host(&mut told, host, elapsed, warnings);
    told
}
