//! The deploy logic against a real sshd: each trial has an account of its own on one shared container, and looks at
//! what is really there afterwards.
//!
//! `cargo test --test deploy -- place::` runs one module's trials.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cut;
mod damage;
mod digest;
mod find;
mod host_key;
mod keep;
mod login;
mod noise;
mod place;
mod proof;
mod replace;
mod rig;
mod shell;
mod tree;

use std::process::ExitCode;

use rig::Rig;

type Case = tests::trials::Case<Rig>;

fn main() -> ExitCode {
    let modules = vec![
        ("digest", digest::cases()),
        ("cut", cut::cases()),
        ("damage", damage::cases()),
        ("find", find::cases()),
        ("host_key", host_key::cases()),
        ("keep", keep::cases()),
        ("login", login::cases()),
        ("noise", noise::cases()),
        ("place", place::cases()),
        ("proof", proof::cases()),
        ("replace", replace::cases()),
        ("shell", shell::cases()),
    ];
    tests::trials::run(modules, Rig::end)
}
