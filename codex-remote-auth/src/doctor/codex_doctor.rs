//! The findings of codex's own doctor, if the release has one.

use serde_json::Value;

use super::Finding;
use super::facts::Facts;

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

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let Some(report) = &facts.more.report else { return Vec::new() };
    // The output of a launcher may come before it.
    let json = report.find('{').map(|at| &report[at..]).unwrap_or_default();
    let report: Value = serde_json::from_str(json).unwrap_or_default();
    let Some(checks) = report["checks"].as_object() else {
        return vec![Finding::note("codex doctor", "not available in this release of codex")];
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
                .push(Finding::bad("codex doctor", format!("{id}: {}", told(check))).there("codex doctor")),
            Some("warning") => findings.push(Finding::note("codex doctor", format!("{id}: {}", told(check)))),
            _ => good += 1,
        }
    }
    findings.insert(0, Finding::good("codex doctor", format!("{good} of its checks find nothing wrong")));
    findings
}
