//! Deploys a Codex CLI login over SSH, and proves on real sshd containers what a guide says of it.
//!
//! # The map, and the layer rule
//!
//! | layer | modules | may use |
//! |---|---|---|
//! | product | [`auth`], [`ssh`], [`deploy`], [`codex`], [`doctor`], [`fleet`], [`login`], [`remote`] | each other |
//! | data | [`lesson`] | nothing of this crate |
//! | rig | [`target`], [`cloud`] | the product |
//! | rig: release | [`release`] | nothing of this crate |
//! | composition | [`run`] | everything above |
//! | reports | [`report`] | what [`run`] produced, and [`lesson`] |
//!
//! The product knows nothing of containers, lessons or reports: it is what people point at their own hosts. The test
//! `layers` in `tests/` holds this table against the imports.

pub mod auth;
#[cfg(feature = "rig")]
pub mod cloud;
pub mod codex;
pub mod deploy;
pub mod doctor;
pub mod fleet;
pub mod lesson;
pub mod login;
#[cfg(feature = "rig")]
pub mod release;
pub mod remote;
pub mod report;
#[cfg(feature = "rig")]
pub mod run;
pub mod ssh;
#[cfg(feature = "rig")]
pub mod target;
