//! Many hosts at once: which, how many at a time, and what becomes of each.

mod deploy;
mod host_list;
mod panics;
mod patience;
mod pool;
mod retry_file;
mod stop;
mod visit;

pub use deploy::DeployPlan;
pub use host_list::{Hosts, HostsProblem};
pub use panics::panics_tell_their_place;
pub use patience::Patience;
pub use pool::{Ended, Event, Pool, Unfinished};
pub use retry_file::RetryFile;
pub use stop::Stop;
pub use visit::{HostError, HostReport, Reach};
