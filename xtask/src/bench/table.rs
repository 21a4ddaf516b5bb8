//! Prints measured figures as rows of a table.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::bail;
use codex_remote_auth::cli::exit::Verdict;
use codex_remote_auth::say_line;

/// Prints each row as soon as it is measured, and remembers whether every bound was met.
pub(super) struct Table {
    met: bool,
}

impl Table {
    pub(super) fn new() -> Self {
        Self { met: true }
    }

    /// Prints a figure with its bound.
    pub(super) fn row(&mut self, what: &str, figure: &str, bound: &str, met: bool) {
        say_line!("{what:<66} {figure:>10}   {bound:<9} {}", if met { "met" } else { "NOT MET" });
        self.met &= met;
    }

    /// Prints how many times longer than ours another way takes.
    pub(super) fn times_ours(&mut self, what: &str, other: Duration, ours: Duration, at_least: f64) {
        let ratio = other.as_secs_f64() / ours.as_secs_f64();
        let what = format!("{what}: {} against {}", seconds(other), seconds(ours));
        self.row(&what, &format!("{ratio:.2} x"), &format!(">= {at_least} x"), ratio >= at_least);
    }

    pub(super) fn verdict(&self) -> Verdict {
        self.met.into()
    }
}

/// Runs a program and returns how long it took. A failure of the program is an error, since its time means nothing.
pub(super) fn timed(command: &mut Command) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output()?;
    let wall = began.elapsed();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "this command failed with {}, so its time means nothing: {command:?}\n{}",
            output.status,
            said.trim()
        );
    }
    Ok(wall)
}

/// The median, or zero if there are no durations.
pub(super) fn median(durations: &[Duration]) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

pub(super) fn seconds(duration: Duration) -> String {
    format!("{:.3} s", duration.as_secs_f64())
}

pub(super) fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1e3)
}
