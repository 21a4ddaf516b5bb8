//! The figures of `docs/performance.md`, each measured beside what it is compared with.

mod crowd;
mod host_pool;
mod real_calls;
mod script;
mod ways;
mod whole;

pub use crowd::{CrowdWay, crowd};
pub use host_pool::{Host, HostPool, Sshd};
pub use real_calls::memory_of_a_call;
pub use script::shell_script;
pub use ways::{Method, compare};
pub use whole::{Timed, Weighed, timed, weighed};

use std::time::Duration;

/// The middle one of some durations; zero for none.
pub fn median(durations: &[Duration]) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
