//! What a run reports while it goes on.

use std::sync::Arc;

use super::check::{Check, CheckResult};
use super::leak_scanner::LeakScanner;

/// Reports the progress of a run.
pub trait Progress: Sync {
    /// A check began.
    fn began(&self, check: &Check<'_>);
    /// A check ended.
    fn ended(&self, result: &CheckResult);
    /// The checks are about to begin. This leak scanner knows all their secrets.
    fn scanned_by(&self, _: &Arc<LeakScanner>) {}
}

/// Reports nothing.
#[derive(Debug, Clone, Copy)]
pub struct Quiet;

impl Progress for Quiet {
    fn began(&self, _: &Check<'_>) {}
    fn ended(&self, _: &CheckResult) {}
}
