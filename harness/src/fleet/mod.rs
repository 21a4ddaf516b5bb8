//! Many hosts at once: which, how many at a time, and what becomes of each.

mod deploy;
mod hosts;
mod patience;
mod pool;

pub use deploy::{DeployPlan, HostError, HostReport};
pub use hosts::{Hosts, HostsProblem};
pub use patience::Patience;
pub use pool::{Ended, Event, Pool};
