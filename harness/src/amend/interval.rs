//! A range of releases as its two ends.

use std::fmt;

use semver::{Op, Version, VersionReq};

use super::Stretch;
use codex_remote_auth::lessons::Releases;

/// The releases from one on, up to another that is none of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Interval {
    from: Option<Version>,
    until: Option<Version>,
}

impl Interval {
    /// Of a range that is written with `>=` and `<` alone.
    pub(super) fn of(releases: &Releases) -> Option<Self> {
        let range = VersionReq::parse(&releases.to_string()).ok()?;
        let mut interval = Self::default();
        for end in range.comparators {
            let version = Version::new(end.major, end.minor.unwrap_or(0), end.patch.unwrap_or(0));
            let end_of_interval = match end.op {
                Op::GreaterEq => &mut interval.from,
                Op::Less => &mut interval.until,
                _ => return None,
            };
            if !end.pre.is_empty() || end_of_interval.replace(version).is_some() {
                return None;
            }
        }
        Some(interval)
    }

    /// What of it is before a stretch, in it, and after it; none where that has no release.
    pub(super) fn split(&self, stretch: &Stretch) -> [Option<Self>; 3] {
        let first = if stretch.open_below { self.from.clone() } else { Some(stretch.first.clone()) };
        let until = stretch.until.clone();
        let below = first.clone().map(|first| self.and(None, Some(first)));
        let above = until.clone().map(|until| self.and(Some(until), None));
        [below, Some(self.and(first, until)), above].map(|part| part.filter(Self::has_releases))
    }

    fn and(&self, from: Option<Version>, until: Option<Version>) -> Self {
        let until = match (self.until.clone(), until) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Self { from: self.from.clone().max(from), until }
    }

    fn has_releases(&self) -> bool {
        let from = self.from.clone().unwrap_or(Version::new(0, 0, 0));
        self.until.as_ref().is_none_or(|until| from < *until)
    }
}

/// As a lesson has it: the last number is left out where it is 0.
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from.as_ref().map(short), self.until.as_ref().map(short)) {
            (None, None) => f.write_str("*"),
            (Some(from), None) => write!(f, ">={from}"),
            (None, Some(until)) => write!(f, "<{until}"),
            (Some(from), Some(until)) => write!(f, ">={from}, <{until}"),
        }
    }
}

fn short(version: &Version) -> String {
    match version.patch {
        0 => format!("{}.{}", version.major, version.minor),
        patch => format!("{}.{}.{patch}", version.major, version.minor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(text: &str) -> Option<Interval> {
        Interval::of(&Releases::try_from(text.to_owned()).unwrap())
    }

    #[test]
    fn a_range_is_written_as_lessons_write_it() {
        for text in ["*", "<0.134", ">=0.134", ">=0.134, <0.147", ">=0.144.4"] {
            assert_eq!(interval(text).unwrap().to_string(), text);
        }
        assert_eq!(interval(">=0.134.0").unwrap().to_string(), ">=0.134");
        for text in ["=0.134.0", "0.134", "~0.134", ">0.134", "<=0.134", ">=0.1, >=0.2", "<0.134.0-alpha.1"] {
            assert_eq!(interval(text), None, "{text}");
        }
    }

    #[test]
    fn a_split_leaves_no_release_out_and_names_none_twice() {
        let versions: Vec<Version> = (0..8).map(|minor| Version::new(0, minor, 0)).collect();
        for text in ["*", "<0.6", ">=0.1", ">=0.1, <0.6"] {
            let whole = interval(text).unwrap();
            let releases = Releases::try_from(text.to_owned()).unwrap();
            for (first, until, open_below) in
                (1..6).flat_map(|first| (first + 1..8).map(move |until| (first, until, until % 2 == 0)))
            {
                let stretch = Stretch {
                    first: versions[first].clone(),
                    open_below,
                    until: (until < 7).then(|| versions[until].clone()),
                };
                let parts = whole.split(&stretch);
                for version in &versions {
                    let holds = |part: &Option<Interval>| {
                        part.as_ref().is_some_and(|part| {
                            Releases::try_from(part.to_string()).unwrap().contains(version)
                        })
                    };
                    let of = parts.iter().filter(|part| holds(part)).count();
                    assert_eq!(of, usize::from(releases.contains(version)), "{text} {stretch:?} {version}");
                }
            }
        }
    }
}
