//! The result of a run for people: rows, and the last line.

use std::fmt::Write as _;

use super::layout::{cut, hanging};
use crate::run::{CheckResult, MutantVerdict, RunResult, Status};
use crate::target::CodexUnderTest;
use codex_remote_auth::output::Colours;

/// How the rows of a run are printed.
#[derive(Debug, Clone, Copy)]
pub struct Rows {
    /// The width of the column with the names of the checks, in characters.
    pub id_width: usize,
    /// The width of the terminal, in columns. `None` if there is none.
    pub width: Option<usize>,
    /// Whether to print what each check showed under its row.
    pub verbose: bool,
    /// The colours.
    pub colours: Colours,
}

/// The columns before the name: the mark, the time, and the blanks after them.
const BEFORE_ID: usize = 14;

/// One check as one line: whether it passed, its time, its name and its title. What it showed follows, if that is wanted.
pub fn line(check: &CheckResult, rows: Rows) -> String {
    let Rows { id_width, width, verbose, colours } = rows;
    let mark = match check.status {
        Status::Pass => colours.good("ok  "),
        Status::Fail => colours.bad("FAIL"),
    };
    let time = colours.faint(&format!("{:>5.1} s", check.elapsed.as_secs_f64()));
    let before = BEFORE_ID + id_width + 2;
    let flaky = match check.tries {
        tries if tries.is_flaky() => format!("flaky: failed {} of {} times; ", tries.failed, tries.all()),
        _ => String::new(),
    };
    let title = cut(&format!("{flaky}{}", check.title), width.map(|width| width.saturating_sub(before)));
    let mut text = format!("{mark} {time}  {:<id_width$}  {title}", check.id);
    if verbose {
        text.push('\n');
        text.push_str(&hanging(&" ".repeat(BEFORE_ID), &check.summary, width));
    }
    text
}

/// The checks with their times, the slowest first. The percentage is each one's share of the sum, which is longer than the run,
/// because checks run in parallel.
pub fn timings(result: &RunResult, colours: Colours) -> String {
    let mut checks: Vec<&CheckResult> = result.checks.iter().collect();
    checks.sort_by_key(|check| std::cmp::Reverse(check.elapsed));
    let sum: f64 = checks.iter().map(|check| check.elapsed.as_secs_f64()).sum();
    let mut text = String::from("slowest first:\n");
    for check in checks {
        let seconds = check.elapsed.as_secs_f64();
        let share = if sum > 0.0 { 100.0 * seconds / sum } else { 0.0 };
        let _ = writeln!(text, "  {seconds:>6.2} s  {share:>3.0} %  {}", check.id);
    }
    let _ = writeln!(
        text,
        "{}",
        colours
            .faint(&format!("  {sum:>6.2} s  together; {:.2} s in parallel", result.elapsed.as_secs_f64()))
    );
    text
}

/// The last line: the counts, the codex that was tested, and the wall time.
pub fn summary(result: &RunResult, codex: &CodexUnderTest, wall_seconds: f64, colours: Colours) -> String {
    let failed = result.checks.iter().filter(|check| check.status == Status::Fail).count();
    let passed = result.checks.len() - failed;
    let flaky = result.checks.iter().filter(|check| check.tries.is_flaky()).count();
    let mut counts = format!("{passed} passed, {failed} failed");
    if flaky > 0 {
        let _ = write!(counts, " ({flaky} flaky)");
    }
    if !result.not_run.is_empty() {
        let _ = write!(counts, ", {} not run", result.not_run.len());
    }
    let counts = if result.holds() { colours.good(&counts) } else { colours.bad(&counts) };
    let leaks = leaks_in_words(result.leaks.len(), colours);
    format!("{counts} with {}; {leaks}; {wall_seconds:.2} s", codex.in_words())
}

/// How many secrets were seen where none is allowed.
pub(super) fn leaks_in_words(count: usize, colours: Colours) -> String {
    match count {
        0 => "no secret was seen".to_owned(),
        1 => colours.bad("a secret was seen in 1 place"),
        count => colours.bad(&format!("secrets were seen in {count} places")),
    }
}

/// Each mutant as one line: whether it was killed, its lesson, and the evidence.
pub fn mutant_lines(verdicts: &[MutantVerdict], width: Option<usize>, colours: Colours) -> String {
    let longest =
        |of: fn(&MutantVerdict) -> &str| verdicts.iter().map(|verdict| of(verdict).len()).max().unwrap_or(0);
    let (lessons, mutants) = (longest(|verdict| &verdict.lesson), longest(|verdict| &verdict.mutant));
    let mut text = String::new();
    for verdict in verdicts {
        let mark = if verdict.killed { colours.good("killed  ") } else { colours.bad("SURVIVED") };
        let names = format!("{:<lessons$}  {:<mutants$}", verdict.lesson, verdict.mutant);
        // The mark and the names are always whole. Of a survivor, the evidence is too: it says what to change.
        let left = width.filter(|_| verdict.killed).map(|width| width.saturating_sub(11 + names.len()));
        let _ = writeln!(text, "{mark} {names}  {}", cut(&verdict.evidence, left));
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
