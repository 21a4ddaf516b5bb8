//! Which of two copies of a login is the later one.

use std::fmt;

/// When Codex last refreshed a login: the `last_refresh` of its auth.json, to the second, in UTC.
///
/// Refresh tokens are single-use, so a copy with the earlier `last_refresh` is likely to be dead
/// already, and copying it over the later one kills that too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LastRefresh(String);

impl LastRefresh {
    /// Reads an ISO 8601 moment in UTC as Codex writes it: `2026-01-24T10:00:00.123456Z`.
    /// `None` for any other form: an unknown moment is neither earlier nor later.
    pub fn parse(text: &str) -> Option<Self> {
        let seconds = text.get(..19)?;
        let pattern = b"dddd-dd-ddTdd:dd:dd";
        let fits = seconds.bytes().zip(pattern).all(|(byte, kind)| match kind {
            b'd' => byte.is_ascii_digit(),
            literal => byte == *literal,
        });
        (fits && text.ends_with('Z')).then(|| Self(seconds.to_owned()))
    }

    /// The moment as `2026-01-24T10:00:00`, whose order as text is its order in time.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LastRefresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_moments_compare_greater_whatever_their_fractions() {
        let early = LastRefresh::parse("2026-01-24T10:00:00.999999Z");
        let late = LastRefresh::parse("2026-01-24T10:00:01Z");
        assert!(early.is_some() && early < late);
    }

    #[test]
    fn other_forms_are_unknown_and_not_guessed() {
        for text in ["", "yesterday", "2026-01-24", "2026-01-24T10:00:00+02:00", "2026/01/24T10:00:00Z"] {
            assert_eq!(LastRefresh::parse(text), None, "{text}");
        }
    }
}
