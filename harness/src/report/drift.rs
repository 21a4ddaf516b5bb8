//! Which lesson holds on which release, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::failed_check::failed_step;
use super::human::leaks_in_words;
use super::json::{leaks_json, thousandths};
use crate::run::{Cell, CellStatus, Failure, ReleaseDrift, tool_of};
use crate::target::CodexUnderTest;
use codex_remote_auth::lessons::{Catalogue, Lesson, Tool};
use codex_remote_auth::output::Colours;
use codex_remote_auth::output::words::section;

/// One release as one line: how many lessons hold, and how long it took.
pub fn release_line(drift: &ReleaseDrift, colours: Colours) -> String {
    let count = |status: CellStatus| drift.cells.iter().filter(|cell| cell.status == status).count();
    let text = counts_in_words(count);
    let text = if drift.holds() { colours.good(&text) } else { colours.bad(&text) };
    format!(
        "{:<14} {text}  {}",
        drift.codex.to_string(),
        colours.faint(&format!("{:.1} s", drift.elapsed.as_secs_f64()))
    )
}

/// Every lesson on every release: one table for each program with more than one release.
pub fn matrices(drifts: &[ReleaseDrift], colours: Colours) -> String {
    let mut text = String::new();
    for tool in [Tool::Codex, Tool::Claude] {
        let of_tool: Vec<&ReleaseDrift> =
            drifts.iter().filter(|drift| tool_of(&drift.codex) == tool).collect();
        if of_tool.len() > 1 {
            text.push('\n');
            text.push_str(&matrix(&of_tool, colours));
        }
    }
    text
}

/// A row for each lesson, a column for each release.
fn matrix(drifts: &[&ReleaseDrift], colours: Colours) -> String {
    let Some(first) = drifts.first() else { return String::new() };
    let names = || first.cells.iter().map(|cell| cell.lesson.as_str());
    let width = names().map(str::len).max().unwrap_or_default();
    let columns: Vec<String> = drifts.iter().map(|drift| drift.release().to_string()).collect();
    let mut text = format!("{:<width$}", "");
    for column in &columns {
        let _ = write!(text, "  {column}");
    }
    text.push('\n');
    for (row, name) in names().enumerate() {
        let _ = write!(text, "{name:<width$}");
        for (drift, column) in drifts.iter().zip(&columns) {
            let mark = mark(drift.cells[row].status);
            let padded = format!("{mark:^wide$}", wide = column.len());
            let shown = match drift.cells[row].status {
                CellStatus::Holds => colours.good(&padded),
                CellStatus::NotApplicable => colours.faint(&padded),
                CellStatus::Drifted | CellStatus::Error => colours.bad(&padded),
            };
            let _ = write!(text, "  {shown}");
        }
        text.push('\n');
    }
    text
}

/// The text of a cell. It is ASCII, because not every terminal shows more.
pub(super) fn mark(status: CellStatus) -> &'static str {
    match status {
        CellStatus::Holds => "ok",
        CellStatus::Drifted => "DRIFT",
        CellStatus::NotApplicable => "-",
        CellStatus::Error => "ERROR",
    }
}

/// What drifted: for each step, what the lesson expects, what the release shows, and what to change.
pub fn drifted(drifts: &[ReleaseDrift], catalogue: &Catalogue, colours: Colours) -> String {
    let mut text = String::new();
    for drift in drifts {
        for cell in drift.cells.iter().filter(|cell| cell.status == CellStatus::Drifted) {
            match catalogue.get(&cell.lesson) {
                Some(lesson) => text.push_str(&drifted_cell(drift, cell, lesson, catalogue, colours)),
                None => text.push_str(&failed_smoke_test(drift, cell, colours)),
            }
        }
        for cell in drift.cells.iter().filter(|cell| cell.status == CellStatus::Error) {
            let _ = writeln!(
                text,
                "\n{} {} on {}: {}",
                colours.bad("ERROR"),
                cell.lesson,
                drift.release(),
                cell.seen
            );
        }
        for leak in &drift.leaks {
            let _ = writeln!(
                text,
                "\n{} {}: a secret was seen, {}: {}",
                colours.bad("LEAK"),
                drift.codex,
                leak.form,
                leak.place
            );
        }
    }
    text
}

