//! How a host stands in a list of hosts.

use std::time::Duration;

use serde_json::{Value, json};

use super::Colours;
use crate::remote::ProofOutcome;
use crate::ssh::{printable, shortened};

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
    // Much of them comes from the host, and its name from a file.
    let host = one_line(host);
    let mut lines = lines.iter().map(|line| one_line(line));
    let first = lines.next().unwrap_or_default();
    let mut text = format!("{mark}  {host}  {first}  {time}");
    for line in lines {
        text.push_str("\n          ");
        text.push_str(&line);
    }
    text
}

/// The most that a line of a host's entry holds, in characters.
const LONGEST: usize = 1_500;

/// A text as one line that works no terminal and can be read.
pub(super) fn one_line(text: &str) -> String {
    shortened(&printable(text), LONGEST).into_owned()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_makes_a_line_of_its_own_or_works_a_terminal() {
        let evil = "a\nok        b  deployed\x1b[2K\u{202e}\u{2028}".to_owned();
        let lines = vec![evil.clone(), evil.clone()];
        let text = host_entry(Mark::Fails, &evil, lines, Duration::ZERO, Colours::Off);
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.lines().skip(1).all(|line| line.starts_with("          ")), "{text}");
        assert!(
            !text.chars().any(|character| character != '\n' && crate::ssh::is_hidden(character)),
            "{text:?}"
        );
    }

    #[test]
    fn a_long_line_keeps_its_beginning_and_its_end() {
        let long = format!("no reply: {}; it is as it was", "x".repeat(100_000));
        let text = host_entry(Mark::Fails, "box", vec![long], Duration::ZERO, Colours::Off);
        assert!(
            text.chars().count() < 1_600
                && text.contains("no reply: x")
                && text.contains("x; it is as it was")
        );
    }
}
