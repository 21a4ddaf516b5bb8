//! How a remote codex is called, and what its output means.

mod command;
mod diagnosis;
mod found;
mod outcome;
mod release;
mod settings;
mod verification;

pub use command::{CodexCommand, quote};
pub use diagnosis::Diagnosis;
pub use found::{FoundBy, FoundCodex};
pub use outcome::Outcome;
pub use release::release_in;
pub use settings::{REPLACING_VARIABLES, Settings, SettingsProblem};
pub use verification::Verification;
