//! Work on many hosts: which hosts, how many in parallel, and the result of each.

mod advice;
mod cancel;
mod deploy;
mod host_list;
mod host_task;
mod panics;
mod pool;
mod prompt_time;
mod reached;
mod retry_file;

pub use cancel::Cancel;
pub use deploy::{DeployPlan, Standing};
pub use host_list::{Hosts, HostsProblem};
pub use host_task::{HostError, HostReport, Reach};
pub use panics::panics_tell_their_place;
pub use pool::{Ended, Event, Pool, Unfinished};
pub use prompt_time::PromptTime;
pub use reached::Reached;
pub use retry_file::RetryFile;
