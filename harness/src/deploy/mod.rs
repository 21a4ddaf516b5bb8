//! Brings a login to an account over SSH, and verifies it there.

mod deployer;
mod options;
mod problem;
mod proof;
mod receipt;
mod rollback;

pub use deployer::{deploy, deploy_with_script};
pub use options::{DeployOptions, OnSymlink, Proof};
pub use problem::{DeployError, RemoteState};
pub use receipt::{Done, Notice, ProofOutcome, Receipt, Was};
pub use rollback::{Rollback, rollback, rollback_with_script};

pub(crate) use deployer::close_home;
pub(crate) use proof::prove;
