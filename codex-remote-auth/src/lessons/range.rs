//! A range of releases.

use std::fmt;

use semver::{Comparator, Version, VersionReq};
use serde::Deserialize;

/// A range of releases, as Cargo writes ranges: `*`, `<0.134`, `>=0.134, <0.147`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Releases {
    text: String,
    range: VersionReq,
}

impl Releases {
    /// Every release.
    pub fn all() -> Self {
        Self { text: "*".to_owned(), range: VersionReq::STAR }
    }

    /// Whether a release is one of them.
    pub fn contains(&self, release: &Version) -> bool {
        self.range.matches(release)
    }

    /// The first release in both ranges, published or not. `None` if the ranges do not overlap.
    pub fn first_common(&self, other: &Self) -> Option<Version> {
        // The common releases begin at 0.0.0, or where one of the two ranges begins.
        let comparators = self.range.comparators.iter().chain(&other.range.comparators);
        let begins = std::iter::once(Version::new(0, 0, 0)).chain(comparators.flat_map(edges));
        begins.filter(|release| self.contains(release) && other.contains(release)).min()
    }
}

/// The releases at which the range of a comparator can begin: the version that it names, and the first one after all that it names.
fn edges(comparator: &Comparator) -> [Version; 2] {
    let Comparator { major, minor, patch, .. } = *comparator;
    let above = match (minor, patch) {
        (None, _) => Version::new(major.saturating_add(1), 0, 0),
        (Some(minor), None) => Version::new(major, minor.saturating_add(1), 0),
        (Some(minor), Some(patch)) => Version::new(major, minor, patch.saturating_add(1)),
    };
    [Version::new(major, minor.unwrap_or(0), patch.unwrap_or(0)), above]
}

impl Default for Releases {
    fn default() -> Self {
        Self::all()
    }
}

impl TryFrom<String> for Releases {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match VersionReq::parse(&text) {
            Ok(range) => Ok(Self { text, range }),
            Err(error) => Err(format!(
                "`{text}` is no range of releases ({error}); write `*`, `<0.134` or `>=0.134, <0.147`"
            )),
        }
    }
}

impl fmt::Display for Releases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_ends_where_the_next_begins() {
        let old = Releases::try_from("<0.134".to_owned()).unwrap();
        let new = Releases::try_from(">=0.134".to_owned()).unwrap();
        for release in ["0.89.0", "0.133.9", "0.134.0", "0.163.0", "1.0.0"] {
            let release = Version::parse(release).unwrap();
            assert_ne!(old.contains(&release), new.contains(&release), "{release}");
        }
    }

    #[test]
    fn two_ranges_have_a_release_in_common_or_none() {
        let common = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|text| Releases::try_from(text.to_owned()).unwrap());
            let found = one.first_common(&other);
            assert_eq!(found, other.first_common(&one));
            found.map(|release| release.to_string())
        };
        for (one, other, first) in [
            ("*", "*", Some("0.0.0")),
            ("<0.134", ">=0.134", None),
            ("<=0.134", ">=0.134", Some("0.134.0")),
            ("<0.147", ">=0.134", Some("0.134.0")),
            (">0.134.0", "<0.134.2", Some("0.134.1")),
            (">0.134.0", "<0.134.1", None),
            (">0.134", "<0.135", None),
            ("=0.134", "<0.134.7", Some("0.134.0")),
            ("=0.134.5", "~0.134.2", Some("0.134.5")),
            ("^0.134.2", "<0.134.2", None),
            ("0.134.*", "^0.133", None),
            (">=0.134, <0.136", ">=0.135, <0.140", Some("0.135.0")),
            (">=0.134, <0.136", ">=0.136, <0.140", None),
            (">=2", "*", Some("2.0.0")),
        ] {
            assert_eq!(common(one, other).as_deref(), first, "{one} and {other}");
        }
    }

    #[test]
    fn what_is_no_range_says_how_one_is_written() {
        let problem = Releases::try_from("0.134 and later".to_owned()).unwrap_err();
        assert!(problem.contains("write `*`"), "{problem}");
    }
}
