//! SSH through libssh2: non-blocking, with one wait loop of our own, so that deadlines are kept.

mod advice;
mod algorithms;
mod ask;
mod connect;
mod deadline;
mod destination;
mod endpoint;
mod forward;
mod host_keys;
mod jump;
mod key_rule;
mod login;
mod person;
mod printable;
mod problem;
mod process;
mod proxy_command;
mod public_key;
mod resolve;
mod server_key;
mod session;
mod transport;

pub use algorithms::Algorithms;
pub use ask::{Ask, Detail, Nobody, TrustAnswer, UnknownKey};
pub use connect::connect;
pub use deadline::Deadline;
pub use destination::{AddressFamily, Agent, Credentials, Destination, HostKeyRule, Strictness, Via};
pub use endpoint::Endpoint;
pub use forward::Forward;
pub use host_keys::{HostKeys, KeyCheck, KnownHostsLine, Name};
pub use key_rule::KeyRule;
pub use printable::{is_hidden, printable, shortened};
pub use problem::{ConfigRemedy, Peer, SshProblem};
pub use process::{End, Output, RemoteProcess, Stdin};
pub use resolve::{HostName, Resolver, SshOptions, resolve};
pub use session::{Login, Session};
