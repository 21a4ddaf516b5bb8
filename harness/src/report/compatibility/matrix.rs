//! Every lesson on every release, as a table in which neighbours that show the same share a column.

use std::fmt::Write as _;

use semver::Version;

use super::record::{Column, Compatibility, Mark};

/// Neighbouring releases between which nothing on the page differs.
struct Span<'a> {
    first: &'a Version,
    last: &'a Version,
}

/// The table for one program; a row for each of these lessons.
pub(super) fn matrix(record: &Compatibility, tool: &str, ids: &[&str]) -> String {
    let spans = spans(record, tool, ids);
    let mut text = String::from("| |");
    for span in &spans {
        let _ = write!(text, " {} |", range(span.first, span.last));
    }
    text.push_str("\n|---|");
    text.push_str(&":---:|".repeat(spans.len()));
    text.push('\n');
    for id in ids {
        let _ = write!(text, "| [{id}](#{id}) |");
        for span in &spans {
            let mark = record.cell(id, span.first).map_or("not run", |cell| mark(cell.status));
            let _ = write!(text, " {mark} |");
        }
        text.push('\n');
    }
    text
}

fn spans<'a>(record: &'a Compatibility, tool: &'a str, ids: &[&str]) -> Vec<Span<'a>> {
    let same = |a: &Version, b: &Version| ids.iter().all(|id| record.cell(id, a) == record.cell(id, b));
    let mut spans: Vec<Span<'a>> = Vec::new();
    for Column { release, .. } in record.of_tool(tool) {
        match spans.last_mut() {
            Some(span) if same(span.last, release) => span.last = release,
            _ => spans.push(Span { first: release, last: release }),
        }
    }
    spans
}

/// `0.134.0–0.144.4`, or the one release.
pub(super) fn range(first: &Version, last: &Version) -> String {
    if first == last { first.to_string() } else { format!("{first}–{last}") }
}

fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Holds => "ok",
        Mark::Drifted => "**DRIFT**",
        Mark::NotApplicable => "–",
    }
}
