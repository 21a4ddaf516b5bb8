//! Starts programs for tests: always with default signal handling, without a terminal, and with a time limit.
//!
//! A child inherits ignored signals (`nohup`, a script's `&`) and the terminal from the process that runs the tests. A test
//! must not depend on either.

use std::ffi::OsStr;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// How long a program may run on a busy machine, if the test sets no other limit.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// How long a program's output may stay open after the program has ended.
const OUTPUT: Duration = Duration::from_secs(10);

/// A program that starts with default signal handling and in its own session. Its process number is the child's.
///
/// # Panics
/// If `setsid` (util-linux) or `env` (coreutils) is missing. An `env` without `--default-signal` (before 8.31) ends with
/// status 125 and says so.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    // Both exec in place. They are named by full path, since a test may give the program another PATH.
    let mut command = Command::new(on_path("setsid"));
    command.arg(on_path("env")).arg("--default-signal").arg(program);
    // In a job of GitHub Actions, the commands that run checks tell GitHub what failed. In a test, that is no news.
    command.env_remove("GITHUB_ACTIONS");
    command
}

/// The full path of a program on the PATH of the tests.
pub fn on_path(name: &str) -> PathBuf {
    looked_up(name).unwrap_or_else(|| panic!("`{name}` is not on the PATH; the tests need it"))
}

/// Whether a program is on the PATH of the tests.
pub fn is_on_path(name: &str) -> bool {
    looked_up(name).is_some()
}

fn looked_up(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Waits until a child ends.
pub fn ends(child: &mut Child, within: Duration) -> ExitStatus {
    let began = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status,
            Ok(None) if began.elapsed() < within => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                panic!("process {} did not end within {} s; it was killed", child.id(), within.as_secs_f64());
            }
            Err(error) => panic!("process {}: {error}", child.id()),
        }
    }
}

/// Runs a program to its end within [`PATIENCE`], and returns its output.
pub fn output(command: &mut Command) -> Output {
    output_within(command, PATIENCE)
}

/// Runs a program to its end, and returns its output.
pub fn output_within(command: &mut Command, within: Duration) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()));
    let stdout = child.stdout.take().map(reads);
    let stderr = child.stderr.take().map(reads);
    let status = ends(&mut child, within);
    let all = |output: Option<Receiver<Vec<u8>>>| match output {
        None => Vec::new(),
        Some(output) => output.recv_timeout(OUTPUT).unwrap_or_else(|_| {
            panic!("the program ended, but something that it started still holds its output")
        }),
    };
    Output { status, stdout: all(stdout), stderr: all(stderr) }
}

/// Reads to the end in a thread, so that waiting for it can have a deadline.
pub fn reads(mut from: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        let _ = send.send(bytes);
    });
    receive
}
