//! A port of this machine that leads to the same port of the host: `ssh -L`.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use ssh2::Channel;

use super::transport::{Stopped, timed_out};
use super::{Deadline, Session, SshProblem};
use crate::message::plain_words;

/// The maximum of bytes that wait to be passed on to one connection.
const MOST_WAITING: usize = 256 * 1024;

/// How long the other side may take to open a channel, or to take what one connection sends.
const PATIENCE: Duration = Duration::from_secs(10);

/// The address on the host, where a program listens that serves only its own machine.
const THERE: &str = "127.0.0.1";

/// A loopback port of this machine that leads to the same port of the host while
/// `RemoteProcess::follow_beside` serves it.
pub struct Forward<'s> {
    session: &'s Session,
    port: u16,
    listeners: Vec<TcpListener>,
    carried: Vec<Carried>,
}

impl std::fmt::Debug for Forward<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Forward({} of {:?})", self.port, self.session)
    }
}

impl<'s> Forward<'s> {
    /// Listens here, once a first channel has shown that the host forwards.
    ///
    /// # Errors
    /// [`SshProblem::NoWayOn`] where the server does not forward or nothing listens there, [`SshProblem::PortTaken`]
    /// where something has the port here, [`SshProblem::TimedOut`] and [`SshProblem::Lost`].
    pub fn open(session: &'s Session, port: u16) -> Result<Self, SshProblem> {
        let mut trial = channel(session, port)?.map_err(|reason| SshProblem::NoWayOn {
            endpoint: session.endpoint().clone(),
            to: format!("{THERE}:{port}"),
            reason,
        })?;
        let _ = trial.close();
        let taken = |error: std::io::Error| SshProblem::PortTaken { port, reason: plain_words(&error) };
        let mut listeners = vec![TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(taken)?];
        // A browser tries this address first for `localhost`, so another program on it would get the login.
        match TcpListener::bind((Ipv6Addr::LOCALHOST, port)) {
            Ok(listener) => listeners.push(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(taken(error)),
            // The machine may have no IPv6.
            Err(_) => {}
        }
        for listener in &listeners {
            listener.set_nonblocking(true).map_err(taken)?;
        }
        Ok(Self { session, port, listeners, carried: Vec::new() })
    }

    /// Stops listening and passes on what is still on its way, once the program on the host has ended. Returns whether all of it
    /// was passed on before the deadline.
    ///
    /// # Errors
    /// [`SshProblem::Lost`] where the connection breaks.
    pub fn finish(mut self, deadline: Deadline) -> Result<bool, SshProblem> {
        self.listeners.clear();
        loop {
            let moved = self.serve()?;
            if self.carried.is_empty() {
                return Ok(true);
            }
            if moved || self.has_come() {
                if deadline.passed() {
                    return Ok(false);
                }
                continue;
            }
            let session = self.session;
            let ready =
                session.transport.wait_beside(session.inner.block_directions(), self.awaited(), deadline);
            if !ready.map_err(|error| session.lost("waiting for the rest of a page", plain_words(&error)))? {
                return Ok(false);
            }
        }
    }

    /// Accepts connections and passes on what is there. Returns whether anything moved.
    pub(super) fn serve(&mut self) -> Result<bool, SshProblem> {
        let mut moved = false;
        for listener in &self.listeners {
            while let Ok((stream, _)) = listener.accept() {
                moved = true;
                // A refused connection is closed, as it would be on the host itself.
                if let Ok(channel) = channel(self.session, self.port)?
                    && stream.set_nonblocking(true).is_ok()
                {
                    self.carried.push(Carried::new(stream, channel));
                }
            }
        }
        let session = self.session;
        self.carried.retain_mut(|carried| match carried.carry(session) {
            Ok(progress) => {
                moved |= progress;
                !carried.is_done()
            }
            // A broken connection does not affect the others, nor the session.
            Err(_) => false,
        });
        Ok(moved)
    }

    /// Whether data for a connection has come that no wait would notice.
    pub(super) fn has_come(&self) -> bool {
        self.carried.iter().any(Carried::has_come)
    }

    /// What a wait has to watch in addition to the session's own socket.
    pub(super) fn awaited(&self) -> Vec<PollFd<'_>> {
        let listeners =
            self.listeners.iter().map(|listener| PollFd::from_borrowed_fd(listener.as_fd(), PollFlags::IN));
        listeners.chain(self.carried.iter().filter_map(Carried::awaited)).collect()
    }
}

