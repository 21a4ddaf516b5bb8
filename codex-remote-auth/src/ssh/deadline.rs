//! A time limit.

use std::time::{Duration, Instant};

/// Used for a span that the clock cannot represent: a hundred years.
const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 3_600);

/// The end of a time limit, and its length, so that an error can say how long the wait was.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    at: Instant,
    span: Duration,
}

impl Deadline {
    /// Ends `span` from now.
    pub fn after(span: Duration) -> Self {
        let now = Instant::now();
        Self { at: now.checked_add(span).unwrap_or(now + NEVER), span }
    }

    /// The same limit, extended by time that does not count.
    pub fn later_by(self, span: Duration) -> Self {
        Self { at: self.at.checked_add(span).unwrap_or(self.at), ..self }
    }

    /// The earlier of two limits.
    pub fn or_within(self, span: Duration) -> Self {
        let other = Self::after(span);
        if other.at < self.at { other } else { self }
    }

    /// The time that is left; zero once it has passed.
    pub fn left(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    pub fn passed(&self) -> bool {
        self.left().is_zero()
    }

    /// The length of the limit.
    pub fn span(&self) -> Duration {
        self.span
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_span_is_too_long() {
        let never = Deadline::after(Duration::MAX);
        assert!(!never.passed() && never.left() > Duration::from_secs(3_600));
        assert!(!never.later_by(Duration::MAX).passed());
        assert!(!never.or_within(Duration::MAX).passed());
        assert_eq!(never.or_within(Duration::from_secs(1)).span(), Duration::from_secs(1));
    }
}
