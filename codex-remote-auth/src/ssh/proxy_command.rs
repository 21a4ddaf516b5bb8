//! A connection through a command's input and output: `ProxyCommand`.
//!
//! Its standard error is shown as it comes, as `ssh` does: some commands print a link there that a person has to open before the
//! connection is made.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};

use super::deadline::Deadline;
use super::printable::printable;
use super::transport::Transport;

/// How many lines an error quotes: programs say why they fail, and then that they failed.
const MOST_LINES: usize = 3;

/// The maximum length of a line in bytes.
const LONGEST_LINE: usize = 4 * 1024;

/// How long to wait for the rest of a line: a question has no end of line.
const REST_OF_LINE: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// How long to wait for the last output of a command that goes on, and of one that has ended. It says why it ended just after it
/// has closed the connection.
const LAST_WORDS: Duration = Duration::from_millis(50);
const LAST_WORDS_OF_ALL: Duration = Duration::from_secs(1);

/// A running command. Dropping this ends it, with all that it started.
#[derive(Debug)]
pub(super) struct ProxyCommand {
    child: Child,
    last: Arc<Mutex<VecDeque<String>>>,
    /// Whether its standard error has come to its end.
    is_silent: Arc<AtomicBool>,
}

/// The standard error of a running command, line by line.
pub(super) struct Printed {
    lines: Receiver<Option<String>>,
    over: Sender<Option<String>>,
}

impl ProxyCommand {
    /// Starts a shell command and returns the connection through it.
    pub(super) fn start(command: &str) -> io::Result<(Transport, Self, Printed)> {
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
        let stderr = child.stderr.take();
        let (over, lines) = channel();
        let proxy = Self { child, last: Arc::default(), is_silent: Arc::default() };
        if let Some(stderr) = stderr {
            let (last, sender) = (Arc::clone(&proxy.last), over.clone());
            let is_silent = Arc::clone(&proxy.is_silent);
            std::thread::Builder::new().spawn(move || {
                read_lines(stderr, |line| {
                    let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                    last.push_back(line.clone());
                    if last.len() > MOST_LINES {
                        last.pop_front();
                    }
                    drop(last);
                    // The receiver is gone once the connection is made.
                    let _ = sender.send(Some(line));
                });
                is_silent.store(true, Ordering::SeqCst);
            })?;
        }
        Ok((Transport::over(ours)?, proxy, Printed { lines, over }))
    }

    /// The last lines of its standard error. `has_ended` says whether it has closed the connection.
    pub(super) fn said(&self, has_ended: bool) -> Option<String> {
        let until = Deadline::after(if has_ended { LAST_WORDS_OF_ALL } else { LAST_WORDS });
        while !self.is_silent.load(Ordering::SeqCst) && !until.passed() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let last: Vec<&str> = last.iter().map(String::as_str).collect();
        (!last.is_empty()).then(|| last.join("; "))
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

impl Printed {
    /// Shows the lines as they come, while `work` runs.
    pub(super) fn shown<T>(self, show: impl Fn(&str) + Send, work: impl FnOnce() -> T) -> T {
        /// Stops showing, even if the work panics.
        struct Over(Sender<Option<String>>);
        impl Drop for Over {
            fn drop(&mut self) {
                let _ = self.0.send(None);
            }
        }
        let Self { lines, over } = self;
        std::thread::scope(|scope| {
            let _over = Over(over);
            // Without a thread, an error still quotes the last lines.
            let _ = std::thread::Builder::new().spawn_scoped(scope, move || {
                lines.iter().map_while(|line| line).for_each(|line| show(&line));
            });
            work()
        })
    }
}

/// Passes on every line that is not empty, made safe to show, and the beginning of a line whose rest does not come.
fn read_lines(mut stderr: ChildStderr, mut each: impl FnMut(String)) {
    let mut chunk = [0; 1024];
    let mut line: Vec<u8> = Vec::new();
    let mut give = |line: &mut Vec<u8>| {
        let text = printable(&String::from_utf8_lossy(line));
        line.clear();
        if !text.trim().is_empty() {
            each(text.trim().to_owned());
        }
    };
    loop {
        let prompt_time = (!line.is_empty()).then_some(&REST_OF_LINE);
        match poll(&mut [PollFd::new(&stderr, PollFlags::IN)], prompt_time) {
            Ok(0) => {
                give(&mut line);
                continue;
            }
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => break,
        }
        let count = match stderr.read(&mut chunk) {
            Ok(0) | Err(_) => break,
            Ok(count) => count,
        };
        for byte in &chunk[..count] {
            if [b'\n', b'\r'].contains(byte) || line.len() >= LONGEST_LINE {
                give(&mut line);
            }
            if ![b'\n', b'\r'].contains(byte) {
                line.push(*byte);
            }
        }
    }
    give(&mut line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_shown_while_the_command_runs_and_as_they_are_harmless() {
        let folder = tempfile::tempdir().unwrap();
        let go = folder.path().join("go");
        let script = format!(
            "sh -c 'printf \"a\\033[31mb\\n\\n\\200 \" >&2; until [ -e {} ]; do sleep 0.05; done; echo last >&2'",
            go.display()
        );
        let (_wire, proxy, printed) = ProxyCommand::start(&script).unwrap();
        let seen = Mutex::new(Vec::new());
        let has = |count: usize| {
            let began = std::time::Instant::now();
            while seen.lock().unwrap().len() < count {
                assert!(
                    began.elapsed() < Duration::from_secs(20),
                    "not shown within 20 s: {:?}",
                    seen.lock()
                );
                std::thread::sleep(Duration::from_millis(10));
            }
        };
        printed.shown(
            |line| seen.lock().unwrap().push(line.to_owned()),
            || {
                // The second line has no end.
                has(2);
                std::fs::write(&go, "").unwrap();
                has(3);
            },
        );
        assert_eq!(*seen.lock().unwrap(), ["a [31mb", "\u{fffd}", "last"]);
        assert_eq!(proxy.said(true).unwrap(), "a [31mb; \u{fffd}; last");
    }

    #[test]
    fn a_line_without_end_is_cut_and_work_that_panics_ends_the_showing() {
        let (_wire, _proxy, printed) =
            ProxyCommand::start("sh -c 'head -c 10000 /dev/zero | tr \\\\0 x >&2; sleep 60'").unwrap();
        let longest = Mutex::new(0);
        let began = std::time::Instant::now();
        let work = std::panic::AssertUnwindSafe(|| {
            printed.shown(
                |line| {
                    let mut longest = longest.lock().unwrap();
                    *longest = line.len().max(*longest);
                },
                || {
                    while *longest.lock().unwrap() == 0 {
                        assert!(began.elapsed() < Duration::from_secs(20), "nothing was shown within 20 s");
                        std::thread::sleep(Duration::from_millis(10));
                    }
                    panic!("as planned");
                },
            );
        });
        assert!(std::panic::catch_unwind(work).is_err());
        assert_eq!(*longest.lock().unwrap(), LONGEST_LINE);
    }
}
