//! The differences between the stub and the real Codex, side by side.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::json::{leaks_json, thousandths};
use crate::run::{ComparedCell, Comparison};
use codex_remote_auth::output::Colours;

/// One release as one line: in how many cells the stub is equal to it.
pub fn comparison_line(comparison: &Comparison, colours: Colours) -> String {
    let (equal, all) = (comparison.equal(), comparison.cells.len());
    let counts = format!("stub = real in {equal} of {all} cells");
    let counts = if comparison.is_equal() { colours.good(&counts) } else { colours.bad(&counts) };
    let time = colours.faint(&format!("{:.1} s", comparison.elapsed.as_secs_f64()));
    format!("{:<10} {counts}  {time}", comparison.release.to_string())
}

/// Every difference without a known reason.
pub fn differing(comparisons: &[Comparison], colours: Colours) -> String {
    let mut text = String::new();
    for comparison in comparisons {
        for cell in comparison.cells.iter().filter(|cell| !cell.is_equal()) {
            let _ = writeln!(text, "\n{} {} on {}", colours.bad("DIFFERS"), cell.id, comparison.release);
            text.push_str(&cell_text(cell));
        }
        for leak in &comparison.leaks {
            let _ = writeln!(
                text,
                "\n{} {}: a secret was seen, {}: {}",
                colours.bad("LEAK"),
                comparison.release,
                leak.form,
                leak.place
            );
        }
    }
    if !text.is_empty() {
        text.push_str(
            "\nnext: make the stub say what the real one says (fixtures/codex-stub), or name the difference with its \
             reason in fixtures/known-differences.toml\n",
        );
    }
    text
}

fn cell_text(cell: &ComparedCell) -> String {
    let mut text = String::new();
    if let Some(why) = &cell.broke {
        let _ = writeln!(text, "  could not be run to its end {why}");
    }
    for difference in &cell.differences {
        let _ = writeln!(text, "  {}, {}", difference.heading, difference.what.as_str());
        let _ = writeln!(text, "    $ {}", difference.command.trim().replace('\n', "\n      "));
        for (who, lines) in [("real", &difference.real), ("stub", &difference.stub)] {
            let shown = if lines.is_empty() { "(nothing)".to_owned() } else { lines.join("\n         ") };
            let _ = writeln!(text, "    {who} {shown}");
        }
    }
    text
}

/// The complete run as one object. Its form is version 1. Fields may be added to it.
pub fn comparison_json(comparisons: &[Comparison], seconds: f64) -> Value {
    let releases: Vec<Value> = comparisons
        .iter()
        .map(|comparison| {
            let cells: Vec<Value> = comparison.cells.iter().map(cell_json).collect();
            json!({
                "release": comparison.release.to_string(),
                "equal": comparison.equal(),
                "leaks": leaks_json(&comparison.leaks),
                "cells": cells,
            })
        })
        .collect();
    let result = if comparisons.iter().all(Comparison::is_equal) { "equal" } else { "differs" };
    json!({"version": 1, "result": result, "seconds": thousandths(seconds), "releases": releases})
}

fn cell_json(cell: &ComparedCell) -> Value {
    let differences: Vec<Value> = cell
        .differences
        .iter()
        .map(|difference| {
            json!({
                "step": difference.heading,
                "command": difference.command,
                "what": difference.what.as_str(),
                "real": difference.real,
                "stub": difference.stub,
            })
        })
        .collect();
    json!({"id": cell.id, "equal": cell.is_equal(), "broke": cell.broke, "differences": differences})
}
