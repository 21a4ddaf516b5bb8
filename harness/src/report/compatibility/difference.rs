//! Whether a run says what the record says, and the page what the record renders to.

use super::problem::RecordProblem;
use super::record::{CellRecord, Compatibility, Mark, recorded};
use crate::run::ReleaseDrift;
use codex_remote_auth::lessons::Catalogue;

/// In what a run differs from the record, a line a cell.
///
/// # Errors
/// [`RecordProblem`] where the run shows nothing that could be held against the record.
pub fn disagreements(
    record: &Compatibility,
    drift: &ReleaseDrift,
    catalogue: &Catalogue,
) -> Result<Vec<String>, RecordProblem> {
    let (column, cells) = recorded(drift, catalogue)?;
    let release = &column.release;
    if !record.releases().contains(&column) {
        let name = format!("{} {release} with SHA-256 {}…", column.tool, column.sha256);
        return Ok(vec![format!("{name} is not among the releases of the record")]);
    }
    let lines = cells.iter().filter_map(|(lesson, seen)| match record.cell(lesson, release) {
        None => Some(format!("{lesson} on {release}: the record has nothing of it")),
        Some(known) if known == seen => None,
        Some(known) => Some(format!(
            "{lesson} on {release}:\n  the record: {}\n  this run:   {}",
            in_short(known, seen),
            in_short(seen, known)
        )),
    });
    Ok(lines.collect())
}

/// What one cell has and the other has not.
fn in_short(cell: &CellRecord, other: &CellRecord) -> String {
    let status = match cell.status {
        Mark::Holds => "holds",
        Mark::Drifted => "drifted",
        Mark::NotApplicable => "not applicable",
    };
    let apart = cell.shows.iter().enumerate().find(|(at, shown)| other.shows.get(*at) != Some(shown));
    match apart {
        None => format!("{status}, {} steps", cell.shows.len()),
        Some((_, shown)) => {
            let said = [shown.said.as_slice(), shown.left.as_slice()].concat().join("; ");
            format!("{status}; {}: {}; {said}", shown.step, shown.end)
        }
    }
}

/// The first line in which a file differs from what it has to be.
pub fn first_difference(file: &str, wanted: &str) -> Option<String> {
    if file == wanted {
        return None;
    }
    let (mut theirs, mut ours) = (file.lines(), wanted.lines());
    let mut number = 0;
    loop {
        number += 1;
        match (theirs.next(), ours.next()) {
            (None, None) => return Some("the files end differently".to_owned()),
            (a, b) if a == b => {}
            (a, b) => {
                let line = |line: Option<&str>| line.unwrap_or("(no more lines)").to_owned();
                return Some(format!("line {number}\n  has:     {}\n  must be: {}", line(a), line(b)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_told_with_both_sides() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        let said = first_difference("a\nb\nc\n", "a\nx\nc\n").unwrap();
        assert!(said.starts_with("line 2\n") && said.contains("has:     b") && said.contains("must be: x"));
        assert!(first_difference("a\n", "a\nb\n").unwrap().contains("(no more lines)"));
        assert!(first_difference("a", "a\n").is_some());
    }
}
