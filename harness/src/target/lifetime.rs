//! When a container ends.

use std::time::Duration;

/// When a container ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// With its run.
    Run,
    /// When a person removes it.
    Kept,
    /// By itself, when nobody has used it for this long.
    Idle(Duration),
}
