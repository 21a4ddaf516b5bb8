//! Many hosts at once: which, how many at a time, and what becomes of each.

mod deploy;
mod hosts;
mod patience;
mod pool;
mod stop;
mod visit;

pub use deploy::DeployPlan;
pub use hosts::{Hosts, HostsProblem};
pub use patience::Patience;
pub use pool::{Ended, Event, Pool, Unfinished};
pub use stop::Stop;
pub use visit::{HostError, HostReport, Reach};
