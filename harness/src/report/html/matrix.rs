//! The table of a drift: a row for each check, a column for each release.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::super::outcome::{End, Outcome, Suite};
use super::checks::Entry;
use super::text::Escaped;
use super::word;

/// One table for each program, if the run has more than one codex.
pub(super) fn matrices(outcome: &Outcome, entries: &[Entry<'_>]) -> String {
    if outcome.suites.len() < 2 {
        return String::new();
    }
    let tables = [("Codex", false), ("Claude Code", true)].map(|(program, is_claude)| {
        let suites = outcome.suites.iter().filter(|suite| (suite.codex.kind == "claude") == is_claude);
        matrix(program, &suites.collect::<Vec<_>>(), entries)
    });
    format!("<section>\n<h2>Releases</h2>\n{}</section>\n", tables.concat())
}

fn matrix(program: &str, suites: &[&Suite], entries: &[Entry<'_>]) -> String {
    if suites.is_empty() {
        return String::new();
    }
    let mut text = format!("<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr><th>{program}</th>");
    for suite in suites {
        let _ = write!(text, "<th scope=\"col\"><span>{}</span></th>", Escaped(&suite.codex.column()));
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    let columns: Vec<HashMap<&str, End>> = suites
        .iter()
        .map(|suite| suite.rows().into_iter().map(|row| (row.check.id.as_str(), row.end())).collect())
        .collect();
    for entry in entries {
        let id = entry.check.id.as_str();
        let is_here = columns.iter().any(|column| column.contains_key(id))
            || suites.iter().any(|suite| suite.not_applicable.iter().any(|other| other == id));
        if !is_here {
            continue;
        }
        let link = format!("<a href=\"#{}\">{}</a>", entry.anchor(), Escaped(id));
        let _ = write!(text, "<tr><th scope=\"row\">{link}</th>");
        for column in &columns {
            text.push_str(&cell(column.get(id).copied()));
        }
        text.push_str("</tr>\n");
    }
    text.push_str("</tbody></table></div>\n");
    text
}

/// A short mark, so that many releases fit. Its words are for those who cannot see it, and for the pointer.
fn cell(end: Option<End>) -> String {
    let mark = match end {
        None => return "<td title=\"does not apply\">–</td>".to_owned(),
        Some(End::Passed) => "✓",
        Some(End::Failed) => "✗",
        Some(End::Broke) => "!",
        Some(End::NotRun) => "?",
    };
    let (class, words) = end.map_or(("", ""), word);
    format!("<td class=\"{class}\" title=\"{words}\">{mark}</td>")
}
