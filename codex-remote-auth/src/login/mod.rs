//! Gives a host its own login, made by the codex on that host. Nothing is copied, so nothing is shared.
//!
//! If codex on the host supports device codes, a link and a code are shown on this machine, and a person approves in
//! any browser. Otherwise it is the browser login: the port that codex listens on is reached through the same port on
//! this machine.

mod advice;
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
