//! SSH through libssh2: non-blocking, with one wait loop of our own, so that a deadline is a deadline.

mod deadline;
mod endpoint;
mod host_keys;
mod login;
mod problem;
mod process;
mod session;
mod wire;

pub use deadline::Deadline;
pub use endpoint::Endpoint;
pub use host_keys::HostKeys;
pub use login::Login;
pub use problem::SshProblem;
pub use process::{End, Output, RemoteProcess, Stdin};
pub use session::Session;
