//! The program on a real sshd of this machine: no container engine, and nothing of the caller's own is touched.
//!
//! Each test has a Codex home of its own, which its sshd names in `CODEX_HOME`. sshd serves the one connection as a
//! `ProxyCommand`, so nothing listens anywhere. `tests/hosts` has the same program on accounts of their own in containers.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account;
mod deploy;
mod doctor;
mod login_file;
mod many;
mod outputs;
mod proof;
mod refusals;
mod rollback;
