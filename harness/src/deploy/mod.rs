//! Brings a login to an account over SSH: one connection, one channel, one script, and the proof that it works.

mod deployer;
mod options;
mod problem;
mod receipt;
mod reply;
mod rollback;
pub(crate) mod script;

pub use deployer::{deploy, deploy_with_script};
pub use options::{DeployOptions, OnSymlink, Proof};
pub use problem::{DeployError, RemoteState};
pub use receipt::{Done, Notice, ProofOutcome, Receipt, Was};
pub use rollback::{Rollback, rollback};
pub use script::REMOTE_SCRIPT;

pub(crate) use deployer::{error, mark, prove, proven, status_in_words};
pub(crate) use reply::{Listed, Reply, Watch, listed, stated};
pub(crate) use script::{wrapped, yes_or_no};
