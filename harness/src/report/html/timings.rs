//! Where the time went.

use std::fmt::Write as _;
use std::time::Duration;

use super::super::outcome::{Outcome, Suite};
use super::text::Escaped;
use crate::run::CheckResult;

/// The checks of a run, the slowest first; of several releases, the sum and the slowest check of each.
pub(super) fn timings(outcome: &Outcome) -> String {
    let (about, rows) = match outcome.suites.as_slice() {
        [only] => ("Each check, from its first login to its last answer.", of_one(only)),
        suites => ("Each release: the time of all its checks, and its slowest check.", of_releases(suites)),
    };
    format!(
        "<section>\n<details class=\"timings\"><summary><h2>Timings</h2></summary>\n\
         <p>{about} Checks run in parallel, so the sum is more than the {:.1} s that the run took.</p>\n\
         <table>\n{rows}</table>\n</details>\n</section>\n",
        outcome.elapsed.as_secs_f64()
    )
}

fn of_one(suite: &Suite) -> String {
    let mut results: Vec<&CheckResult> = suite.results.iter().collect();
    results.sort_by_key(|result| std::cmp::Reverse(result.elapsed));
    let most = results.first().map_or(Duration::ZERO, |result| result.elapsed);
    results.into_iter().map(|result| row(&result.id, result.elapsed, most, "")).collect()
}

fn of_releases(suites: &[Suite]) -> String {
    let most = suites.iter().map(Suite::work).max().unwrap_or_default();
    let slowest = |suite: &Suite| {
        let slowest = suite.results.iter().max_by_key(|result| result.elapsed);
        slowest
            .map(|result| format!("{} {:.1} s", result.id, result.elapsed.as_secs_f64()))
            .unwrap_or_default()
    };
    suites.iter().map(|suite| row(&suite.codex.words, suite.work(), most, &slowest(suite))).collect()
}

fn row(name: &str, time: Duration, most: Duration, more: &str) -> String {
    let seconds = time.as_secs_f64();
    let mut text =
        format!("<tr><th scope=\"row\">{}</th><td class=\"time\">{seconds:.1} s</td>", Escaped(name));
    let most = most.as_secs_f64().max(0.001);
    let _ = write!(text, "<td><meter max=\"{most:.3}\" value=\"{seconds:.3}\"></meter></td>");
    let _ = writeln!(text, "<td>{}</td></tr>", Escaped(more));
    text
}
