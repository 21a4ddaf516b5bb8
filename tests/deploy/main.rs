//! Parts of a deploy that the program cannot show: a connection cut at any byte, what happens at the same moment, and codex's
//! output up to the last byte. Everything else about a deploy is in `tests/hosts`, which runs the program.
//!
//! `cargo test --test deploy -- session::` runs one module's trials.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod codex_call;
mod concurrent;
mod connection_lost;
mod rc_files;
mod round_trips;
mod session;
mod target;

use std::process::ExitCode;

use tests::Rig;

type Case = tests::trials::Case<Rig>;

fn main() -> ExitCode {
    let modules = vec![
        ("codex_call", codex_call::cases()),
        ("concurrent", concurrent::cases()),
        ("connection_lost", connection_lost::cases()),
        ("rc_files", rc_files::cases()),
        ("round_trips", round_trips::cases()),
        ("session", session::cases()),
    ];
    tests::trials::run(modules, Rig::end)
}
