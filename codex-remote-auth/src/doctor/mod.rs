//! Finds what would go wrong on a host, without changing anything on it.

mod codex_doctor;
mod configuration;
mod disk;
mod examine;
mod facts;
mod finding;
mod login;
mod look;
mod program;
mod span;

pub use examine::{DoctorOptions, examine};
pub use finding::{Finding, Level, Next};
