//! Real releases of Codex and Claude Code: which ones are pinned, how pip gets them, and where they are kept.
//!
//! pip uses the person's own settings and index. The index is not trusted: pip checks the wheel against the pin before
//! it unpacks anything, and the program is checked against the pin at every use.

mod cache;
mod pins;
mod pip;
mod platform;
mod problem;
mod tool;

pub use cache::{Cache, GetOptions, Release};
pub use pins::{FileDigest, Missing, Pin, Pins};
pub use pip::Pip;
pub use platform::Platform;
pub use problem::ReleaseProblem;
pub use semver::Version;
pub use tool::Tool;
