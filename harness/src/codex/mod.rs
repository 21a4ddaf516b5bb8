//! How a remote codex is called, and what its output means.

mod command;
mod diagnosis;
mod outcome;

pub use command::{CodexCommand, quote};
pub use diagnosis::Diagnosis;
pub use outcome::Outcome;
