//! A check that failed, as one block: what was run, what was expected, what was seen, and how to see it again.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use codex_remote_auth::lessons::{Catalogue, Field, Place};
use codex_remote_auth::output::Colours;

use crate::run::{About, CheckResult, Failure, Leak, RunResult};

/// How many files of a failed check are listed.
const MOST_FILES: usize = 40;

/// Every check that failed and every secret that was seen, each as one block. `again` gives the command that runs a check again
/// and keeps its account, and `by_hand` the one that opens a shell before a step, counted from 1.
pub fn failures(
    result: &RunResult,
    catalogue: &Catalogue,
    again: &dyn Fn(&CheckResult) -> String,
    by_hand: &dyn Fn(&CheckResult, usize) -> String,
    colours: Colours,
) -> String {
    let mut text = String::new();
    for check in result.checks.iter().filter(|check| !check.failures.is_empty()) {
        let _ = writeln!(text, "\n{} {}: {}", colours.bad("FAIL"), check.id, check.title);
        if check.tries.is_flaky() {
            let _ =
                writeln!(text, "  flaky     failed {} of {} times", check.tries.failed, check.tries.all());
        }
        text.push_str(&failed_steps(check, catalogue));
        text.push_str(&files(&check.files));
        if let Some(step) = first_failed_step(check, catalogue) {
            let _ = writeln!(text, "  hint: to try it by hand: {}", by_hand(check, step));
        }
        let _ = writeln!(text, "  hint: to run it again and keep its account: {}", again(check));
    }
    for leak in result.leaks.iter().filter(|leak| !is_told(leak, result)) {
        let check = check_of(leak, result);
        let of = check.map(|check| format!(" {}:", check.id)).unwrap_or_default();
        let _ =
            writeln!(text, "\n{}{of} a secret was seen, {}: {}", colours.bad("LEAK"), leak.form, leak.place);
        let hint = match check {
            Some(check) => format!("to run it again and keep its account: {}", again(check)),
            None => "to find the source, run the checks one at a time".to_owned(),
        };
        let _ = writeln!(text, "  hint: {hint}");
    }
    text
}

/// The files of a failed check, with their modes.
fn files(files: &[String]) -> String {
    let mut text = String::new();
    for (place, file) in files.iter().take(MOST_FILES).enumerate() {
        let head = if place == 0 { "files" } else { "" };
        let _ = writeln!(text, "  {head:<9} {file}");
    }
    if files.len() > MOST_FILES {
        let _ = writeln!(text, "  {:<9} … and {} more", "", files.len() - MOST_FILES);
    }
    text
}

/// The place of the first step that failed, counted from 1. `None` if the check is no lesson, or failed as a whole.
fn first_failed_step(check: &CheckResult, catalogue: &Catalogue) -> Option<usize> {
    let lesson = catalogue.get(&check.id)?;
    let failed = |heading: &str| check.failures.iter().any(|failure| failure.step == heading);
    lesson.headed_steps().position(|(heading, _)| failed(&heading)).map(|place| place + 1)
}

/// The check whose secret it is: the one that is named, or the only one.
fn check_of<'r>(leak: &Leak, result: &'r RunResult) -> Option<&'r CheckResult> {
    match (&leak.check, result.checks.as_slice()) {
        (Some(id), checks) => checks.iter().find(|check| check.id == *id),
        (None, [only]) => Some(only),
        (None, _) => None,
    }
}

/// Whether the block of a failed check says it already: an output of the check shows a secret.
fn is_told(leak: &Leak, result: &RunResult) -> bool {
    check_of(leak, result).is_some_and(|check| {
        let is_about_it = |failure: &Failure| failure.about == About::Expect(Field::Leaks);
        leak.place == format!("an output of {}", check.id) && check.failures.iter().any(is_about_it)
    })
}

/// What failed in each step of a check.
pub(super) fn failed_steps(check: &CheckResult, catalogue: &Catalogue) -> String {
    let mut steps: Vec<&str> = Vec::new();
    for failure in &check.failures {
        if !steps.contains(&failure.step.as_str()) {
            steps.push(&failure.step);
        }
    }
    let of_step = |heading: &str| {
        let failures: Vec<&Failure> =
            check.failures.iter().filter(|failure| failure.step == heading).collect();
        failed_step(&failures, catalogue.place(&check.id, heading))
    };
    steps.into_iter().map(of_step).collect()
}

/// What failed in one step, or in a check without steps.
pub(super) fn failed_step(failures: &[&Failure], place: Option<Place>) -> String {
    let Some(first) = failures.first() else { return String::new() };
    let expected = distinct(failures.iter().map(|failure| failure.expected.trim()));
    let seen = distinct(failures.iter().map(|failure| failure.seen.trim()));
    let place = place.map(|place| format!("{}:{}", from_here(&place.path).display(), place.line));
    let mut text = String::new();
    for (name, value) in [
        ("step", first.step.as_str()),
        ("file", place.as_deref().unwrap_or_default()),
        ("command", &first.command),
        ("account", &first.account),
        ("expected", &expected),
        ("seen", &seen),
    ] {
        if !value.is_empty() {
            let _ = writeln!(text, "  {name:<9} {}", value.trim().replace('\n', "\n            "));
        }
    }
    for next in failures.iter().map(|failure| failure.next.as_str()).collect::<BTreeSet<_>>() {
        if !next.is_empty() {
            let _ = writeln!(text, "  hint: {next}");
        }
    }
    text
}

/// Each text on lines of its own, in their order. A text that is part of another one is left out: the fields of one output fail
/// with the same output.
fn distinct<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let mut all: Vec<&str> = Vec::new();
    for text in texts {
        if all.iter().any(|other| other.contains(text)) {
            continue;
        }
        all.retain(|other| !text.contains(other));
        all.push(text);
    }
    all.join("\n")
}

/// The path as it can be opened from the current directory: relative if it is below it.
fn from_here(path: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| path.strip_prefix(here).map(Path::to_owned).ok());
    below.unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_output_is_told_once_and_what_differs_is_kept() {
        let seen =
            ["exit 1\nstderr: no", "exit 1\nstderr: no", "exit 1\nstderr: no\ndiagnosis unknown", "a file"];
        assert_eq!(distinct(seen.into_iter()), "exit 1\nstderr: no\ndiagnosis unknown\na file");
        assert_eq!(distinct(["exit 0", "stdout contains: a"].into_iter()), "exit 0\nstdout contains: a");
    }
}
