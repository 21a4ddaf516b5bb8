//! The hosts that a person names, and the files that list them.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::message::{Failure, Hint, plain_words};
use thiserror::Error;

/// Hosts in the order in which they were named, without duplicates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

/// Why a file of hosts cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HostsProblem {
    /// The file cannot be read.
    #[error("{path}: the hosts cannot be read: {reason}")]
    Unreadable {
        /// The path as the caller gave it.
        path: PathBuf,
        /// The system's error message.
        reason: String,
    },
    /// The file for failed hosts cannot be written. This is checked before the work on any host begins.
    #[error("{path}: this file cannot be written: {reason}")]
    NoRetryFile {
        /// The path as the caller gave it.
        path: PathBuf,
        /// The system's error message.
        reason: String,
    },
    /// The failed hosts cannot be written to their file, which is unchanged.
    #[error("{path}: the hosts that failed cannot be written to this file: {reason}")]
    Unwritable {
        /// The path as the caller gave it.
        path: PathBuf,
        /// The system's error message.
        reason: String,
    },
}

impl Failure for HostsProblem {
    fn state(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Unreadable { .. } | Self::NoRetryFile { .. } => "nothing was sent".into(),
            Self::Unwritable { .. } => {
                "the file is unchanged; the report above says which hosts failed".into()
            }
        })
    }

    fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Unreadable { .. } => vec![Hint::words("name a text file with one host per line")],
            Self::NoRetryFile { .. } => vec![Hint::words("name a file in a folder that you can write to")],
            Self::Unwritable { .. } => Vec::new(),
        }
    }
}

impl Hosts {
    /// Adds a host, unless it is already in the list.
    pub fn add(&mut self, host: &str) {
        if !self.0.iter().any(|known| known == host) {
            self.0.push(host.to_owned());
        }
    }

    /// Adds the hosts of a text, one per line. A `#` at the start of a line or after white space begins a comment.
    pub fn add_lines(&mut self, text: &str) {
        // Some editors on Windows start a file with a byte-order mark.
        for line in text.trim_start_matches('\u{feff}').lines() {
            if let Some(host) = host_of(line) {
                self.add(host);
            }
        }
    }

    /// Adds the hosts of a file.
    ///
    /// # Errors
    /// [`HostsProblem::Unreadable`].
    pub fn add_file(&mut self, path: &Path) -> Result<(), HostsProblem> {
        let text = std::fs::read_to_string(path).map_err(|error| HostsProblem::Unreadable {
            path: path.to_owned(),
            reason: plain_words(&error),
        })?;
        self.add_lines(&text);
        Ok(())
    }

    /// The hosts.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

/// The host in a line of a file; `None` if the line is empty or only a comment.
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
    fn each_host_counts_once_and_comments_do_not_count() {
        let mut hosts = Hosts::default();
        hosts.add("b");
        hosts.add_lines("\u{feff}# all\n a \r\n\nb\nroot@c:2222 # the third\nd#e\n#f\ng #h");
        assert_eq!(hosts.names(), ["b", "a", "root@c:2222", "d#e", "g"]);
        let mut first = Hosts::default();
        first.add_lines("\u{feff}box\r\nbox\r\n");
        assert_eq!(first.names(), ["box"]);
    }
}
