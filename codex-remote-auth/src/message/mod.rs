//! What messages for people consist of: what failed, the state of things, and next steps that can be pasted.

mod caller;
mod failure;
mod hint;
mod names;
mod quote;
mod secrets;
mod system;

pub use caller::Caller;
pub use failure::Failure;
pub use hint::{Command, Hint};
pub use names::{UnknownName, closest, is_glob, named};
pub use quote::quote;
pub use secrets::without_secrets;
pub use system::plain_words;
