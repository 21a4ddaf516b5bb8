//! Hooks for mutants and broken hosts: the same commands with a script that is not the right one. No program that people
//! install uses them.

pub use crate::deploy::deployer::deploy_with_script;
pub use crate::rollback::rollback_with_script;
