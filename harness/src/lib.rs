//! Proves on real sshd containers what the guide says of a Codex login that is deployed over SSH.
//!
//! # The map, and the layer rule
//!
//! | layer | modules | may use |
//! |---|---|---|
//! | containers | [`target`], [`cloud`] | the package `codex-remote-auth` |
//! | releases | [`release`] | nothing of this crate |
//! | composition | [`run`] | everything above |
//! | reports | [`report`] | what [`run`] produced, and the lessons |
//!
//! The product is the package `codex-remote-auth`. It knows nothing of this crate. The test `layers` in `tests/` holds this
//! table against the imports.

pub mod cloud;
pub mod release;
pub mod report;
pub mod run;
pub mod target;
