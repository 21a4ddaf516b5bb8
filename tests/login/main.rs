//! A login of its own for a machine: over a real sshd, by device code and by a browser, against the made-up cloud.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod browser;
mod device;
mod program;
mod refuse;
mod rig;
mod stop;

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
        ("browser", browser::cases()),
        ("device", device::cases()),
        ("refuse", refuse::cases()),
        ("stop", stop::cases()),
        ("program", program::cases()),
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
