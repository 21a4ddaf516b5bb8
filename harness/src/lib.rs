//! Proves on real sshd containers what the guide says about a Codex login that is deployed over SSH.
//!
//! # The modules and the layer rule
//!
//! | layer | modules | may use |
//! |---|---|---|
//! | containers | [`target`], [`cloud`] | the package `codex-remote-auth`; [`target`] also [`cloud`] |
//! | releases | [`release`] | nothing of this crate |
//! | composition | [`run`] | everything above |
//! | reports | [`report`] | [`run`], [`target`], and the lessons |
//!
//! The product is the package `codex-remote-auth`. It knows nothing about this crate. The test `layers` in `tests/`
//! checks these rules.

pub mod cloud;
pub mod release;
pub mod report;
pub mod run;
pub mod target;
