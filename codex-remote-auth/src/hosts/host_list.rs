//! The hosts that a person names, and the files that name them.

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
    /// The file for the hosts that fail cannot be written, which was seen before any host was worked on.
    #[error(
        "{path}: this file cannot be written: {reason}; nothing was sent. Name one in a folder that you may write to"
    )]
    NoRetryFile {
        /// The path as it was given.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The hosts that failed cannot be written to their file, which is as it was.
    #[error(
        "{path}: the hosts that failed cannot be written to this file: {reason}. It is as it was; the report above says which \
         hosts failed"
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
            if let Some(host) = host_of(line) {
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

    /// All of them.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

/// The host in a line of a file; none in one that is empty or only a remark.
pub(super) fn host_of(line: &str) -> Option<&str> {
    let end = line
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|&at| at == 0 || line.as_bytes()[at - 1].is_ascii_whitespace());
    Some(line[..end.unwrap_or(line.len())].trim()).filter(|host| !host.is_empty())
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
}
