//! What a step showed, as an expectation.

use super::super::differences::{STILL_RUNNING, holds};
use super::super::failure::About;
use super::super::state_diff::Observed;
use super::salient_line::{of_stderr, of_stdout};
use codex_remote_auth::codex::Diagnosis;
use codex_remote_auth::lessons::{Expect, Field};

use crate::amend::NewExpect;

/// The expectation that the step meets, as near to the old one as can be; or why there is none.
pub(super) fn content(old: &Expect, seen: &Observed) -> Result<NewExpect, String> {
    let (exit, hangs) = end(old, seen)?;
    let [stdout, stderr] = texts(old, seen);
    let means_something = seen.diagnosis != Diagnosis::Unknown.code();
    let diagnosis = old.diagnosis.as_ref().filter(|_| means_something).map(|_| seen.diagnosis.to_owned());
    Ok(NewExpect { exit, hangs, stdout, stderr, diagnosis })
}

fn end(old: &Expect, seen: &Observed) -> Result<(Option<i32>, bool), String> {
    if seen.end == STILL_RUNNING {
        return Ok((None, true));
    }
    if let Some(status) = seen.end.strip_prefix("exit ").and_then(|status| status.parse().ok()) {
        return Ok((Some(status), false));
    }
    let ended_as_expected = seen
        .failures
        .iter()
        .all(|failure| !matches!(failure.about, About::Expect(Field::Exit | Field::Hangs)));
    match (&old.error, ended_as_expected) {
        // The deploy logic refused, as it should; its error is kept, and has no exit status of its own.
        (Some(_), true) => Ok((old.exit, false)),
        _ => Err(format!("it ended by {}, which no expectation can say", seen.end)),
    }
}

/// The old texts that are still there; where none is left, the line that tells most.
fn texts(old: &Expect, seen: &Observed) -> [Vec<String>; 2] {
    let stdout = kept_or_salient("stdout", &old.stdout, seen, of_stdout(&seen.stdout));
    let stderr = kept_or_salient("stderr", &old.stderr, seen, of_stderr(&seen.stderr));
    if !stdout.is_empty() || !stderr.is_empty() {
        return [stdout, stderr];
    }
    // A step that went silent where it spoke, or that nobody expected to speak, tells it by the other stream.
    match of_stderr(&seen.stderr) {
        Some(line) => [stdout, vec![line]],
        None => [of_stdout(&seen.stdout).into_iter().collect(), stderr],
    }
}

fn kept_or_salient(output: &str, old: &[String], seen: &Observed, salient: Option<String>) -> Vec<String> {
    let is_missing = |text: &str| seen.failures.iter().any(|failure| failure.expected == holds(output, text));
    let kept: Vec<String> = old.iter().filter(|text| !is_missing(text)).cloned().collect();
    if kept.is_empty() && !old.is_empty() { salient.into_iter().collect() } else { kept }
}
