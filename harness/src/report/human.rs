//! The result of a run as a table for people.

use std::fmt::Write as _;

use crate::run::{CheckResult, MutantVerdict, RunResult, Status};
use codex_remote_auth::output::Colours;

/// One check as one line: whether it passed, its time, its name, and what it showed.
pub fn line(check: &CheckResult, id_width: usize, colours: Colours) -> String {
    let mark = match check.status {
        Status::Pass => colours.good("ok  "),
        Status::Fail => colours.bad("FAIL"),
    };
    let time = colours.faint(&format!("{:>6.0} ms", check.elapsed.as_secs_f64() * 1_000.0));
    format!("{mark} {time}  {:<id_width$}  {}", check.id, shortened(&check.summary))
}

/// The longest summary that fits on one line of a wide terminal, in characters.
const WIDTH: usize = 130;

fn shortened(text: &str) -> String {
    let one_line = text.replace('\n', " ");
    if one_line.chars().count() <= WIDTH {
        return one_line;
    }
    let mut short: String = one_line.chars().take(WIDTH - 1).collect();
    short.push('…');
    short
}

/// Every failure with its command, its account, what was expected and seen, and the next step.
pub fn failures(result: &RunResult, colours: Colours) -> String {
    let mut text = String::new();
    for check in &result.checks {
        for failure in &check.failures {
            let _ = writeln!(text, "\n{} {}", colours.bad("FAIL"), check.id);
            let step = match failure.step.as_str() {
                "" => String::new(),
                step => format!("{step} ({})", failure.about.as_str()),
            };
            for (name, value) in [
                ("step", &step),
                ("command", &failure.command),
                ("account", &failure.account),
                ("expected", &failure.expected),
                ("seen", &failure.seen),
                ("next", &failure.next),
            ]
            .into_iter()
            .filter(|(name, value)| *name != "step" || !value.is_empty())
            {
                let value = value.trim().replace('\n', "\n            ");
                let _ = writeln!(text, "  {name:<9} {value}");
            }
        }
    }
    for leak in &result.leaks {
        let _ = writeln!(text, "\n{} a secret was seen, {}: {}", colours.bad("LEAK"), leak.form, leak.place);
        let _ = writeln!(
            text,
            "  next      output must never contain a secret; rerun the checks one at a time to find the source"
        );
    }
    text
}

/// The last line: the counts, and the wall time.
pub fn summary(result: &RunResult, wall_seconds: f64, colours: Colours) -> String {
    let failed = result.checks.iter().filter(|check| check.status == Status::Fail).count();
    let passed = result.checks.len() - failed;
    let counts = format!("{passed} passed, {failed} failed");
    let counts = if result.holds() { colours.good(&counts) } else { colours.bad(&counts) };
    let leaks = match result.leaks.len() {
        0 => "no secrets seen".to_owned(),
        1 => colours.bad("a secret seen in 1 place"),
        count => colours.bad(&format!("secrets seen in {count} places")),
    };
    format!("{counts}; {leaks}; {wall_seconds:.2} s")
}

/// Each mutant as one line: whether it was killed, its lesson, and the evidence.
pub fn mutant_lines(verdicts: &[MutantVerdict], colours: Colours) -> String {
    let width =
        |of: fn(&MutantVerdict) -> &str| verdicts.iter().map(|verdict| of(verdict).len()).max().unwrap_or(0);
    let (lessons, mutants) = (width(|verdict| &verdict.lesson), width(|verdict| &verdict.mutant));
    let mut text = String::new();
    for verdict in verdicts {
        let mark = if verdict.killed { colours.good("killed  ") } else { colours.bad("SURVIVED") };
        let evidence = shortened(&verdict.evidence);
        let _ =
            writeln!(text, "{mark} {:<lessons$}  {:<mutants$}  {evidence}", verdict.lesson, verdict.mutant);
    }
    text
}

/// The last line of a run of mutants.
pub fn mutant_summary(verdicts: &[MutantVerdict], wall_seconds: f64, colours: Colours) -> String {
    let killed = verdicts.iter().filter(|verdict| verdict.killed).count();
    let survived = verdicts.len() - killed;
    let counts = format!("{killed} killed, {survived} survived");
    let counts = if survived == 0 { colours.good(&counts) } else { colours.bad(&counts) };
    format!("{counts}; {wall_seconds:.2} s")
}
