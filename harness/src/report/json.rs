//! The result of a run as one JSON object.

use codex_remote_auth::lessons::Catalogue;
use serde_json::{Value, json};

use crate::run::{CheckResult, Leak, RunResult, Status};
use crate::target::CodexUnderTest;

/// Where a run took place.
#[derive(Debug, Clone)]
pub struct Target {
    /// `docker`.
    pub kind: &'static str,
    /// The image's name and tag.
    pub image: String,
}

/// The result of a run as one object. Its form is version 1. Fields may be added to it.
pub fn run_json(
    result: &RunResult,
    catalogue: &Catalogue,
    codex: &CodexUnderTest,
    target: &Target,
    seconds: f64,
) -> Value {
    let not_run = result.not_run.iter().map(|check| {
        not_run_json(&check.id, &check.title, check.kind, "another check failed before it (--fail-fast)")
    });
    let checks: Vec<Value> =
        result.checks.iter().map(|check| check_json(check, catalogue)).chain(not_run).collect();
    let status = if result.holds() { Status::Pass } else { Status::Fail };
    json!({
        "version": 1,
        "result": status.as_str(),
        "codex": {"kind": codex.kind(), "release": codex.release().to_string()},
        "target": {"kind": target.kind, "image": target.image},
        "seconds": thousandths(seconds),
        "leaks": leaks_json(&result.leaks),
        "checks": checks,
    })
}

/// One check.
pub(super) fn check_json(check: &CheckResult, catalogue: &Catalogue) -> Value {
    let failures: Vec<Value> = check
        .failures
        .iter()
        .map(|failure| {
            let place = catalogue.place(&check.id, &failure.step);
            json!({
                "step": failure.step,
                "file": place.as_ref().map(|place| &place.path),
                "line": place.as_ref().map(|place| place.line),
                "field": failure.about.as_str(),
                "command": failure.command,
                "account": failure.account,
                "expected": failure.expected,
                "seen": failure.seen,
                "next": failure.next,
            })
        })
        .collect();
    let mut object = json!({
        "id": check.id,
        "title": check.title,
        "kind": check.kind,
        "status": check.status.as_str(),
        "seconds": thousandths(check.elapsed.as_secs_f64()),
        "summary": check.summary,
    });
    if check.tries.all() > 1 {
        object["tries"] = json!({"passed": check.tries.passed, "failed": check.tries.failed});
    }
    if !failures.is_empty() {
        object["files"] = check.files.clone().into();
        object["failures"] = failures.into();
    }
    object
}

/// A check that was not run, and why.
pub(super) fn not_run_json(id: &str, title: &str, kind: &str, why: &str) -> Value {
    json!({
        "id": id,
        "title": title,
        "kind": kind,
        "status": "not-run",
        "seconds": 0,
        "summary": format!("not run: {why}"),
    })
}

/// The leaked secrets, each with its place and form.
pub(super) fn leaks_json(leaks: &[Leak]) -> Value {
    let form = |leak: &Leak| match leak.form {
        "as it is" => "plain",
        "in base64" => "base64",
        "URL-encoded" => "url-encoded",
        _ => "unknown",
    };
    leaks.iter().map(|leak| json!({"place": leak.place, "form": form(leak), "check": leak.check})).collect()
}

/// Seconds with three decimal places, as in reports.
pub(super) fn thousandths(seconds: f64) -> f64 {
    (seconds * 1_000.0).round() / 1_000.0
}
