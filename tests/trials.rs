//! Runs trials that share one rig as a test program.

use std::any::Any;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Failed, Trial};

/// How long a trial may take. A wait without its own deadline ends here, with a message.
const LIMIT: Duration = Duration::from_secs(300);
/// The number of slowest trials listed at the end, which is where to begin if the suite is to get faster.
const SLOWEST: usize = 10;

/// A trial's name, and the function that runs with the rig.
pub type Case<R> = (String, Box<dyn FnOnce(&R) + Send>);

/// Turns functions into cases, each named after its function.
#[macro_export]
macro_rules! cases {
    ($($function:ident),* $(,)?) => {
        vec![$((stringify!($function).to_owned(), Box::new($function) as Box<dyn FnOnce(&_) + Send>)),*]
    };
}

/// Runs the cases of each module that the command line selects, and then looks for leaks. A leak fails the program.
pub fn run<R: Default + Send + Sync + 'static>(
    modules: Vec<(&str, Vec<Case<R>>)>,
    leaks: impl FnOnce(&R) -> Vec<String>,
) -> ExitCode {
    run_within(LIMIT, modules, leaks)
}

/// As [`run`], with another limit for each trial.
pub fn run_within<R: Default + Send + Sync + 'static>(
    limit: Duration,
    modules: Vec<(&str, Vec<Case<R>>)>,
    leaks: impl FnOnce(&R) -> Vec<String>,
) -> ExitCode {
    let mut arguments = Arguments::from_args();
    // They mostly wait: for deadlines, for slow connections, for what must not happen.
    arguments.test_threads = arguments.test_threads.or(Some(8));
    let rig = Arc::new(R::default());
    let times: Arc<Mutex<Vec<(Duration, String)>>> = Arc::default();
    let mut trials = Vec::new();
    for (module, cases) in modules {
        for (name, case) in cases {
            let (rig, times) = (Arc::clone(&rig), Arc::clone(&times));
            let name = format!("{module}::{name}");
            trials.push(Trial::test(name.clone(), move || {
                let began = Instant::now();
                let ended = in_time(limit, move || case(&rig));
                times.lock().unwrap_or_else(PoisonError::into_inner).push((began.elapsed(), name));
                ended
            }));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
    times.sort_unstable_by(|one, other| other.cmp(one));
    for (time, name) in times.iter().take(SLOWEST) {
        eprintln!("slow: {:.1} s {name}", time.as_secs_f64());
    }
    let leaks = leaks(&rig);
    for leak in &leaks {
        eprintln!("a secret was seen in {leak}");
    }
    if leaks.is_empty() { conclusion.exit_code() } else { ExitCode::FAILURE }
}

/// Runs something in a separate thread, and fails if it does not end in time. The thread then ends with the program.
///
/// # Errors
/// If it panics or does not end in time.
pub fn in_time(limit: Duration, work: impl FnOnce() + Send + 'static) -> Result<(), Failed> {
    let (alive, ended) = mpsc::channel::<()>();
    let working = std::thread::spawn(move || {
        let _alive = alive;
        work();
    });
    match ended.recv_timeout(limit) {
        Err(RecvTimeoutError::Timeout) => {
            Err(format!("did not end within {} s: something in it waits without a deadline", limit.as_secs())
                .into())
        }
        Ok(()) | Err(RecvTimeoutError::Disconnected) => working.join().map_err(|panic| words(&*panic).into()),
    }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".to_owned())
}
