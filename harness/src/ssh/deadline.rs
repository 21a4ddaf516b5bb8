//! A moment by which something must have happened.

use std::time::{Duration, Instant};

/// A moment, and the span it was set with, so that an error can say how long was waited.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    at: Instant,
    span: Duration,
}

impl Deadline {
    /// `span` from now.
    pub fn after(span: Duration) -> Self {
        Self { at: Instant::now() + span, span }
    }

    /// The same, so much later: for time that is not counted.
    pub fn later_by(self, span: Duration) -> Self {
        Self { at: self.at + span, ..self }
    }

    /// Whichever comes first.
    pub fn or_within(self, span: Duration) -> Self {
        let other = Self::after(span);
        if other.at < self.at { other } else { self }
    }

    /// What is left of it; zero once it has passed.
    pub fn left(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    pub fn passed(&self) -> bool {
        self.left().is_zero()
    }

    /// How long it was set for.
    pub fn span(&self) -> Duration {
        self.span
    }
}