fn drifted_cell(
    drift: &ReleaseDrift,
    cell: &Cell,
    lesson: &Lesson,
    catalogue: &Catalogue,
    colours: Colours,
) -> String {
    let release = drift.release();
    let mut text = format!("\n{} {} on {release}: {}\n", colours.bad("DRIFT"), lesson.id, lesson.title);
    for step in cell.steps().iter().filter(|step| !step.failures.is_empty()) {
        let failures: Vec<&Failure> = step.failures.iter().collect();
        text.push_str(&failed_step(&failures, catalogue.place(&lesson.id, &step.heading)));
    }
    let _ = writeln!(
        text,
        "  stale     the guide's section `{}`, as the lesson tells it, does not hold on {release}",
        section(lesson.guide)
    );
    let _ = writeln!(
        text,
        "  change    give the step an `expect` for `{release}` on, and end the range of the one it had before it; \
         `cargo xtask drift {release} --accept` writes it for review"
    );
    text
}

/// A smoke test that failed on a release. It has no steps and no file.
fn failed_smoke_test(drift: &ReleaseDrift, cell: &Cell, colours: Colours) -> String {
    let title = cell.result.as_ref().map_or("", |result| &result.title);
    let failures: Vec<&Failure> = cell.result.iter().flat_map(|result| &result.failures).collect();
    let head = format!("{} {} on {}: {title}", colours.bad("DRIFT"), cell.lesson, drift.release());
    format!("\n{head}\n{}", failed_step(&failures, None))
}

/// The last line: the counts of cells, and the wall time.
pub fn drift_summary(drifts: &[ReleaseDrift], seconds: f64, colours: Colours) -> String {
    let cells = || drifts.iter().flat_map(|drift| &drift.cells);
    let count = |wanted: CellStatus| cells().filter(|cell| cell.status == wanted).count();
    let bad = count(CellStatus::Drifted) + count(CellStatus::Error);
    let several = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let counts = format!(
        "{} on {}: {}",
        several(cells().count() - count(CellStatus::NotApplicable), "check"),
        several(drifts.len(), "release"),
        counts_in_words(count)
    );
    let counts = if bad == 0 { colours.good(&counts) } else { colours.bad(&counts) };
    let leaks = drifts.iter().map(|drift| drift.leaks.len()).sum::<usize>();
    let leaks = leaks_in_words(leaks, colours);
    format!("{counts}; {leaks}; {seconds:.1} s")
}

/// How many checks hold, drifted, and could not be run.
fn counts_in_words(count: impl Fn(CellStatus) -> usize) -> String {
    let [holds, drifted, errors] = [CellStatus::Holds, CellStatus::Drifted, CellStatus::Error].map(count);
    let hold = if holds == 1 { "holds" } else { "hold" };
    let errors = if errors > 0 { format!(", {errors} could not be run") } else { String::new() };
    format!("{holds} {hold}, {drifted} drifted{errors}")
}

/// The complete run as one object. Its form is version 1. Fields may be added to it.
pub fn drift_json(drifts: &[ReleaseDrift], seconds: f64) -> Value {
    let releases: Vec<Value> = drifts
        .iter()
        .map(|drift| {
            let cells: Vec<Value> = drift.cells.iter().map(cell_json).collect();
            let sha256 = match &drift.codex {
                CodexUnderTest::Real(real) | CodexUnderTest::Claude(real) => Some(real.sha256.as_str()),
                CodexUnderTest::Stub(_) => None,
            };
            json!({
                "release": drift.release().to_string(),
                "codex": drift.codex.kind(),
                "sha256": sha256,
                "seconds": thousandths(drift.elapsed.as_secs_f64()),
                "leaks": leaks_json(&drift.leaks),
                "cells": cells,
            })
        })
        .collect();
    let result = if drifts.iter().all(ReleaseDrift::holds) { "holds" } else { "drifted" };
    json!({"version": 1, "result": result, "seconds": thousandths(seconds), "releases": releases})
}

pub(super) fn cell_json(cell: &Cell) -> Value {
    let failures = || cell.result.iter().flat_map(|result| &result.failures);
    let expected: Vec<&str> = failures().map(|failure| failure.expected.as_str()).collect();
    json!({
        "lesson": cell.lesson,
        "status": cell.status.as_str(),
        "seen": cell.seen,
        "expected": if expected.is_empty() { Value::Null } else { json!(expected) },
    })
}
