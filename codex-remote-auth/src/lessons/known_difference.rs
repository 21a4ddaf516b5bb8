//! Known differences between the stub and the real Codex, each with its reason.

use std::path::Path;

use serde::Deserialize;

use super::catalogue::malformed;
use super::{CatalogueProblem, Releases};

/// Something that only one of them shows, or that they show differently.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownDifference {
    /// What differs.
    pub what: Differing,
    /// The beginning of the line in the output, the list of files or the list of requests.
    #[serde(default)]
    pub begins: String,
    /// A text that the line also contains.
    #[serde(default)]
    pub holds: String,
    /// Whether such lines are compared without their order and number, instead of being left out.
    #[serde(default)]
    pub repeats: bool,
    /// The lessons and calls that have it; all of them if none is named.
    #[serde(default)]
    pub of: Vec<String>,
    /// The releases that have it.
    #[serde(default)]
    pub codex: Releases,
    /// Why the stub is not made equal.
    pub reason: String,
}

/// What can differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Differing {
    /// How the command ended.
    End,
    /// A line of the standard output.
    Stdout,
    /// A line of the standard error.
    Stderr,
    /// A file that was created, changed or deleted.
    File,
    /// What the cloud was asked.
    Request,
}

impl Differing {
    /// All kinds, in the order of the report.
    pub const ALL: [Self; 5] = [Self::End, Self::Stdout, Self::Stderr, Self::File, Self::Request];

    /// The kind in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::File => "files",
            Self::Request => "requests",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    difference: Vec<KnownDifference>,
}

impl KnownDifference {
    /// Reads all differences of a file.
    ///
    /// # Errors
    /// [`CatalogueProblem::Unreadable`] and [`CatalogueProblem::Malformed`].
    pub fn read(path: &Path) -> Result<Vec<Self>, CatalogueProblem> {
        let text = std::fs::read_to_string(path).map_err(|error| CatalogueProblem::Unreadable {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(toml::from_str::<File>(&text).map_err(|error| malformed(path, &text, &error))?.difference)
    }

    /// Whether it applies to this line.
    pub fn covers(&self, what: Differing, line: &str) -> bool {
        self.what == what && line.starts_with(&self.begins) && line.contains(&self.holds)
    }
}
