//! What a step has to show from now on: from an old expectation and what the releases showed, to one or more new ones.

use std::collections::BTreeMap;

use semver::Version;

use super::super::differences::{STILL_RUNNING, holds};
use super::super::failure::About;
use super::super::state_diff::Observed;
use super::salient_line::{of_stderr, of_stdout};
use codex_remote_auth::codex::Diagnosis;
use codex_remote_auth::lessons::{Expect, Field, Releases};

/// A part of the releases of an old expectation, and what is expected on them.
pub(super) struct Part {
    pub(super) expect: Expect,
    /// Whether anything but the range differs from the old one.
    pub(super) is_new: bool,
}

/// Splits an expectation where what the releases show changes; nothing where it holds on all that were run.
///
/// A known release that was not run keeps the old expectation, since nobody has seen what it shows.
pub(super) fn parts(
    old: &Expect,
    run: &[(&Version, &Observed)],
    known: &[&Version],
) -> Result<Vec<Part>, String> {
    let mut shows: BTreeMap<&Version, Option<Expect>> =
        known.iter().map(|release| (*release, None)).collect();
    for (release, observed) in run {
        let new = if observed.failures.is_empty() { None } else { Some((release, observed)) };
        let is_meant = old.codex.contains(release);
        let new = new.filter(|_| is_meant).map(|(release, observed)| {
            shown(old, observed).map_err(|reason| format!("on {release}, {reason}"))
        });
        shows.insert(release, new.transpose()?);
    }
    shows.retain(|release, _| old.codex.contains(release));
    if shows.values().all(Option::is_none) {
        return Ok(Vec::new());
    }
    let (mut from, until) = ends(&old.codex).ok_or_else(|| {
        format!("the range `{}` is none of `*`, `<0.134`, `>=0.134` and `>=0.134, <0.147`", old.codex)
    })?;
    let shows: Vec<_> = shows.into_iter().collect();
    let mut same = shows.chunk_by(|(_, one), (_, other)| one == other).peekable();
    let mut parts = Vec::new();
    while let Some([(_, new), ..]) = same.next() {
        // The next part begins at the first release that is known to show something else.
        let next = same.peek().map(|next| short(next[0].0));
        let end = next.as_ref().map(|next| format!("<{next}")).or_else(|| until.clone());
        let both: Vec<String> = from.into_iter().chain(end).collect();
        let text = if both.is_empty() { "*".to_owned() } else { both.join(", ") };
        let expect = new.clone().unwrap_or_else(|| old.clone());
        parts.push(Part {
            expect: Expect { codex: Releases::try_from(text)?, ..expect },
            is_new: new.is_some(),
        });
        from = next.map(|next| format!(">={next}"));
    }
    Ok(parts)
}

/// The two ends of a range as it is written; none where it is written with anything but `>=` and `<`.
fn ends(range: &Releases) -> Option<(Option<String>, Option<String>)> {
    let (mut from, mut until) = (None, None);
    let text = range.to_string();
    for part in text.split(',').map(str::trim).filter(|part| *part != "*") {
        let (end, version) = match (part.strip_prefix(">="), part.strip_prefix('<')) {
            (Some(version), _) => (&mut from, version),
            (_, Some(version)) => (&mut until, version),
            _ => return None,
        };
        let is_release = version.trim().chars().all(|c| c.is_ascii_digit() || c == '.');
        if !is_release || end.replace(part.to_owned()).is_some() {
            return None;
        }
    }
    Some((from, until))
}

/// As lessons write it: the last number is left out where it is 0.
fn short(version: &Version) -> String {
    match version.patch == 0 && version.pre.is_empty() {
        true => format!("{}.{}", version.major, version.minor),
        false => version.to_string(),
    }
}

/// The expectation that a step meets, as near to the old one as can be; or why there is none.
fn shown(old: &Expect, seen: &Observed) -> Result<Expect, String> {
    let (exit, hangs) = end(old, seen)?;
    let [stdout, stderr] = texts(old, seen);
    let means_something = seen.diagnosis != Diagnosis::Unknown.code();
    let diagnosis = old.diagnosis.as_ref().filter(|_| means_something).map(|_| seen.diagnosis.to_owned());
    Ok(Expect { exit, hangs, stdout, stderr, diagnosis, ..old.clone() })
}

fn end(old: &Expect, seen: &Observed) -> Result<(Option<i32>, bool), String> {
    if seen.end == STILL_RUNNING {
        return Ok((None, true));
    }
    if let Some(status) = seen.end.strip_prefix("exit ").and_then(|status| status.parse().ok()) {
        return Ok((Some(status), false));
    }
    let is_about_the_end = |about: About| matches!(about, About::Expect(Field::Exit | Field::Hangs));
    // A deploy that was refused, as expected, has no exit status.
    if old.error.is_some() && !seen.failures.iter().any(|failure| is_about_the_end(failure.about)) {
        return Ok((old.exit, false));
    }
    Err(format!("it ended by {}, which no expectation can say", seen.end))
}

/// The old texts that are still there; where none is left, the line that says most.
fn texts(old: &Expect, seen: &Observed) -> [Vec<String>; 2] {
    let stdout = kept_or("stdout", &old.stdout, seen, of_stdout(&seen.stdout));
    let stderr = kept_or("stderr", &old.stderr, seen, of_stderr(&seen.stderr));
    if !stdout.is_empty() || !stderr.is_empty() {
        return [stdout, stderr];
    }
    // Where nothing was expected of an output, or the expected one is empty now, either output will do.
    match of_stderr(&seen.stderr) {
        Some(line) => [stdout, vec![line]],
        None => [of_stdout(&seen.stdout).into_iter().collect(), stderr],
    }
}

fn kept_or(output: &str, old: &[String], seen: &Observed, otherwise: Option<String>) -> Vec<String> {
    let is_missing = |text: &str| seen.failures.iter().any(|failure| failure.expected == holds(output, text));
    let kept: Vec<String> = old.iter().filter(|text| !is_missing(text)).cloned().collect();
    if kept.is_empty() && !old.is_empty() { otherwise.into_iter().collect() } else { kept }
}
