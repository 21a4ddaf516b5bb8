//! On which releases a lesson holds, as the record of real runs has it.

use semver::Version;

use super::problem::Fault;
use crate::report::compatibility::{Compatibility, Mark};
use codex_remote_auth::lessons::Releases;

/// The programs of the record: as it names them, and what precedes their releases in the guide, which is about Codex.
const TOOLS: [(&str, &str); 2] = [("codex", ""), ("claude", "Claude Code ")];

/// The releases on which all these lessons hold: `0.133.0 to 0.163.0`. With a range, only those in it.
pub(super) fn held(record: &Compatibility, ids: &[&str], within: Option<&Releases>) -> Result<String, Fault> {
    if let Some(id) = ids.iter().find(|id| record.lesson(id).is_none()) {
        return Err(Fault::new(
            format!("docs/compatibility.json has no run of {id}"),
            format!("cargo xtask drift --write --lesson {id}"),
        ));
    }
    let mut told = Vec::new();
    for (tool, name) in TOOLS {
        let ids: Vec<&str> = ids.iter().copied().filter(|id| is_about(record, id, tool)).collect();
        if ids.is_empty() {
            continue;
        }
        if let Some(range) = within {
            changes_where_it_ends(record, &ids, tool, range)?;
        }
        let holds = |release: &Version| {
            within.is_none_or(|range| range.contains(release))
                && ids.iter().all(|id| is_shown(record, id, release))
        };
        let runs = runs(record, tool, holds);
        if runs.is_empty() {
            return Err(Fault::new(
                format!("no run has shown {} to hold{}", ids.join(" and "), of(within)),
                "`cargo xtask drift --write` runs all lessons again; leave out what no longer holds",
            ));
        }
        told.push(format!("{name}{runs}"));
    }
    Ok(told.join("; "))
}

/// All releases of a program that were run.
pub(super) fn all(record: &Compatibility, tool: &str) -> String {
    runs(record, tool, |_| true)
}

/// Whether a lesson holds on a release, and the release is in the range.
pub(super) fn is_shown(record: &Compatibility, id: &str, release: &Version) -> bool {
    record.cell(id, release).is_some_and(|cell| cell.status == Mark::Holds)
}

fn is_about(record: &Compatibility, id: &str, tool: &str) -> bool {
    record.lesson(id).is_some_and(|lesson| lesson.tool == tool)
}

fn of(within: Option<&Releases>) -> String {
    within.map(|range| format!(" for {range}")).unwrap_or_default()
}

/// The releases of a program that were run and that are wanted. Neighbours are one run.
fn runs(record: &Compatibility, tool: &str, wanted: impl Fn(&Version) -> bool) -> String {
    let releases: Vec<&Version> = record.of_tool(tool).map(|column| &column.release).collect();
    let runs = releases.chunk_by(|a, b| wanted(a) == wanted(b)).filter(|run| wanted(run[0]));
    let told = runs.map(|run| match run {
        [first, .., last] => format!("{first} to {last}"),
        one => one[0].to_string(),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// A statement that holds only in a range needs a lesson that shows something else where the range begins or ends.
fn changes_where_it_ends(
    record: &Compatibility,
    ids: &[&str],
    tool: &str,
    range: &Releases,
) -> Result<(), Fault> {
    let releases: Vec<&Version> = record.of_tool(tool).map(|column| &column.release).collect();
    for pair in releases.windows(2).filter(|pair| range.contains(pair[0]) != range.contains(pair[1])) {
        if ids.iter().all(|id| record.cell(id, pair[0]) == record.cell(id, pair[1])) {
            return Err(Fault::new(
                format!(
                    "{} shows the same on {} and {}, so the range {range} has no reason",
                    ids.join(" and "),
                    pair[0],
                    pair[1]
                ),
                "docs/compatibility.md says from which release on a lesson shows something else",
            ));
        }
    }
    Ok(())
}
