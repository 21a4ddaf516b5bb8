//! How a remote codex is called, and what its output means.

mod command;
mod diagnosis;
mod found;
mod outcome;

pub use command::{CodexCommand, quote};
pub use diagnosis::Diagnosis;
pub use found::{FoundBy, FoundCodex};
pub use outcome::Outcome;
