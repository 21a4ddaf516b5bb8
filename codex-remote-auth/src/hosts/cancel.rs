//! A request to end before all hosts are done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the work should end now. All clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the work to end: no further host is started, and nobody waits for those in progress.
    pub fn ask(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether this was asked.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
