//! Brings a login to an account over SSH, and verifies it there.

pub(crate) mod deployer;
mod options;
mod problem;
mod proof;
mod receipt;
pub(crate) mod rollback;

pub use deployer::deploy;
pub use options::{DeployOptions, OnSymlink, Proof};
pub use problem::{DeployError, RemoteState};
pub use receipt::{Done, Notice, ProofOutcome, Receipt, Was};
pub use rollback::{Rollback, rollback};

pub(crate) use deployer::close_home;
pub(crate) use proof::prove;
