//! A test program of trials that share one rig.

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

/// A trial's name and what it does with the rig.
pub type Case<R> = (String, Box<dyn FnOnce(&R) + Send>);

/// Cases out of functions, each named as its function.
#[macro_export]
macro_rules! cases {
    ($($function:ident),* $(,)?) => {
        vec![$((stringify!($function).to_owned(), Box::new($function) as Box<dyn FnOnce(&_) + Send>)),*]
    };
}

/// Runs each module's cases, as the command line says, and then looks for leaks: one fails the program.
pub fn run<R: Default + Send + Sync + 'static>(
    modules: Vec<(&str, Vec<Case<R>>)>,
    leaks: impl FnOnce(&R) -> Vec<String>,
) -> ExitCode {
    let mut arguments = Arguments::from_args();
    // They mostly wait: for deadlines, for slow lines, for what must not happen.
    arguments.test_threads = arguments.test_threads.or(Some(4));
    let rig = Arc::new(R::default());
    let mut trials = Vec::new();
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
    let leaks = leaks(&rig);
    for leak in &leaks {
        eprintln!("a secret was seen in {leak}");
    }
    if leaks.is_empty() { conclusion.exit_code() } else { ExitCode::FAILURE }
}
