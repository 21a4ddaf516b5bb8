//! Copies a login to an account over SSH and verifies it on the host.

pub(crate) mod deployer;
mod options;
mod receipt;

pub use deployer::deploy;
pub use options::{DeployOptions, OnSymlink};
pub use receipt::{Done, Notice, Receipt, Was};
