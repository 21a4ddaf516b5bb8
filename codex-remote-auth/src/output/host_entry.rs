//! The entry of one host in a list of hosts.

use std::time::Duration;

use serde_json::{Value, json};
use textwrap::core::display_width;

use super::Style;
use super::failure::{BELOW, failure_json};
use super::wrapped::hanging;
use crate::message::{Caller, Failure};
use crate::remote::ProofOutcome;
use crate::ssh::{printable, shortened};

/// The result for a host.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mark {
    Holds,
    /// The login may be right, but nothing on the host could verify it.
    Unproven,
    Fails,
}

impl Mark {
    pub(super) fn of(proof: &ProofOutcome) -> Self {
        match proof {
            ProofOutcome::NotAsked => Self::Holds,
            proof if proof.holds() => Self::Holds,
            ProofOutcome::NoCodex { .. } | ProofOutcome::Ran { .. } => Self::Unproven,
        }
    }
}

/// How far all lines of an entry but the first are indented.
const INDENT: &str = "          ";

/// One line, and below it further lines with an indent. All but commands are broken where the terminal ends.
pub(super) fn host_entry(
    mark: Mark,
    host: &str,
    lines: Vec<String>,
    elapsed: Duration,
    style: Style,
) -> String {
    let mark = match mark {
        Mark::Holds => style.colours.good("ok      "),
        Mark::Unproven => style.colours.bad("unproven"),
        Mark::Fails => style.colours.bad("FAILED  "),
    };
    let time = style.colours.faint(&format!("{:.2} s", elapsed.as_secs_f64()));
    // Much of these lines comes from the host, and the host's name may come from a file.
    let host = one_line(host);
    let mut lines = lines.iter().map(|line| one_line(line));
    let first = lines.next().unwrap_or_default();
    let mut text = fitted(&format!("{mark}  {host}  "), &first, style.width);
    add_time(&mut text, INDENT, &time, style.width);
    for line in lines {
        text.push('\n');
        match line.starts_with(BELOW) {
            true => text.push_str(&format!("{INDENT}{line}")),
            false => text.push_str(&fitted(INDENT, &line, style.width)),
        }
    }
    text
}

/// Adds how long it took to the last line, or below it if it does not fit.
pub(super) fn add_time(text: &mut String, indent: &str, time: &str, width: usize) {
    let last = text.lines().last().map_or(0, display_width);
    let fits = last + 2 + display_width(time) <= width;
    if !fits {
        text.push('\n');
    }
    text.push_str(if fits { "  " } else { indent });
    text.push_str(time);
}

/// A line that is broken between words if it is too long.
fn fitted(first: &str, line: &str, width: usize) -> String {
    let whole = format!("{first}{line}");
    match display_width(&whole) > width {
        true => hanging(first, INDENT, line, width),
        false => whole,
    }
}

/// The longest line in the entry of a host, in characters.
const LONGEST: usize = 1_500;

/// A text as one readable line without terminal codes.
pub(super) fn one_line(text: &str) -> String {
    shortened(&printable(text), LONGEST).into_owned()
}

/// Adds to a host's object what every host has.
pub(super) fn tell_host(json: &mut Value, host: &str, elapsed: Duration, warnings: &[String]) {
    json["host"] = json!(host);
    json["seconds"] = json!((elapsed.as_secs_f64() * 1_000.0).round() / 1_000.0);
    if !warnings.is_empty() {
        json["warnings"] = json!(warnings);
    }
}

/// Puts into a host's object why it does not have what it should.
pub(super) fn tell_failure(
    json: &mut Value,
    code: &str,
    failure: &impl Failure,
    caller: &Caller,
    host: &str,
) {
    json["result"] = json!("failed");
    json["error"] = failure_json(code, failure, caller, host);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_text_adds_no_line_and_no_terminal_code() {
        let evil = "a\nok        b  deployed\x1b[2K\u{202e}\u{2028}".to_owned();
        let lines = vec![evil.clone(), evil.clone()];
        let text = host_entry(Mark::Fails, &evil, lines, Duration::ZERO, Style::PLAIN);
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
        let text = host_entry(Mark::Fails, "box", vec![long], Duration::ZERO, Style::PLAIN);
        assert!(
            text.chars().count() < 1_600
                && text.contains("no reply: x")
                && text.contains("x; it is as it was")
        );
    }
}
