//! Runs one test of a program in a process of its own, with an environment of its own: what a process was started
//! with cannot be changed later, and two tests that want it otherwise cannot share one.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::started;

/// How long a test may take in a process apart, which may have to make the image first.
const LIMIT: Duration = Duration::from_secs(300);

/// Tells the process that it is the one apart.
const MARK: &str = "CODEX_REMOTE_AUTH_TEST_APART";

/// Runs `body` in a process apart, in which the variables are set; `name` is the calling test's own name.
pub fn run(name: &str, variables: &[(&str, &str)], body: impl FnOnce()) {
    if is_child() {
        return body();
    }
    let output = started::output_within(&mut command(name, variables), LIMIT);
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (said(&output.stdout), said(&output.stderr));
    assert!(stdout.contains("1 passed"), "{name}, in a process apart:\n{stdout}\n{stderr}");
}

/// Whether this is such a process.
pub fn is_child() -> bool {
    std::env::var_os(MARK).is_some()
}

/// The command that runs one test of this program, even one that is otherwise ignored.
pub fn command(name: &str, variables: &[(&str, &str)]) -> Command {
    let this = std::env::current_exe().unwrap_or_else(|error| panic!("{error}"));
    command_of(&this, name, variables)
}

/// As [`command`], of a copy of this program.
pub fn command_of(this: &Path, name: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = started::command(this);
    command.args([name, "--exact", "--include-ignored", "--nocapture"]).env(MARK, "1").stdin(Stdio::null());
    command.envs(variables.iter().copied());
    command
}
