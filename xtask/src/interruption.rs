//! Ctrl-C, SIGTERM and SIGHUP: whether one came, and what to say about the work that was done until then.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Ends the progress display, and says what was done.
type Conclude = Box<dyn Fn() -> String + Send + Sync>;

static CONCLUDE: OnceLock<Conclude> = OnceLock::new();

static REPORT: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();

/// Whether the run was interrupted. Checks that fail afterwards fail because their container is being removed.
pub(crate) fn came() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Records an interruption. Returns what was done until then, if a command told how to say it.
pub(crate) fn comes() -> Option<String> {
    INTERRUPTED.store(true, Ordering::SeqCst);
    CONCLUDE.get().map(|conclude| conclude())
}

/// What to call when an interruption comes. A command has one progress display, so only the first call counts.
pub(crate) fn conclude_with(conclude: impl Fn() -> String + Send + Sync + 'static) {
    let _ = CONCLUDE.set(Box::new(conclude));
}

/// What to call to write the reports of an interrupted run. A command has one set of reports, so only the first call counts.
pub(crate) fn report_with(report: impl Fn() + Send + Sync + 'static) {
    let _ = REPORT.set(Box::new(report));
}

/// Writes the reports of an interrupted run, if there are to be any.
pub(crate) fn report() {
    if let Some(report) = REPORT.get() {
        report();
    }
}

/// If the run was interrupted, waits for the handler, which removes the containers and exits with 130.
pub(crate) fn wait_if_it_came() {
    while came() {
        std::thread::sleep(Duration::from_millis(50));
    }
}
