//! The hosts that a person names, and the files in which such names stand.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Hosts in the order in which they were named, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

/// Why a file with hosts cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HostsProblem {
    /// It cannot be read.
    #[error(
        "{path}: the hosts cannot be read: {reason}; nothing was sent. Name a text file with one host a line"
    )]
    Unreadable {
        /// The path as it was given.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The hosts that failed cannot be written down.
    #[error(
        "{path}: the hosts that failed cannot be written down: {reason}. They are in the report, and what was done is done; \
         name a file that can be written to"
    )]
    Unwritable {
        /// The path as it was given.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}

impl Hosts {
    /// Adds one, if it is not there.
    pub fn add(&mut self, host: &str) {
        if !self.0.iter().any(|known| known == host) {
            self.0.push(host.to_owned());
        }
    }

    /// Adds those of a text: one a line, what stands behind a `#` at a line's or a word's beginning left out.
    pub fn add_lines(&mut self, text: &str) {
        // Editors on Windows begin a file with a byte order mark.
        for line in text.trim_start_matches('\u{feff}').lines() {
            let end = line
                .match_indices('#')
                .map(|(at, _)| at)
                .find(|&at| at == 0 || line.as_bytes()[at - 1].is_ascii_whitespace());
            let host = line[..end.unwrap_or(line.len())].trim();
            if !host.is_empty() {
                self.add(host);
            }
        }
    }

    /// Adds those of a file.
    ///
    /// # Errors
    /// [`HostsProblem::Unreadable`].
    pub fn add_file(&mut self, path: &Path) -> Result<(), HostsProblem> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| HostsProblem::Unreadable { path: path.to_owned(), reason: error.to_string() })?;
        self.add_lines(&text);
        Ok(())
    }

    /// Writes hosts to a file, one a line; an empty file says that there are none.
    ///
    /// # Errors
    /// [`HostsProblem::Unwritable`].
    pub fn write(hosts: &[&str], path: &Path) -> Result<(), HostsProblem> {
        let text: String = hosts.iter().map(|host| format!("{host}\n")).collect();
        std::fs::write(path, text)
            .map_err(|error| HostsProblem::Unwritable { path: path.to_owned(), reason: error.to_string() })
    }

    /// All of them.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_counts_once_and_remarks_do_not() {
        let mut hosts = Hosts::default();
        hosts.add("b");
        hosts.add_lines("\u{feff}# all\n a \r\n\nb\nroot@c:2222 # the third\nd#e\n#f");
        assert_eq!(hosts.names(), ["b", "a", "root@c:2222", "d#e"]);
        let mut first = Hosts::default();
        first.add_lines("\u{feff}box\r\nbox\r\n");
        assert_eq!(first.names(), ["box"]);
    }

    #[test]
    fn what_failed_is_what_a_later_run_reads() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("failed");
        Hosts::write(&["x", "y"], &file).unwrap();
        let mut hosts = Hosts::default();
        hosts.add_file(&file).unwrap();
        assert_eq!(hosts.names(), ["x", "y"]);
        Hosts::write(&[], &file).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "");
    }
}
