//! A connection through a command's input and output: `ProxyCommand`.

use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process_group};

use super::printable::printable;
use super::wire::Wire;

/// The most that is kept of what the command says.
const MOST_SAID: usize = 4 * 1024;

/// The most lines of it that are shown: programs say why they fail, and then that they failed.
const MOST_LINES: usize = 3;

/// A running command, ended with all that it started when this is dropped.
#[derive(Debug)]
pub(super) struct ProxyCommand {
    child: Child,
    said: Arc<Mutex<Vec<u8>>>,
}

impl ProxyCommand {
    /// Starts a shell command, and gives the connection through it.
    pub(super) fn start(command: &str) -> io::Result<(Wire, Self)> {
        let (ours, theirs) = UnixStream::pair()?;
        let output: OwnedFd = theirs.try_clone()?.into();
        let mut child = Command::new("sh")
            .arg("-c")
            .arg(format!("exec {command}"))
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::from(output))
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let said = Arc::new(Mutex::new(Vec::new()));
        if let Some(mut stderr) = child.stderr.take() {
            let kept = Arc::clone(&said);
            std::thread::Builder::new().spawn(move || keep(&mut stderr, &kept))?;
        }
        Ok((Wire::over(ours)?, Self { child, said }))
    }

    /// The last lines that it wrote to its standard error.
    pub(super) fn said(&self) -> Option<String> {
        // It may be about to say why it ended.
        std::thread::sleep(std::time::Duration::from_millis(50));
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let said = String::from_utf8_lossy(&said);
        let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let last = lines.get(lines.len().saturating_sub(MOST_LINES)..).unwrap_or_default();
        (!last.is_empty()).then(|| printable(&last.join("; ")))
    }
}

impl Drop for ProxyCommand {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::TERM);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads to the end, and keeps the last of it.
fn keep(stderr: &mut impl Read, kept: &Mutex<Vec<u8>>) {
    let mut chunk = [0; 1024];
    while let Ok(count @ 1..) = stderr.read(&mut chunk) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(&chunk[..count]);
        let surplus = kept.len().saturating_sub(MOST_SAID);
        kept.drain(..surplus);
    }
}
