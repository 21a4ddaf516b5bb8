//! The login to deploy: read, validated and fingerprinted without ever being shown.

mod account;
mod api_key;
mod existing;
mod file;
mod form;
mod freshness;
mod json;
mod jwt;
mod other_file;
mod ownership;
mod parse;
mod problem;
mod secret;
#[cfg(test)]
pub(crate) mod testing;
mod text;
mod warning;
mod wrapping;

pub use account::LoginOwner;
pub use existing::Existing;
pub use file::{AuthFile, MAX_BYTES};
pub use form::Form;
pub use freshness::LastRefresh;
pub(crate) use freshness::{minute_of, unix_seconds};
pub use other_file::OtherFile;
pub use ownership::{Ownership, OwnershipUnknown};
pub use problem::{AuthProblem, JsonFault};
pub use secret::Secret;
pub use warning::{RenewsBecause, Warning};
pub use wrapping::Wrapping;
