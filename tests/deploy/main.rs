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
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use rig::Rig;

/// A trial's name and what it does.
type Case = (String, Box<dyn FnOnce(&Rig) + Send>);

/// What gives a module's trials.
type Cases = fn() -> Vec<Case>;

/// Cases out of functions, each named as its function.
macro_rules! cases {
    ($($function:ident),* $(,)?) => {
        vec![$((stringify!($function).to_owned(), Box::new($function) as Box<dyn FnOnce(&$crate::rig::Rig) + Send>)),*]
    };
}
use cases;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // They mostly wait: for deadlines, for slow lines, for what must not happen.
    arguments.test_threads = arguments.test_threads.or(Some(4));
    let rig = Arc::new(Rig::default());
    let modules: [(&str, Cases); 12] = [
        ("digest", digest::cases),
        ("cut", cut::cases),
        ("damage", damage::cases),
        ("find", find::cases),
        ("host_key", host_key::cases),
        ("keep", keep::cases),
        ("login", login::cases),
        ("noise", noise::cases),
        ("place", place::cases),
        ("proof", proof::cases),
        ("replace", replace::cases),
        ("shell", shell::cases),
    ];
    let mut trials = Vec::new();
    for (module, cases) in modules {
        for (name, case) in cases() {
            let rig = Arc::clone(&rig);
            trials.push(Trial::test(format!("{module}::{name}"), move || {
                case(&rig);
                Ok(())
            }));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    let leaks = rig.end();
    for leak in &leaks {
        eprintln!("a secret was seen in {leak}");
    }
    if leaks.is_empty() { conclusion.exit_code() } else { ExitCode::FAILURE }
}
