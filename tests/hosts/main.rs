//! The verbs for hosts, as a person calls them: the program, its messages and its exit status, on a real sshd.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod calls;
mod deploy;
mod doctor;
mod many;
mod rig;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use rig::Rig;

/// A trial's name and what it does.
type Case = (&'static str, fn(&Rig));

/// Cases out of functions, each named as its function.
macro_rules! cases {
    ($($function:ident),* $(,)?) => { vec![$((stringify!($function), $function as fn(&$crate::rig::Rig))),*] };
}
use cases;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(Some(4));
    let rig = Arc::new(Rig::default());
    let mut trials = Vec::new();
    let modules = [
        ("calls", calls::cases()),
        ("deploy", deploy::cases()),
        ("doctor", doctor::cases()),
        ("many", many::cases()),
    ];
    for (module, cases) in modules {
        for (name, case) in cases {
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
