//! Which version is built, and what its changes are. The version stands only in Cargo.toml, the changes only in CHANGELOG.md.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use super::changelog;

/// The version that is built.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Release {
    /// The version of the workspace.
    pub(super) version: String,
    /// Whether a tag names this commit as the release of that version.
    pub(super) tagged: bool,
    /// The changes, in Markdown.
    pub(super) notes: String,
    /// The time of the commit, in seconds since 1970. Every file of the build has it, so two builds of a commit are alike.
    pub(super) seconds: i64,
}

impl Release {
    /// The release that the checkout is at.
    pub(super) fn of_checkout(root: &Path) -> anyhow::Result<Self> {
        let path = root.join("CHANGELOG.md");
        let changes = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let tags = git(root, &["tag", "--points-at", "HEAD"])?;
        let seconds = git(root, &["log", "-1", "--format=%ct"])?;
        let seconds = seconds.trim().parse().context("git does not say when the commit was made")?;
        // Every package of the workspace has the same version.
        Self::of(env!("CARGO_PKG_VERSION"), tags.lines(), &changes, seconds)
    }

    fn of<'a>(
        version: &str,
        tags: impl Iterator<Item = &'a str>,
        changes: &str,
        seconds: i64,
    ) -> anyhow::Result<Self> {
        let is_version =
            |tag: &&str| tag.strip_prefix('v').is_some_and(|rest| semver::Version::parse(rest).is_ok());
        let tags: Vec<&str> = tags.filter(is_version).collect();
        let tag = format!("v{version}");
        if let Some(other) = tags.iter().find(|other| **other != tag) {
            anyhow::bail!(
                "the tag {other} is not the version in Cargo.toml, which is {version}\n\
                 hint: set `version` under [workspace.package] in Cargo.toml, commit it, and tag that commit"
            );
        }
        let tagged = !tags.is_empty();
        let own = changelog::section(changes, version);
        let notes = if tagged { own } else { changelog::section(changes, "Unreleased").or(own) };
        let Some(notes) = notes.filter(|notes| !notes.is_empty()) else {
            let wanted = if tagged { version } else { "Unreleased" };
            anyhow::bail!(
                "CHANGELOG.md does not say what changed in {version}\n\
                 hint: write a section `## {wanted}` in CHANGELOG.md"
            );
        };
        Ok(Self { version: version.to_owned(), tagged, notes: notes.to_owned(), seconds })
    }

    /// The version, and whether it is released.
    pub(super) fn describe(&self) -> String {
        format!("{}{}", self.version, if self.tagged { "" } else { ", no release: no tag names this commit" })
    }
}

fn git(root: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output =
        Command::new("git").arg("-C").arg(root).args(arguments).output().context("cannot run git")?;
    anyhow::ensure!(
        output.status.success(),
        "git {}: {}\nhint: run `cargo xtask dist` in a git checkout",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGES: &str = "# Changelog\n\n## Unreleased\n\n- New.\n\n## 0.2.0 (2026-12-01)\n\n- Old.\n";

    fn of(version: &str, tags: &[&str], changes: &str) -> Result<(bool, String), String> {
        let release = Release::of(version, tags.iter().copied(), changes, 0);
        release.map(|release| (release.tagged, release.notes)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_commit_without_a_tag_has_the_changes_that_are_not_released() {
        assert_eq!(of("0.2.0", &[], CHANGES), Ok((false, "- New.".to_owned())));
        assert_eq!(of("0.2.0", &["nightly", "vendored"], CHANGES), Ok((false, "- New.".to_owned())));
    }

    #[test]
    fn a_tag_has_the_changes_of_its_version() {
        assert_eq!(of("0.2.0", &["nightly", "v0.2.0"], CHANGES), Ok((true, "- Old.".to_owned())));
    }

    #[test]
    fn a_tag_of_another_version_is_refused() {
        let said = of("0.2.0", &["v0.3.0"], CHANGES).unwrap_err();
        assert!(said.contains("the tag v0.3.0 is not the version in Cargo.toml, which is 0.2.0"), "{said}");
    }

    #[test]
    fn a_version_without_changes_is_refused() {
        for changes in
            ["# Changelog\n\n## Unreleased\n\n- New.\n", "## 0.2.1\n\n- x\n", "## 0.2.0\n\n## 0.1.0\n\n- x\n"]
        {
            let said = of("0.2.0", &["v0.2.0"], changes).unwrap_err();
            assert!(said.contains("write a section `## 0.2.0`"), "{said}");
        }
        let said = of("0.2.0", &[], "## 0.1.0\n\n- x\n").unwrap_err();
        assert!(said.contains("write a section `## Unreleased`"), "{said}");
    }
}
