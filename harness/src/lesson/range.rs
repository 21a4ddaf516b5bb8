//! Which Codex releases something is said of.

use std::fmt;

use semver::{Version, VersionReq};
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
    fn what_is_no_range_says_how_one_is_written() {
        let problem = Releases::try_from("0.134 and later".to_owned()).unwrap_err();
        assert!(problem.contains("write `*`"), "{problem}");
    }
}
