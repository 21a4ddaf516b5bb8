//! Tells which of two copies of a login is newer.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat, Utc};

/// A moment for a person, in UTC, to the minute: `2026-01-24 10:00 UTC`. `None` if no date is so far away.
pub(crate) fn minute_of(unix_seconds: i64) -> Option<String> {
    DateTime::<Utc>::from_timestamp(unix_seconds, 0).map(|at| LastRefresh(at).to_minute())
}

/// A moment in Unix seconds; 0 for one before 1970, as on a machine whose clock was never set.
pub(crate) fn unix_seconds(at: SystemTime) -> i64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// In seconds. Codex renews a login that is in use about once a week.
const LONG_AGO: i64 = 30 * 86_400;

/// In seconds. How much the clocks of two machines may differ.
const CLOCKS_DIFFER: i64 = 3_600;

/// When Codex last refreshed a login: the `last_refresh` of its auth.json.
///
/// Refresh tokens work only once. So the copy with the earlier `last_refresh` has probably stopped working, and copying
/// it over the later one loses the working login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LastRefresh(DateTime<Utc>);

impl LastRefresh {
    /// Reads a time by the rules of chrono, which Codex uses too: RFC 3339 with any offset, and a few looser spellings,
    /// such as a space instead of the `T`. `None` for text that Codex does not read either.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// For a person, in UTC, to the minute: `2026-01-24 10:00 UTC`.
    pub fn to_minute(&self) -> String {
        self.0.format("%Y-%m-%d %H:%M UTC").to_string()
    }

    /// How much newer or older this is than another, in words: `4 days newer`.
    pub fn compared_with(&self, other: &Self) -> String {
        let seconds = (self.0 - other.0).num_seconds();
        let which = if self.0 < other.0 { "older" } else { "newer" };
        let units = [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)];
        let found = units.into_iter().find(|(_, length)| seconds.abs() >= *length);
        match found.map(|(unit, length)| (seconds.abs() / length, unit)) {
            Some((1, unit)) => format!("1 {unit} {which}"),
            Some((count, unit)) => format!("{count} {unit}s {which}"),
            None if self.0 == other.0 => "of the same time".to_owned(),
            None => format!("less than a second {which}"),
        }
    }

    /// Whether this is so long before `now`, in Unix seconds, that the refresh token may have expired too.
    pub fn is_long_ago(&self, now: i64) -> bool {
        now - self.unix_seconds() > LONG_AGO
    }

    /// Whether this is after `now`, in Unix seconds, by more than two clocks may differ.
    pub fn is_in_the_future(&self, now: i64) -> bool {
        self.unix_seconds() - now > CLOCKS_DIFFER
    }

    /// Seconds since 1970, UTC.
    pub fn unix_seconds(&self) -> i64 {
        self.0.timestamp()
    }
}

/// In UTC, to the second: `2026-01-24T10:00:00Z`.
impl fmt::Display for LastRefresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> LastRefresh {
        LastRefresh::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn times_are_ordered_whatever_their_offset_and_fraction() {
        assert!(at("2026-01-24T10:00:00.999999Z") < at("2026-01-24T10:00:01Z"));
        assert!(at("2026-01-24T10:00:00.1Z") < at("2026-01-24T10:00:00.123456789Z"));
        assert_eq!(at("2026-01-24T10:00:00+02:00"), at("2026-01-24T08:00:00Z"));
        assert!(at("2026-01-24T10:00:00+02:00") < at("2026-01-24T09:00:00Z"));
        assert!(at("2026-01-24T23:30:00-05:00") > at("2026-01-25T00:00:00Z"));
    }

    #[test]
    fn a_time_is_shown_in_utc_to_the_second() {
        let moment = at("2026-01-24T01:30:00.75+02:00");
        assert_eq!(moment.to_string(), "2026-01-23T23:30:00Z");
        assert_eq!(at("1970-01-02T00:00:00Z").unix_seconds(), 86_400);
    }

    #[test]
    fn a_difference_is_told_in_the_largest_unit() {
        let then = at("2026-01-20T10:00:00Z");
        for (other, words) in [
            ("2026-01-24T09:00:00Z", "3 days newer"),
            ("2026-01-21T10:00:00Z", "1 day newer"),
            ("2026-01-20T08:59:00Z", "1 hour older"),
            ("2026-01-20T10:02:10Z", "2 minutes newer"),
            ("2026-01-20T09:59:59Z", "1 second older"),
            ("2026-01-20T10:00:00.5Z", "less than a second newer"),
            ("2026-01-20T11:00:00+01:00", "of the same time"),
        ] {
            assert_eq!(at(other).compared_with(&then), words);
        }
        assert_eq!(then.to_minute(), "2026-01-20 10:00 UTC");
    }

    #[test]
    fn every_spelling_that_codex_reads_is_read() {
        for text in [
            "2026-01-24 10:00:00Z",
            "2026-01-24t10:00:00z",
            "2026-01-24T10:00:00+0000",
            "2026-01-24T10:00:00 UTC",
            "2026-1-24T10:0:0Z",
            " 2026-01-24T10:00:00Z ",
        ] {
            assert_eq!(at(text), at("2026-01-24T10:00:00Z"), "{text}");
        }
    }

    #[test]
    fn a_time_that_codex_does_not_read_is_none() {
        for text in [
            "",
            "yesterday",
            "2026-01-24",
            "2026-01-24T10:00:00",
            "2026-01-24 10:00:00",
            "2026/01/24T10:00:00Z",
            "2026-01-24T10:00Z",
        ] {
            assert_eq!(LastRefresh::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_the_seconds(one in 0_i64..4_000_000_000, two in 0_i64..4_000_000_000, hours in -11_i32..=11) {
            let [one_at, two_at] = [one, two].map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap());
            let offset = chrono::FixedOffset::east_opt(hours * 3600).unwrap();
            let one_at = at(&one_at.with_timezone(&offset).to_rfc3339());
            prop_assert_eq!(one_at.cmp(&at(&two_at.to_rfc3339())), one.cmp(&two));
        }
    }
}
