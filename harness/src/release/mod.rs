//! Real releases: which are known, getting one from the package index, and keeping it.
//!
//! The index is whatever the person's own pip is set to. Nothing that it hands out is trusted: a wheel has to be what
//! [`Pins`] says it is before anything of it is unpacked, and what lies in the [`Cache`] is looked at again each time.

mod cache;
mod digest;
mod entry;
mod fetch;
mod full_disk;
mod index;
mod pin_file;
mod pins;
mod pip_words;
mod platform;
mod probe;
mod problem;
mod tool;
mod wheel;
mod words;

pub use cache::{Cache, GetOptions, Release};
pub use digest::of_file as digest_of;
pub use index::Index;
pub use pin_file::{Missing, PinFile};
pub use pins::{Digested, Pin, Pins};
pub use platform::Platform;
pub use probe::{Linkage, Probe, probe};
pub use problem::ReleaseProblem;
pub use semver::Version;
pub use tool::Tool;
