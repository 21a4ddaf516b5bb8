//! Why a run is not written down, or a record not read.

use semver::Version;
use thiserror::Error;

/// Why a run cannot be written down, or a record not be read. The files of before are as they were.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordProblem {
    /// A lesson was not run to its end.
    #[error("{lesson} could not be run to its end on {release}, so there is nothing to write down: {seen}")]
    NotRun {
        /// The lesson.
        lesson: String,
        /// The release.
        release: Version,
        /// What came in place of an end.
        seen: String,
    },
    /// A secret was seen.
    #[error("a secret was seen on {release}, {place}; nothing of such a run is written down")]
    Leak {
        /// The release.
        release: Version,
        /// Where.
        place: String,
    },
    /// A stub shows what it was made to show.
    #[error("{0} is no real release; what it shows proves nothing about one")]
    NotReal(String),
    /// The record is not one.
    #[error("line {line}, column {column}: {reason}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
}
