//! Which lesson holds on which release, as a page of the docs, and as the record of runs that the page is made from.
//!
//! The record is a file of its own, so that a run of a few releases can be compared with it, and the page with the record.

mod difference;
mod page;
mod problem;
mod record;
mod servers;
mod shown;

pub use difference::{disagreements, first_difference};
pub use page::{Sources, page};
pub use problem::RecordProblem;
pub use record::{CellRecord, Column, Compatibility, Era, Mark, Record};
pub use shown::Shown;
