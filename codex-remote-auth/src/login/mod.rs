//! Gives another machine a login of its own, made by its own codex: nothing is copied, so nothing is shared.
//!
//! By device code where its codex has that: a link and a code come here, and a person agrees in any browser. Otherwise by the
//! browser login, whose port on the host is reached through the same port here.

mod codex_output;
mod log_in;
mod options;
mod place;
mod problem;
mod receipt;
mod tell;
mod trust;

pub use log_in::log_in;
pub use options::LoginOptions;
pub use problem::{LoginError, LoginState};
pub use receipt::{LoginFlow, LoginReceipt};
pub use tell::{Doubt, Tell};
