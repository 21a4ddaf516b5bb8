//! The login that is deployed: read, validated and fingerprinted without ever being shown.

mod api_key;
mod file;
mod freshness;
mod problem;
mod secret;

pub use file::{Account, AuthFile, Form, MAX_BYTES};
pub use freshness::LastRefresh;
pub use problem::AuthProblem;
pub use secret::Secret;
