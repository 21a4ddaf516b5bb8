//! How sizes, files and versions are put into words.

use std::path::Path;

use semver::Version;

/// The last part of a path.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// A size for people.
pub(super) fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

/// Those of `known` that stand around `wanted`, in words.
pub(super) fn nearest(known: &[Version], wanted: &Version, which: &str) -> String {
    const EACH_SIDE: usize = 3;
    let at = known.partition_point(|version| version < wanted);
    let near = &known[at.saturating_sub(EACH_SIDE)..known.len().min(at + EACH_SIDE)];
    if near.is_empty() {
        return format!("none is {which}");
    }
    let names: Vec<String> = near.iter().map(Version::to_string).collect();
    format!("{which}: {} ({} in all)", names.join(", "), known.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_stand_on_both_sides() {
        let known: Vec<Version> = (130..140).map(|minor| Version::new(0, minor, 0)).collect();
        let near = nearest(&known, &Version::new(0, 135, 5), "pinned");
        assert_eq!(near, "pinned: 0.133.0, 0.134.0, 0.135.0, 0.136.0, 0.137.0, 0.138.0 (10 in all)");
        assert!(nearest(&known, &Version::new(9, 0, 0), "pinned").starts_with("pinned: 0.137.0"));
        assert_eq!(nearest(&[], &Version::new(9, 0, 0), "pinned"), "none is pinned");
    }
}
