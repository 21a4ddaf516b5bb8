//! Progress output during a run: a live line on a terminal, plain lines otherwise.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codex_remote_auth::output::Colours;
use codex_remote_auth::{say_line, tell_line};
use harness::report::{self, Rows};
use harness::run::{Check, CheckResult, Progress, Status};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{interruption, terminal};

/// What is printed while checks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    /// A line for each check, with what it showed if `verbose` is set.
    Checks {
        /// Whether to print what each check showed.
        verbose: bool,
    },
    /// Only the lines that the command prints itself.
    Own,
    /// Nothing on the standard output until the end.
    None,
}

/// What the count of an interrupted run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    /// Checks, which pass or fail.
    Checks,
    /// Checks under mutants. Whether one passes says nothing by itself.
    Runs,
}

/// Prints a line to standard output when a check ends, and shows the running checks on standard error.
#[derive(Debug)]
pub(crate) struct Live {
    bar: ProgressBar,
    running: Mutex<Vec<String>>,
    tally: Arc<Tally>,
    colours: Colours,
    lines: Lines,
    id_width: AtomicUsize,
}

#[derive(Debug, Default)]
struct Tally {
    expected: AtomicUsize,
    passed: AtomicUsize,
    failed: AtomicUsize,
}

impl Tally {
    fn in_words(&self, count: Count) -> String {
        let of = |number: &AtomicUsize| number.load(Ordering::SeqCst);
        let (passed, failed) = (of(&self.passed), of(&self.failed));
        let rest = of(&self.expected).saturating_sub(passed + failed);
        let failures = if failed > 0 { format!(", {failed} failed") } else { String::new() };
        match count {
            Count::Checks => format!("{passed} passed{failures}, {rest} not run"),
            Count::Runs => format!("{} runs done, {rest} not run", passed + failed),
        }
    }
}

impl Live {
    /// Starts to show progress. If the run is interrupted, the live line is cleared, and the counts are said.
    pub(crate) fn new(lines: Lines, count: Count, colours: Colours) -> Self {
        let bar = ProgressBar::with_draw_target(None, target(lines));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed}  {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        let tally = Arc::new(Tally::default());
        let (shown, counted) = (bar.clone(), Arc::clone(&tally));
        interruption::conclude_with(move || {
            shown.finish_and_clear();
            // What the other threads still report must not bring the line back.
            shown.set_draw_target(ProgressDrawTarget::hidden());
            counted.in_words(count)
        });
        Self { bar, running: Mutex::default(), tally, colours, lines, id_width: AtomicUsize::default() }
    }

    /// Sets the number of checks, and the width of the column with their names.
    pub(crate) fn expect(&self, count: usize, id_width: usize) {
        self.tally.expected.store(count, Ordering::SeqCst);
        self.id_width.store(id_width, Ordering::SeqCst);
        self.bar.set_length(count as u64);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} {elapsed}  {wide_msg}") {
            self.bar.set_style(style);
        }
    }

    /// Shows what is being prepared before the first check.
    pub(crate) fn say(&self, what: &str) {
        if interruption::came() {
            return;
        }
        if self.bar.is_hidden() {
            tell_line!("{what}");
        } else {
            self.bar.set_message(what.to_owned());
        }
    }

    /// Prints a line above the live one.
    pub(crate) fn print(&self, line: &str) {
        if !interruption::came() {
            self.bar.suspend(|| say_line!("{line}"));
        }
    }

    /// Clears the live line.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn show_running(&self, change: impl FnOnce(&mut Vec<String>)) {
        if let Ok(mut running) = self.running.lock() {
            change(&mut running);
            self.bar.set_message(running.join(", "));
        }
    }
}

/// Where the live line is drawn: on the standard error, if it is a terminal. If lines go into a pipe meanwhile, the program at its
/// other end may print them to the same terminal at any moment, into the live line. So there is none then.
fn target(lines: Lines) -> ProgressDrawTarget {
    let is_mixed = lines != Lines::None && terminal::stdout_is_a_pipe();
    if std::io::stderr().is_terminal() && !is_mixed {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    }
}

impl Progress for Live {
    fn began(&self, check: &Check<'_>) {
        if !interruption::came() {
            self.show_running(|running| running.push(check.id().to_owned()));
        }
    }

    fn ended(&self, result: &CheckResult) {
        if interruption::came() {
            return;
        }
        let count = if result.status == Status::Pass { &self.tally.passed } else { &self.tally.failed };
        count.fetch_add(1, Ordering::SeqCst);
        if let Lines::Checks { verbose } = self.lines {
            let id_width = self.id_width.load(Ordering::SeqCst);
            let rows = Rows { id_width, width: terminal::width(), verbose, colours: self.colours };
            self.print(&report::line(result, rows));
        }
        self.bar.inc(1);
        self.show_running(|running| {
            if let Some(at) = running.iter().position(|id| *id == result.id) {
                running.remove(at);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_counted_and_the_rest_was_not_run() {
        let tally = Tally::default();
        tally.expected.store(54, Ordering::SeqCst);
        tally.passed.store(8, Ordering::SeqCst);
        assert_eq!(tally.in_words(Count::Checks), "8 passed, 46 not run");
        tally.failed.store(1, Ordering::SeqCst);
        assert_eq!(tally.in_words(Count::Checks), "8 passed, 1 failed, 45 not run");
        assert_eq!(tally.in_words(Count::Runs), "9 runs done, 45 not run");
    }
}
