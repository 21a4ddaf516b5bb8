//! Runs one test of a program in a separate process with its own environment. A process cannot change the environment
//! that it was started with, and two tests that need different ones cannot share a process.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::started;

/// How long a test in a separate process may take. It may have to build the image first.
const LIMIT: Duration = Duration::from_secs(300);

/// Marks the separate process.
const MARK: &str = "CODEX_REMOTE_AUTH_TEST_APART";

/// Runs `body` in a separate process, with these variables set. `name` is the name of the calling test.
pub fn run(name: &str, variables: &[(&str, &str)], body: impl FnOnce()) {
    if is_child() {
        return body();
    }
    let output = started::output_within(&mut command(name, variables), LIMIT);
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (said(&output.stdout), said(&output.stderr));
    assert!(stdout.contains("1 passed"), "{name}, in a process apart:\n{stdout}\n{stderr}");
}

/// Whether this is the separate process.
pub fn is_child() -> bool {
    std::env::var_os(MARK).is_some()
}

/// The command that runs one test of this program, even an ignored one.
pub fn command(name: &str, variables: &[(&str, &str)]) -> Command {
    let this = std::env::current_exe().unwrap_or_else(|error| panic!("{error}"));
    command_of(&this, name, variables)
}

/// As [`command`], for a copy of this program.
pub fn command_of(this: &Path, name: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = started::command(this);
    command.args([name, "--exact", "--include-ignored", "--nocapture"]).env(MARK, "1").stdin(Stdio::null());
    command.envs(variables.iter().copied());
    command
}
