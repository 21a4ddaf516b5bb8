//! Copies a Codex login to hosts over SSH, verifies that it works there, and finds the cause if it does not.
//!
//! # Modules and the layer rule
//!
//! | layer | modules | may use |
//! |---|---|---|
//! | messages | [`message`]: next steps and plain words | nothing of this crate; all but [`lessons`] may use it |
//! | the login file | [`auth_json`] | [`message`] |
//! | the connection | [`ssh`] | [`auth_json`] |
//! | Codex | [`codex`] | the two above |
//! | the remote conversation | [`remote`] | the three above |
//! | commands | [`deploy`], [`rollback`], [`doctor`], [`login`] | all of the above, but not each other |
//! | many hosts | [`hosts`] | [`auth_json`], [`ssh`], [`remote`], [`deploy`] |
//! | lessons | [`lessons`] | nothing of this crate |
//! | reports | [`output`] | what the commands produced, and [`lessons`] |
//! | the command line | [`cli`] | everything |
//!
//! The test `layers` in the repository's `tests/` checks the imports against this table.

pub mod auth_json;
#[macro_use]
pub mod cli;
pub mod codex;
pub mod deploy;
pub mod doctor;
pub mod hosts;
pub mod lessons;
pub mod login;
pub mod message;
pub mod output;
pub mod remote;
pub mod rollback;
pub mod ssh;
#[doc(hidden)]
pub mod testing;
