//! The findings of codex's own doctor, if the release has one.

use serde_json::Value;

use super::Finding;
use super::facts::{Facts, Report};

/// Checks of codex that say nothing here: it runs with a temporary home without the login, and without a person at a
/// terminal.
const NOT_OF_THE_ACCOUNT: [&str; 6] = [
    "auth.credentials",
    "state.paths",
    "state.rollout_db_parity",
    "system.disk",
    "terminal.env",
    "terminal.title",
];

const SUBJECT: &str = "codex doctor";

/// The exit status of codex for a command line that it does not understand.
const USAGE: i32 = 2;

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let (report, status) = match &facts.more.report {
        Report::NotAsked => return Vec::new(),
        Report::NotInTime => {
            return vec![Finding::note(SUBJECT, "codex did not answer in time, and was stopped")];
        }
        Report::Ended(report, status) => (report, *status),
    };
    // The output of a launcher may come before it.
    let json = report.find('{').map(|at| &report[at..]).unwrap_or_default();
    let report: Value = serde_json::from_str(json).unwrap_or_default();
    let Some(checks) = report["checks"].as_object() else {
        let what = match status {
            USAGE => "not available in this release of codex".to_owned(),
            _ => format!("`codex doctor` printed no report (exit {status})"),
        };
        return vec![Finding::note(SUBJECT, what)];
    };
    let told = |check: &Value| {
        let summary = check["summary"].as_str().unwrap_or("no summary");
        match check["remediation"].as_str() {
            Some(remedy) => format!("{summary}. {remedy}"),
            None => summary.to_owned(),
        }
    };
    let looked_at = checks.iter().filter(|(id, _)| !NOT_OF_THE_ACCOUNT.contains(&id.as_str()));
    let mut findings = Vec::new();
    let mut good = 0;
    for (id, check) in looked_at {
        match check["status"].as_str() {
            Some("fail") => findings
                .push(Finding::problem(SUBJECT, format!("{id}: {}", told(check))).on_host("codex doctor")),
            Some("warning") => findings.push(Finding::note(SUBJECT, format!("{id}: {}", told(check)))),
            _ => good += 1,
        }
    }
    findings.insert(0, Finding::ok(SUBJECT, format!("{good} of its checks find nothing wrong")));
    findings
}
