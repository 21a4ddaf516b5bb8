//! What a step showed, in words that are the same on every run of the same release.

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::run::{Cell, CellStatus, Observed};
use codex_remote_auth::lessons::{Expect, FileExpect, FileIs, Lesson, Step};

/// What one step showed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// The step: `wrong: by name`.
    pub step: String,
    /// How it ended: `exit 127`.
    pub end: String,
    /// What it said of what the lesson waits for, line by line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<String>,
    /// Which files it left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
}

/// What a cell shows; of one without steps, its line.
pub(super) fn shown(cell: &Cell, lesson: Option<&Lesson>, release: &Version) -> Vec<Shown> {
    match (cell.status, lesson) {
        (CellStatus::NotApplicable, _) => Vec::new(),
        (CellStatus::Holds, Some(lesson)) => {
            let steps = lesson.steps().zip(cell.steps());
            steps.map(|((_, step), seen)| of_step(step, seen, release)).collect()
        }
        _ => vec![Shown { end: clipped(&cell.seen), ..Shown::default() }],
    }
}

fn of_step(step: &Step, seen: &Observed, release: &Version) -> Shown {
    let mut shown = Shown { step: seen.heading.clone(), end: end(&seen.end).to_owned(), ..Shown::default() };
    for expect in step.usual().filter(|expect| expect.codex.contains(release)) {
        for line in said(expect, seen, release) {
            if !shown.said.contains(&line) {
                shown.said.push(line);
            }
        }
        if expect.leaks {
            shown.end.push_str(", and shows the tokens");
        }
        shown.left.extend(expect.files.iter().map(left));
    }
    shown
}

fn end(end: &str) -> &str {
    if end.starts_with("still running") { "hangs" } else { end }
}

fn said(expect: &Expect, seen: &Observed, release: &Version) -> Vec<String> {
    let texts = [(&expect.stdout, &seen.stdout), (&expect.stderr, &seen.stderr)];
    let lines =
        texts.iter().flat_map(|(wanted, output)| wanted.iter().map(move |text| line_with(text, output)));
    lines.map(|line| clipped(&line.replace(&release.to_string(), "<release>"))).collect()
}

/// The line that holds what the lesson waits for: the shortest, since two that race may come in either order.
fn line_with(text: &str, output: &str) -> String {
    let text = text.replace("@HOME@", "<remote home>");
    let lines = output.lines().map(str::trim).filter(|line| line.contains(&text));
    match lines.min_by_key(|line| (line.len(), *line)) {
        Some(line) => line.to_owned(),
        // What stands over several lines, or in an output that is left out.
        None => text.trim().replace('\n', " / "),
    }
}

fn left(file: &FileExpect) -> String {
    let is = match file.is {
        FileIs::Absent => "not there",
        FileIs::File => "a file",
        FileIs::Directory => "a directory",
        FileIs::Link => "a link",
        FileIs::Login => "the login from here",
        FileIs::RemoteLogin => "the login that was there",
    };
    let mode = file.mode.as_ref().map(|mode| format!(", mode {mode}")).unwrap_or_default();
    format!("~/{} is {is}{mode}", file.path)
}

/// Longest line that is worth quoting.
const LONGEST: usize = 200;

fn clipped(text: &str) -> String {
    let text = without_colours(text.trim()).replace('\n', " ");
    if text.chars().count() <= LONGEST {
        return text;
    }
    let start: String = text.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}

/// A terminal's colours are `ESC [ … m`, and some programs send them wherever they write.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let sequence = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        shown.push_str(sequence.strip_prefix('m').unwrap_or(sequence));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_is_waited_for_is_the_shortest_in_either_order() {
        let output = "<time> ERROR x: 401 Unauthorized\nERROR: 401 Unauthorized\nother\n";
        let turned: Vec<&str> = output.lines().rev().collect();
        assert_eq!(line_with("401", output), "ERROR: 401 Unauthorized");
        assert_eq!(line_with("401", &turned.join("\n")), "ERROR: 401 Unauthorized");
        assert_eq!(line_with("here\nthere\n", "here\nthere\n"), "here / there");
        assert_eq!(line_with("@HOME@/x", "in <remote home>/x"), "in <remote home>/x");
    }

    #[test]
    fn a_long_line_ends_in_dots_and_no_line_break_is_left() {
        assert_eq!(clipped("a\nb"), "a b");
        let long = clipped(&"é".repeat(300));
        assert!(long.chars().count() == LONGEST && long.ends_with('…'));
    }

    #[test]
    fn colours_are_left_out_and_the_words_stay() {
        assert_eq!(clipped("\x1b[94mhttp://x\x1b[0m m \x1b[1;31mred"), "http://x m red");
    }
}
