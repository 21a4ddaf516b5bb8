//! What did not pass in the last run of `cargo xtask smoke`, for `--failed`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::names::{NothingSelected, number_of};
use crate::workspace;

/// The names of the checks that failed in the last run, or were not run in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LastRun {
    open: Vec<String>,
}

/// The file with them. It is in the folder for what cargo builds. Another folder of lessons has other names, and so another file.
fn file(lessons: &Path) -> PathBuf {
    let folder = fs::canonicalize(lessons).unwrap_or_else(|_| lessons.to_owned());
    workspace::target().join("last-run").join(format!("{:016x}.json", number_of(&folder.to_string_lossy())))
}

impl LastRun {
    /// Reads what the last run left.
    ///
    /// # Errors
    /// [`NothingSelected`] if no run is recorded, or everything passed in it.
    pub(crate) fn read(lessons: &Path) -> Result<Self, NothingSelected> {
        let text = fs::read_to_string(file(lessons)).unwrap_or_default();
        let open = names(&text).ok_or_else(|| {
            NothingSelected::new("no run is recorded, so no check has failed", "cargo xtask smoke")
        })?;
        if open.is_empty() {
            return Err(NothingSelected::new("every check passed in the last run", "cargo xtask smoke"));
        }
        Ok(Self { open })
    }

    /// Whether a check with this name failed, or was not run.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.open.iter().any(|open| open == name)
    }

    /// Records the names of what did not pass. An interrupted run leaves what it recorded when it began.
    ///
    /// # Errors
    /// The system's error if the file cannot be written.
    pub(crate) fn record(lessons: &Path, open: &[&str]) -> io::Result<()> {
        let file = file(lessons);
        file.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(file, format!("{}\n", json!({ "open": open })))
    }
}

fn names(text: &str) -> Option<Vec<String>> {
    let value: Value = serde_json::from_str(text).ok()?;
    let names = value.get("open")?.as_array()?.iter().map(|name| name.as_str().map(str::to_owned));
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_is_no_record_has_no_names() {
        assert_eq!(names(r#"{"open":["path-sh","git-check"]}"#).unwrap(), ["path-sh", "git-check"]);
        assert_eq!(names(r#"{"open":[]}"#).unwrap(), [""; 0]);
        for text in ["", "{", "{}", r#"{"open":{}}"#, r#"{"open":[1]}"#] {
            assert_eq!(names(text), None, "{text}");
        }
    }
}
