//! A run that ended early, as the JSON object that it would have printed.

use serde_json::{Value, json};

use super::drift::cell_json;
use super::json::{check_json, leaks_json, not_run_json, thousandths};
use super::outcome::{Outcome, Row, Suite};
use crate::run::Cell;

/// What a check that was not run has for a status.
const NOT_RUN: &str = "not-run";

/// What is known of a run of `smoke` that ended early. The form is that of [`run_json`](super::run_json), with `stopped`.
pub fn stopped_run_json(outcome: &Outcome) -> Value {
    let suite = outcome.suites.first();
    let check = |row: Row<'_>| match row.result {
        Some(result) => check_json(result, &outcome.catalogue),
        None => not_run_json(&row.check.id, &row.check.title, row.check.kind, outcome.why_not_run()),
    };
    let checks: Vec<Value> = suite.iter().flat_map(|suite| suite.rows()).map(check).collect();
    json!({
        "version": 1,
        "result": "fail",
        "stopped": outcome.why_not_run(),
        "codex": suite.map(|suite| {
            let release = suite.codex.release.as_ref().map(ToString::to_string);
            json!({"kind": suite.codex.kind, "release": release})
        }),
        "target": {
            "kind": outcome.target.as_ref().map_or("docker", |target| target.kind),
            "image": outcome.target.as_ref().map(|target| &target.image),
        },
        "seconds": thousandths(outcome.elapsed.as_secs_f64()),
        "leaks": suite.map_or(json!([]), |suite| leaks_json(&suite.leaks)),
        "checks": checks,
    })
}

/// What is known of a run of `drift` that ended early. The form is that of [`drift_json`](super::drift_json), with `stopped`.
pub fn stopped_drift_json(outcome: &Outcome) -> Value {
    let releases: Vec<Value> = outcome.suites.iter().map(|suite| release(suite, outcome)).collect();
    json!({
        "version": 1,
        "result": "drifted",
        "stopped": outcome.why_not_run(),
        "seconds": thousandths(outcome.elapsed.as_secs_f64()),
        "releases": releases,
    })
}

fn release(suite: &Suite, outcome: &Outcome) -> Value {
    let run = suite.rows().into_iter().map(|row| match row.result {
        Some(result) => cell_json(&Cell::of(&row.check.id, Some(result.clone()))),
        None => {
            let seen = format!("not run: {}", outcome.why_not_run());
            json!({"lesson": row.check.id, "status": NOT_RUN, "seen": seen, "expected": null})
        }
    });
    let cells: Vec<Value> =
        run.chain(suite.not_applicable.iter().map(|lesson| cell_json(&Cell::of(lesson, None)))).collect();
    json!({
        "release": suite.codex.release.as_ref().map(ToString::to_string),
        "codex": suite.codex.kind,
        "sha256": suite.codex.sha256,
        "seconds": thousandths(suite.work().as_secs_f64()),
        "leaks": leaks_json(&suite.leaks),
        "cells": cells,
    })
}
