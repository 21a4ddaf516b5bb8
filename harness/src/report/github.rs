//! What GitHub Actions shows of a run: an annotation at the file and line of each failure, and a summary of the job.

use std::fmt::Write as _;

use super::outcome::{End, Outcome, Row, Suite};
use super::place::from_workspace;
use crate::run::{CheckResult, Failure};

/// How many failures the summary lists. GitHub shows no summary of more than 1 MiB.
const MOST: usize = 100;

/// How many characters of an expectation or an output are quoted.
const QUOTED: usize = 300;

/// A workflow command for each failure, each on one line. GitHub reads them from the output of a step.
pub fn annotations(outcome: &Outcome) -> String {
    let mut text = String::new();
    for (suite, result, failure) in failures(outcome) {
        let place = outcome.catalogue.place(&result.id, &failure.step);
        let place = place.map(|place| {
            let file = from_workspace(&place.path).display().to_string();
            format!("file={},line={},", property(&file), place.line)
        });
        let message = format!(
            "{}\nexpected: {}\nseen: {}",
            suite.codex.words,
            failure.expected.trim(),
            failure.seen_in_short(QUOTED)
        );
        let title = property(&title(result, failure));
        let _ = writeln!(text, "::error {}title={title}::{}", place.unwrap_or_default(), data(&message));
    }
    for (suite, place) in leaks(outcome) {
        let _ = writeln!(text, "::error title=A secret was seen::{}", data(&format!("{suite}: {place}")));
    }
    if outcome.stopped.is_some() {
        let _ = writeln!(text, "::error title=The run ended early::{}", data(&ended_early(outcome)));
    }
    text
}

/// The summary of a job, as Markdown.
pub fn job_summary(outcome: &Outcome) -> String {
    let result = if outcome.holds() { "passed" } else { "failed" };
    let mut text = format!("### cargo xtask {}: {result}\n\n", outcome.command);
    if outcome.stopped.is_some() {
        let _ = writeln!(text, "**{}**\n", cell(&ended_early(outcome)));
    }
    text.push_str("| codex | passed | failed | could not be run | not run | time of its checks |\n|---|---|---|---|---|---|\n");
    for suite in &outcome.suites {
        let [passed, failed, broke, not_run] =
            [End::Passed, End::Failed, End::Broke, End::NotRun].map(|end| suite.count(end));
        let (codex, seconds) = (cell(&suite.codex.words), suite.work().as_secs_f64());
        let _ = writeln!(text, "| {codex} | {passed} | {failed} | {broke} | {not_run} | {seconds:.1} s |");
    }
    let failures: Vec<_> = failures(outcome).collect();
    if !failures.is_empty() {
        text.push_str("\n| failed | codex | expected | seen |\n|---|---|---|---|\n");
    }
    for (suite, result, failure) in failures.iter().take(MOST) {
        let shown =
            [&title(result, failure), &suite.codex.words, &failure.expected, &failure.seen_in_short(QUOTED)];
        let _ = writeln!(text, "| {} |", shown.map(|shown| cell(shown)).join(" | "));
    }
    if failures.len() > MOST {
        let _ = writeln!(text, "\n{} more failed.", failures.len() - MOST);
    }
    for (suite, place) in leaks(outcome) {
        let _ = writeln!(text, "\n**{}**", cell(&format!("A secret was seen. {suite}: {place}")));
    }
    text + "\n"
}

/// Each failure, with its codex and its check.
fn failures(outcome: &Outcome) -> impl Iterator<Item = (&Suite, &CheckResult, &Failure)> {
    let results =
        outcome.suites.iter().flat_map(|suite| suite.results.iter().map(move |result| (suite, result)));
    results.flat_map(|(suite, result)| result.failures.iter().map(move |failure| (suite, result, failure)))
}

fn leaks(outcome: &Outcome) -> impl Iterator<Item = (&str, &str)> {
    outcome
        .suites
        .iter()
        .flat_map(|suite| suite.leaks.iter().map(|leak| (suite.codex.words.as_str(), leak.place.as_str())))
}

fn title(result: &CheckResult, failure: &Failure) -> String {
    match failure.step.as_str() {
        "" => result.id.clone(),
        step => format!("{}, {step}: {}", result.id, failure.about.as_str()),
    }
}

fn ended_early(outcome: &Outcome) -> String {
    let is_left = |row: &Row<'_>| row.end() == End::NotRun;
    let left = outcome.suites.iter().flat_map(Suite::rows).filter(is_left).count();
    format!("The run ended early: {}. Checks that did not run: {left}.", outcome.why_not_run())
}

/// A text as the message of a workflow command. It cannot begin another command, because it stays on its line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A text in a table of Markdown, where none of its characters mean anything.
fn cell(text: &str) -> String {
    let mut shown = String::new();
    for character in text.trim().chars() {
        match character {
            '\n' => shown.push_str("<br>"),
            plain if plain.is_alphanumeric() || " -,".contains(plain) => shown.push(plain),
            other if other.is_control() => shown.push(' '),
            other => {
                let _ = write!(shown, "&#{};", u32::from(other));
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_command_or_a_property() {
        assert_eq!(data("50%\r\n::error::no"), "50%25%0D%0A::error::no");
        assert_eq!(property("a,line=1::x\n"), "a%2Cline=1%3A%3Ax%0A");
    }

    #[test]
    fn a_cell_of_a_table_is_only_text() {
        assert_eq!(cell("a|b\n<img>"), "a&#124;b<br>&#60;img&#62;");
        assert_eq!(
            cell("[x](y) @me `c` **d**"),
            "&#91;x&#93;&#40;y&#41; &#64;me &#96;c&#96; &#42;&#42;d&#42;&#42;"
        );
    }
}
