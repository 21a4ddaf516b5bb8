//! Opens the test environment for a command, so that an interruption leaves nothing behind.

use codex_remote_auth::tell_line;
use harness::run::{TestEnvironment, TestEnvironmentOptions, real_calls_in_memory};
use harness::target::{CodexUnderTest, RigProblem, cleanup};

use crate::{exit, interruption};

/// The default number of checks in parallel: more than there are cores, since a check often waits for its container. A real
/// codex needs memory, which limits the number.
pub(crate) fn default_jobs(codex: &CodexUnderTest) -> usize {
    let jobs = std::thread::available_parallelism().map_or(4, |cores| cores.get() * 3);
    if codex.is_stub() { jobs } else { jobs.min(real_calls_in_memory()) }
}

/// Reads `--jobs`.
pub(crate) fn jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(jobs @ 1..=64) => Ok(jobs),
        _ => Err("a number from 1 to 64".to_owned()),
    }
}

/// Opens the test environment. From then on Ctrl-C, SIGTERM and SIGHUP remove what the run has started, and exit with 130.
pub(crate) fn open(
    options: &TestEnvironmentOptions,
    say: &(dyn Fn(&str) + Sync),
) -> Result<TestEnvironment, RigProblem> {
    // Setting a second handler fails. That is fine: a command opens only one test environment.
    let _ = ctrlc::set_handler(|| {
        let done = interruption::comes().map(|done| format!(": {done}")).unwrap_or_default();
        // The terminal has shown ^C at the beginning of the line.
        tell_line!("\ninterrupted{done}; removing the containers of this run…");
        interruption::report();
        cleanup::remove_own();
        std::process::exit(exit::INTERRUPTED.into());
    });
    TestEnvironment::open(options, say)
}
