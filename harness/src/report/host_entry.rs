//! How a host stands in a list of hosts.

use std::time::Duration;

use serde_json::{Value, json};

use super::Colours;
use crate::deploy::ProofOutcome;
use crate::ssh::printable;

/// Whether a host has what it should.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mark {
    Holds,
    /// It may well have it, and nothing there could show it.
    Unproven,
    Fails,
}

impl Mark {
    pub(super) fn of(proof: &ProofOutcome) -> Self {
        match proof {
            ProofOutcome::NotAsked => Self::Holds,
            ProofOutcome::NoCodex => Self::Unproven,
            proof if proof.holds() => Self::Holds,
            ProofOutcome::Ran { .. } => Self::Fails,
        }
    }
}

/// One line, and below it whatever more there is to know or do.
pub(super) fn host_entry(
    mark: Mark,
    host: &str,
    lines: Vec<String>,
    elapsed: Duration,
    colours: Colours,
) -> String {
    let mark = match mark {
        Mark::Holds => colours.good("ok      "),
        Mark::Unproven => colours.bad("unproven"),
        Mark::Fails => colours.bad("FAILED  "),
    };
    let time = colours.faint(&format!("{:.2} s", elapsed.as_secs_f64()));
    // Much of them was said over there.
    let mut lines = lines.iter().map(|line| printable(line));
    let first = lines.next().unwrap_or_default();
    let mut text = format!("{mark}  {host}  {first}  {time}");
    for line in lines {
        text.push_str("\n          ");
        text.push_str(&line);
    }
    text
}

/// Puts into a host's object what every one has.
pub(super) fn tell_host(json: &mut Value, host: &str, elapsed: Duration, warnings: &[String]) {
    json["host"] = json!(host);
    json["seconds"] = json!((elapsed.as_secs_f64() * 1_000.0).round() / 1_000.0);
    if !warnings.is_empty() {
        json["warnings"] = json!(warnings);
    }
}

/// Puts into a host's object why it has not what it should.
pub(super) fn tell_failure(json: &mut Value, code: &str, error: &impl std::fmt::Display) {
    json["result"] = json!("failed");
    json["error"] = json!({ "code": code, "message": error.to_string() });
}
