//! Progress output during a run: a live line on a terminal, plain lines otherwise.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::Duration;

use codex_remote_auth::output::Colours;
use codex_remote_auth::{say_line, tell_line};
use harness::report;
use harness::run::{Check, CheckResult, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::session;

/// Prints a line to standard output when a check ends, and shows the running checks on standard error.
#[derive(Debug)]
pub(crate) struct Live {
    bar: ProgressBar,
    running: Mutex<Vec<String>>,
    id_width: usize,
    colours: Colours,
    lines: bool,
}

impl Live {
    /// `count` is the number of checks, `id_width` the width of the column with their names. `lines` says whether to print a line
    /// for each check.
    pub(crate) fn new(count: usize, id_width: usize, colours: Colours, lines: bool) -> Self {
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(count as u64), target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} {elapsed}  {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar, running: Mutex::default(), id_width, colours, lines }
    }

    /// Corrects the count once it is known.
    pub(crate) fn expect(&self, count: usize) {
        self.bar.set_length(count as u64);
    }

    /// Shows what is being prepared before the first check.
    pub(crate) fn say(&self, what: &str) {
        if self.bar.is_hidden() {
            tell_line!("{what}");
        } else {
            self.bar.set_message(what.to_owned());
        }
    }

    /// Prints a line above the live one.
    pub(crate) fn print(&self, line: &str) {
        self.bar.suspend(|| say_line!("{line}"));
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

impl Progress for Live {
    fn began(&self, check: &Check<'_>) {
        self.show_running(|running| running.push(check.id().to_owned()));
    }

    fn ended(&self, result: &CheckResult) {
        if self.lines && !session::interrupted() {
            let line = report::line(result, self.id_width, self.colours);
            self.bar.suspend(|| say_line!("{line}"));
        }
        self.bar.inc(1);
        self.show_running(|running| {
            if let Some(at) = running.iter().position(|id| *id == result.id) {
                running.remove(at);
            }
        });
    }
}
