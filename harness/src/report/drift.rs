//! Which lesson holds on which release, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::json::{leaks_json, thousandths};
use crate::run::{Cell, CellStatus, Observed, ReleaseDrift, tool_of};
use crate::target::CodexUnderTest;
use codex_remote_auth::lessons::{Catalogue, Lesson, Tool};
use codex_remote_auth::output::Colours;
use codex_remote_auth::output::words::section;

/// One release as one line: how many lessons hold, and how long it took.
pub fn release_line(drift: &ReleaseDrift, colours: Colours) -> String {
    let count = |status: CellStatus| drift.cells.iter().filter(|cell| cell.status == status).count();
    let [holds, drifted, errors] = [CellStatus::Holds, CellStatus::Drifted, CellStatus::Error].map(count);
    let mut text = format!("{holds} hold, {drifted} drifted");
    if errors > 0 {
        let _ = write!(text, ", {errors} could not be run");
    }
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
            if let Some(lesson) = catalogue.get(&cell.lesson) {
                text.push_str(&drifted_cell(drift, cell, lesson, colours));
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

fn drifted_cell(drift: &ReleaseDrift, cell: &Cell, lesson: &Lesson, colours: Colours) -> String {
    let release = drift.release();
    let mut text = format!("\n{} {} on {release}: {}\n", colours.bad("DRIFT"), lesson.id, lesson.title);
    for step in cell.steps().iter().filter(|step| !step.failures.is_empty()) {
        let _ = writeln!(text, "  step      {}", step.heading);
        let _ = writeln!(text, "  command   {}", indented(&step.command));
        for failure in &step.failures {
            let _ = writeln!(text, "  expected  {}", indented(&failure.expected));
        }
        let _ = writeln!(text, "  seen      {}", indented(&seen(step)));
    }
    let _ = writeln!(
        text,
        "  stale     the guide's section `{}`, as fixtures/lessons/{}.toml tells it, does not hold on {release}",
        section(lesson.guide),
        lesson.id
    );
    let _ = writeln!(
        text,
        "  change    give the step an `expect` for `{release}` on, and end the range of the one it had before it; \
         `cargo xtask drift {release} --accept` writes it for review"
    );
    text
}

fn seen(step: &Observed) -> String {
    let mut text = step.end.clone();
    for (name, output) in [("stdout", &step.stdout), ("stderr", &step.stderr)] {
        if !output.trim().is_empty() {
            let _ = write!(text, "\n{name}: {}", output.trim());
        }
    }
    text
}

fn indented(text: &str) -> String {
    text.trim().replace('\n', "\n            ")
}

/// The last line: the counts of cells, and the wall time.
pub fn drift_summary(drifts: &[ReleaseDrift], seconds: f64, colours: Colours) -> String {
    let cells = || drifts.iter().flat_map(|drift| &drift.cells);
    let count = |wanted: CellStatus| cells().filter(|cell| cell.status == wanted).count();
    let bad = count(CellStatus::Drifted) + count(CellStatus::Error);
    let counts = format!(
        "{} cells on {} releases: {} hold, {} drifted, {} could not be run",
        cells().count() - count(CellStatus::NotApplicable),
        drifts.len(),
        count(CellStatus::Holds),
        count(CellStatus::Drifted),
        count(CellStatus::Error)
    );
    let counts = if bad == 0 { colours.good(&counts) } else { colours.bad(&counts) };
    let leaks = drifts.iter().map(|drift| drift.leaks.len()).sum::<usize>();
    let leaks = match leaks {
        0 => "no secret seen anywhere".to_owned(),
        count => colours.bad(&format!("secrets seen in {count} places")),
    };
    format!("{counts}; {leaks}; {seconds:.1} s")
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

fn cell_json(cell: &Cell) -> Value {
    let failures = || cell.result.iter().flat_map(|result| &result.failures);
    let expected: Vec<&str> = failures().map(|failure| failure.expected.as_str()).collect();
    json!({
        "lesson": cell.lesson,
        "status": cell.status.as_str(),
        "seen": cell.seen,
        "expected": if expected.is_empty() { Value::Null } else { json!(expected) },
    })
}
