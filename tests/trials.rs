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

/// A trial: its name, and the function that runs with the rig.
pub struct Case<R> {
    name: String,
    run: Box<dyn FnOnce(&R) + Send>,
    is_weekly: bool,
}

impl<R> Case<R> {
    /// A trial that runs on every change.
    pub fn new(name: impl Into<String>, run: impl FnOnce(&R) + Send + 'static) -> Self {
        Self { name: name.into(), run: Box::new(run), is_weekly: false }
    }

    /// Leaves the trial to the weekly job, which runs it with `--include-ignored`, if `is_weekly`. For more of the same kind:
    /// trials that run on every change have to show the fault too.
    #[must_use]
    pub fn weekly_if(self, is_weekly: bool) -> Self {
        Self { is_weekly, ..self }
    }
}

impl<R> std::fmt::Debug for Case<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Case").field("name", &self.name).field("is_weekly", &self.is_weekly).finish()
    }
}

/// Turns functions into cases, each named after its function.
#[macro_export]
macro_rules! cases {
    ($($function:ident),* $(,)?) => {
        vec![$($crate::trials::Case::new(stringify!($function), $function)),*]
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
    arguments.test_threads = arguments.test_threads.or(Some(16));
    let rig = Arc::new(R::default());
    let times: Arc<Mutex<Vec<(Duration, String)>>> = Arc::default();
    let mut trials = Vec::new();
    for (module, cases) in modules {
        for Case { name, run, is_weekly } in cases {
            let (rig, times) = (Arc::clone(&rig), Arc::clone(&times));
            let name = format!("{module}::{name}");
            let trial = Trial::test(name.clone(), move || {
                let began = Instant::now();
                let ended = in_time(limit, move || run(&rig));
                times.lock().unwrap_or_else(PoisonError::into_inner).push((began.elapsed(), name));
                ended
            });
            trials.push(trial.with_ignored_flag(is_weekly));
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
