//! Records every program that a container's sshd starts, with its arguments and its environment. The kernel reports each
//! execution, so none is missed, however short it runs.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use harness::target::Container;

/// How long strace may take to attach or to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running trace. It has to be [ended](Self::end), or its test proves nothing.
#[derive(Debug)]
pub struct Trace {
    strace: Child,
    file: tempfile::NamedTempFile,
}

/// A command that runs as root, which strace needs to look into a container.
fn as_root(program: &str) -> Command {
    if rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["-n", program]);
    command
}

impl Trace {
    /// Starts to trace the container's first process, which is its sshd, and everything that it starts from now on.
    pub fn begin(container: &Container<'_>) -> Self {
        let pid = container.pid().unwrap_or_else(|problem| panic!("{problem}")).to_string();
        let file = tempfile::NamedTempFile::new().unwrap_or_else(|error| panic!("{error}"));
        let mut strace = as_root("strace")
            .args(["-f", "-v", "-e", "trace=execve,execveat", "-s", "100000", "-p", &pid, "-o"])
            .arg(file.path())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("strace (Debian package strace, as root): {error}"));
        let stderr = strace.stderr.take().unwrap_or_else(|| unreachable!("it is piped"));
        let (tell, told) = mpsc::channel();
        // This keeps reading, so that strace never waits for a reader.
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        let began = Instant::now();
        loop {
            match told.recv_timeout(PATIENCE.saturating_sub(began.elapsed())) {
                Ok(line) if line.ends_with("attached") => return Self { strace, file },
                Ok(_) => {}
                Err(problem) => panic!("strace did not attach to process {pid}: {problem}"),
            }
        }
    }

    /// Ends the trace, and returns everything that was executed.
    pub fn end(mut self, mark: &str) -> Vec<u8> {
        let pid = self.strace.id().to_string();
        let sent = as_root("kill").args(["-TERM", &pid]).status();
        assert!(sent.is_ok_and(|status| status.success()), "strace cannot be ended");
        let began = Instant::now();
        while self.strace.try_wait().unwrap_or_else(|error| panic!("{error}")).is_none() {
            assert!(began.elapsed() < PATIENCE, "strace did not end");
            std::thread::sleep(Duration::from_millis(20));
        }
        let trace = std::fs::read(self.file.path()).unwrap_or_else(|error| panic!("{error}"));
        let has = |wanted: &str| trace.windows(wanted.len()).any(|window| window == wanted.as_bytes());
        assert!(has(mark), "the trace missed a program: {mark}");
        assert!(has("\"HOME="), "the trace has no environments");
        trace
    }
}
