//! A command that runs on the host: its stdin, its two outputs, its end.

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use ssh2::ErrorCode;
use zeroize::Zeroizing;

use super::session::DENIALS;
use super::transport::would_wait;
use super::{Deadline, Forward, Session, SshProblem};
use crate::message::plain_words;

/// How much of each output stream is kept: its beginning and its end. The middle is dropped, so that a host that prints without
/// end cannot fill our memory.
const MOST_KEPT: usize = 8 * 1024 * 1024;

/// How much is dropped at a time.
const LET_GO: usize = 1024 * 1024;

/// How much is read of one stream before the other one and the deadline are checked.
const MOST_CHUNKS: usize = 64;

/// libssh2's `LIBSSH2_ERROR_CHANNEL_CLOSED`.
const CLOSED: ErrorCode = ErrorCode::Session(-26);

/// An answer cannot come any more, so nobody waits for it until the deadline.
const NO_ANSWER: &str = "the server closed the channel without an answer";

/// What a command gets on its standard input.
#[derive(Debug, Clone, Copy)]
pub enum Stdin<'a> {
    /// End of file at once.
    Closed,
    /// These bytes, then end of file.
    Bytes(&'a [u8]),
    /// These bytes, without an end: the pipe stays open while the command runs.
    Open(&'a [u8]),
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It exited with this status.
    Exit(i32),
    /// A signal ended it: its name without `SIG`.
    Signal(String),
    /// It was still running at our deadline.
    Deadline,
}

/// The result of a command.
#[derive(Debug, Clone)]
pub struct Output {
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
    /// How it ended.
    pub end: End,
    /// From its start to its end, or to the deadline.
    pub elapsed: Duration,
}

/// A running command. Dropping it closes the channel without waiting, and sshd lets the command go on.
pub struct RemoteProcess<'s> {
    session: &'s Session,
    channel: ssh2::Channel,
    started: Instant,
    unsent: Zeroizing<Vec<u8>>,
    /// The rest of the server's window when it accepted no more.
    stuck_at: u32,
    close_after: bool,
    stdin_closed: bool,
    // The output of the host may contain its login.
    stdout: Zeroizing<Vec<u8>>,
    stderr: Zeroizing<Vec<u8>>,
}

impl Session {
    /// Starts a command, which the account's login shell parses.
    ///
    /// The input is sent after the answer, because sshd opens its window only then.
    ///
    /// # Errors
    /// [`SshProblem::NoCommand`], [`SshProblem::TimedOut`] and [`SshProblem::Lost`].
    pub fn start(&self, command: &str, deadline: Deadline) -> Result<RemoteProcess<'_>, SshProblem> {
        let mut channel = self.step("opening a channel", deadline, || self.inner.channel_session())?;
        for variable in &self.variables {
            self.step("setting a variable", deadline, || {
                match channel.setenv(&variable.name, &variable.value) {
                    // As with `ssh`: a server that does not allow it says no, and the command runs without it.
                    Err(error) if DENIALS.contains(&error.code()) => Ok(()),
                    other => other,
                }
            })?;
        }
        self.step("starting the command", deadline, || match channel.exec(command) {
            Err(error) if would_wait(&error) && channel.eof() => Err(ssh2::Error::new(CLOSED, NO_ANSWER)),
            other => other,
        })?;
        Ok(RemoteProcess::new(self, channel))
    }

    /// Runs a command until it ends, or until the deadline: then the result has [`End::Deadline`].
    ///
    /// # Errors
    /// [`SshProblem::Lost`] where the connection breaks, [`SshProblem::TimedOut`] and [`SshProblem::NoCommand`] where it cannot
    /// even start.
    pub fn run(&self, command: &str, stdin: Stdin<'_>, deadline: Deadline) -> Result<Output, SshProblem> {
        let mut process = self.start(command, deadline)?;
        process.feed(stdin);
        process.follow(deadline, |_| false)?;
        process.finish(deadline)
    }
}

impl<'s> RemoteProcess<'s> {
    pub(super) fn new(session: &'s Session, channel: ssh2::Channel) -> Self {
        Self {
            session,
            channel,
            started: Instant::now(),
            unsent: Zeroizing::new(Vec::new()),
            stuck_at: 0,
            close_after: false,
            stdin_closed: false,
            stdout: Zeroizing::default(),
            stderr: Zeroizing::default(),
        }
    }

    /// Queues bytes for the command's stdin; [`follow`](Self::follow) sends them.
    pub fn feed(&mut self, stdin: Stdin<'_>) {
        match stdin {
            Stdin::Closed => self.close_after = true,
            Stdin::Bytes(bytes) => {
                self.unsent.extend_from_slice(bytes);
                self.close_after = true;
            }
            Stdin::Open(bytes) => self.unsent.extend_from_slice(bytes),
        }
    }

    /// The stdout so far.
    pub fn stdout(&self) -> &[u8] {
        &self.stdout
    }

    /// The stderr so far.
    pub fn stderr(&self) -> &[u8] {
        &self.stderr
    }

    /// Sends and reads until both outputs have ended, `enough` returns true, or the deadline passes.
    /// Returns `true` if the outputs have ended.
    ///
    /// # Errors
    /// [`SshProblem::Lost`] where the connection breaks.
    pub fn follow(
        &mut self,
        deadline: Deadline,
        enough: impl FnMut(&Self) -> bool,
    ) -> Result<bool, SshProblem> {
        self.follow_beside(None, deadline, enough)
    }

