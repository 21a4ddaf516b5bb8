//! Hooks for mutants and broken hosts: the same commands, run with a deliberately wrong script. No installed program
//! uses them.

pub use crate::deploy::deployer::deploy_with_script;
pub use crate::rollback::rollback_with_script;