/// A channel to the port on the host. The inner error is the server's refusal, in its words.
fn channel(session: &Session, port: u16) -> Result<Result<Channel, String>, SshProblem> {
    let deadline = Deadline::after(PATIENCE);
    let doing = "opening a channel to a port on the host";
    let open = || session.inner.channel_direct_tcpip(THERE, port, None);
    match session.transport.drive(&session.inner, deadline, open) {
        Ok(channel) => Ok(Ok(channel)),
        Err(Stopped::Refused(error)) if !session.transport.is_over() => Ok(Err(error.message().to_owned())),
        Err(Stopped::Deadline) => Err(timed_out(session.endpoint(), doing, deadline)),
        Err(stopped) => Err(session.lost(doing, stopped.reason().unwrap_or_default())),
    }
}

/// One connection, and its channel.
struct Carried {
    local: TcpStream,
    channel: Channel,
    to_local: Vec<u8>,
    local_ended: bool,
    remote_ended: bool,
}

impl Carried {
    fn new(local: TcpStream, channel: Channel) -> Self {
        Self { local, channel, to_local: Vec::new(), local_ended: false, remote_ended: false }
    }

    fn carry(&mut self, session: &Session) -> std::io::Result<bool> {
        let mut moved = self.take_in_local(session)?;
        moved |= self.take_in_remote()?;
        while !self.to_local.is_empty() {
            match self.local.write(&self.to_local) {
                Ok(count) => {
                    self.to_local.drain(..count);
                    moved = true;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        if self.is_done() {
            let _ = self.local.shutdown(Shutdown::Both);
            let _ = self.channel.close();
        }
        Ok(moved)
    }

    /// Sends all of it at once, because libssh2 accepts no other packet while one is half sent.
    fn take_in_local(&mut self, session: &Session) -> std::io::Result<bool> {
        if self.local_ended {
            return Ok(false);
        }
        let mut chunk = [0; 16 * 1024];
        let count = match self.local.read(&mut chunk) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        };
        let deadline = Deadline::after(PATIENCE);
        let channel = &mut self.channel;
        let mut sent = 0;
        while sent < count {
            match channel.write(&chunk[sent..count]) {
                Ok(more) => sent += more,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if !session.transport.wait(session.inner.block_directions(), deadline)? {
                        return Err(ErrorKind::TimedOut.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        if count == 0 {
            self.local_ended = true;
            session.transport.drive(&session.inner, deadline, || channel.send_eof()).map_err(broken)?;
        }
        Ok(true)
    }

    fn take_in_remote(&mut self) -> std::io::Result<bool> {
        let mut moved = false;
        let mut chunk = [0; 16 * 1024];
        while !self.remote_ended && self.to_local.len() < MOST_WAITING {
            match self.channel.read(&mut chunk) {
                Ok(0) => {
                    self.remote_ended = self.channel.eof();
                    moved |= self.remote_ended;
                    break;
                }
                Ok(count) => {
                    self.to_local.extend_from_slice(&chunk[..count]);
                    moved = true;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(moved)
    }

    fn is_done(&self) -> bool {
        self.remote_ended && self.to_local.is_empty()
    }

    fn has_come(&self) -> bool {
        let room = self.to_local.len() < MOST_WAITING;
        room && !self.remote_ended && (self.channel.read_window().available > 0 || self.channel.eof())
    }

    fn awaited(&self) -> Option<PollFd<'_>> {
        let mut wants = PollFlags::empty();
        wants.set(PollFlags::IN, !self.local_ended);
        wants.set(PollFlags::OUT, !self.to_local.is_empty());
        // A half-closed connection always counts as ready, so there is no use in waiting for it.
        (!wants.is_empty()).then(|| PollFd::from_borrowed_fd(self.local.as_fd(), wants))
    }
}

fn broken(stopped: Stopped) -> std::io::Error {
    std::io::Error::other(stopped.reason().unwrap_or_else(|| "timed out after the deadline".to_owned()))
}
