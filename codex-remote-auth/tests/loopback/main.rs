//! The program on a real sshd on this machine: no container engine, and nothing of the caller's own is touched.
//!
//! Each test has its own Codex home, which its sshd names in `CODEX_HOME`. sshd serves the only connection as a
//! `ProxyCommand`, so nothing listens anywhere. `tests/hosts` tests the same program on separate accounts in containers.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account;
mod colour;
mod completions;
mod deploy;
mod doctor;
mod doctor_advice;
mod environment;
mod help;
mod hints;
mod json_docs;
#[allow(unreachable_pub, reason = "it is part of the library of the other suites too")]
#[path = "../../../tests/json_schema.rs"]
mod json_schema;
mod login_file;
mod many;
mod outputs;
mod proof;
mod refusals;
mod results;
mod rollback;
mod verbosity;
mod version;
