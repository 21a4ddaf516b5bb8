//! The hosts that a person names, and the files that list them.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::message::{Failure, Hint, plain_words};
use crate::ssh::{HostName, SshProblem};
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
    /// A line of the file is not a host.
    #[error("{path}:{line}: {problem}")]
    NoHost {
        /// The path as the caller gave it.
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: Box<SshProblem>,
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
            Self::Unreadable { .. } | Self::NoHost { .. } | Self::NoRetryFile { .. } => {
                "nothing was sent".into()
            }
            Self::Unwritable { .. } => {
                "the file is unchanged; the report above says which hosts failed".into()
            }
        })
    }

    fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Unreadable { .. } => vec![Hint::words("name a text file with one host per line")],
            Self::NoHost { problem, .. } => problem.hints(),
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

    /// Adds the hosts of a text, one per line. A `#` at the start of a line or after white space begins a comment. `path`
    /// is where the text comes from.
    ///
    /// # Errors
    /// [`HostsProblem::NoHost`] for the first line that is not a host.
    pub fn add_lines(&mut self, text: &str, path: &Path) -> Result<(), HostsProblem> {
        // Some editors on Windows start a file with a byte-order mark.
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            if let Some(host) = host_of(line) {
                HostName::parse(host).map_err(|problem| HostsProblem::NoHost {
                    path: path.to_owned(),
                    line: index + 1,
                    problem: Box::new(problem),
                })?;
                self.add(host);
            }
        }
        Ok(())
    }

    /// Adds the hosts of a file.
    ///
    /// # Errors
    /// [`HostsProblem::Unreadable`] and [`HostsProblem::NoHost`].
    pub fn add_file(&mut self, path: &Path) -> Result<(), HostsProblem> {
        let text = std::fs::read_to_string(path).map_err(|error| HostsProblem::Unreadable {
            path: path.to_owned(),
            reason: plain_words(&error),
        })?;
        self.add_lines(&text, path)
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
        let text = "\u{feff}# all\n a \r\n\nb\nroot@c:2222 # the third\n#f\ng #h";
        hosts.add_lines(text, Path::new("f")).unwrap();
        assert_eq!(hosts.names(), ["b", "a", "root@c:2222", "g"]);
        // Only after white space.
        assert_eq!(host_of("d#e"), Some("d#e"));
        let mut first = Hosts::default();
        first.add_lines("\u{feff}box\r\nbox\r\n", Path::new("f")).unwrap();
        assert_eq!(first.names(), ["box"]);
    }

    #[test]
    fn a_line_that_is_not_a_host_is_named() {
        let problem = Hosts::default().add_lines("a\n\n@box # x\n", Path::new("f")).unwrap_err();
        let text = problem.in_full();
        assert!(
            text.starts_with("f:3: `@box` is not a valid host: ") && text.contains("USER@HOST:PORT"),
            "{text}"
        );
    }
}