    /// Like [`follow`](Self::follow), and serves a forwarded port of the same session meanwhile.
    ///
    /// # Errors
    /// [`SshProblem::Lost`] where the connection breaks.
    pub fn follow_beside(
        &mut self,
        mut forward: Option<&mut Forward<'_>>,
        deadline: Deadline,
        mut enough: impl FnMut(&Self) -> bool,
    ) -> Result<bool, SshProblem> {
        let session = self.session;
        loop {
            let mut moved = self.send()?;
            if let Some(forward) = &mut forward {
                moved |= forward.serve()?;
            }
            moved |= self.receive()?;
            if self.channel.eof() {
                return Ok(true);
            }
            if enough(self) {
                return Ok(false);
            }
            // Reading one output also takes in what came for the others, and the socket is silent then.
            let came = self.channel.read_window().available > 0;
            // The same happens to the message that the server has room for more input.
            let room = !self.unsent.is_empty() && self.channel.write_window().remaining > self.stuck_at;
            if moved || came || room || forward.as_ref().is_some_and(|forward| forward.has_come()) {
                // Output without end does not extend the deadline.
                if deadline.passed() {
                    return Ok(false);
                }
                continue;
            }
            let wants = session.inner.block_directions();
            let others = forward.as_ref().map(|forward| forward.awaited()).unwrap_or_default();
            let ready = session.transport.wait_beside(wants, others, deadline);
            if !ready.map_err(|error| session.lost("waiting for the command", plain_words(&error)))? {
                return Ok(false);
            }
        }
    }

    /// Waits for the exit status and returns the result.
    ///
    /// # Errors
    /// [`SshProblem::Lost`] where the connection breaks.
    pub fn finish(mut self, deadline: Deadline) -> Result<Output, SshProblem> {
        let end = self.close(deadline)?;
        let elapsed = self.started.elapsed();
        let (stdout, stderr) = (std::mem::take(&mut *self.stdout), std::mem::take(&mut *self.stderr));
        Ok(Output { stdout, stderr, end, elapsed })
    }

    /// Closes the channel and returns how the command ended. The output stays available.
    ///
    /// # Errors
    /// [`SshProblem::Lost`] where the connection breaks.
    pub fn close(&mut self, deadline: Deadline) -> Result<End, SshProblem> {
        let end = if self.channel.eof() { self.end(deadline)? } else { End::Deadline };
        // There is no wait: a command that hangs gets the end of its input, and ends.
        let _ = self.channel.close();
        Ok(end)
    }

    /// Whether both outputs have ended.
    pub fn has_ended(&self) -> bool {
        self.channel.eof()
    }

    /// The time since the command was started.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn end(&mut self, deadline: Deadline) -> Result<End, SshProblem> {
        let channel = &mut self.channel;
        // `close` comes later: a command that closes its outputs and runs on would lose its exit status.
        let closed = self.session.drive("waiting for the command's end", deadline, || channel.wait_close());
        match closed {
            Err(SshProblem::TimedOut { .. }) => return Ok(End::Deadline),
            other => other?,
        }
        let lost = |error: ssh2::Error| self.session.lost("reading the exit status", error.message());
        if let Some(signal) = self.channel.exit_signal().map_err(lost)?.exit_signal {
            return Ok(End::Signal(signal));
        }
        Ok(End::Exit(self.channel.exit_status().map_err(lost)?))
    }

    fn send(&mut self) -> Result<bool, SshProblem> {
        if self.stdin_closed {
            return Ok(false);
        }
        if !self.unsent.is_empty() {
            return match self.channel.write(&self.unsent) {
                Ok(sent) => {
                    self.unsent.drain(..sent);
                    Ok(sent > 0)
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.stuck_at = self.channel.write_window().remaining;
                    Ok(false)
                }
                // The command may end without reading its input. Its outputs say why.
                Err(_) if self.channel.eof() => {
                    self.unsent.clear();
                    Ok(true)
                }
                Err(error) => Err(self.session.lost("sending", plain_words(&error))),
            };
        }
        if !self.close_after {
            return Ok(false);
        }
        match self.channel.send_eof() {
            Ok(()) => {
                self.stdin_closed = true;
                Ok(true)
            }
            Err(error) if would_wait(&error) => Ok(false),
            Err(error) => Err(self.session.lost("closing the input", error.message())),
        }
    }

    fn receive(&mut self) -> Result<bool, SshProblem> {
        let mut moved = false;
        let lost = |error: std::io::Error| self.session.lost("reading the output", plain_words(&error));
        moved |= drain(&mut self.channel.stream(0), &mut self.stdout).map_err(lost)?;
        moved |= drain(&mut self.channel.stderr(), &mut self.stderr).map_err(lost)?;
        Ok(moved)
    }
}

/// Appends without leaving a copy in freed memory.
fn append(into: &mut Zeroizing<Vec<u8>>, bytes: &[u8]) {
    if into.capacity() - into.len() < bytes.len() {
        let mut larger = Zeroizing::new(Vec::with_capacity(2 * (into.len() + bytes.len())));
        larger.extend_from_slice(into);
        *into = larger;
    }
    into.extend_from_slice(bytes);
}

fn drain(stream: &mut ssh2::Stream, into: &mut Zeroizing<Vec<u8>>) -> std::io::Result<bool> {
    let mut moved = false;
    let mut chunk = Zeroizing::new([0; 16 * 1024]);
    // Does not read to the end, which may never come: the caller has a deadline and another stream.
    for _ in 0..MOST_CHUNKS {
        match stream.read(&mut chunk[..]) {
            Ok(0) => return Ok(moved),
            Ok(count) => {
                moved = true;
                append(into, &chunk[..count]);
                if into.len() > MOST_KEPT {
                    into.drain(MOST_KEPT / 2..MOST_KEPT / 2 + LET_GO);
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(moved),
            Err(error) => return Err(error),
        }
    }
    Ok(moved)
}
