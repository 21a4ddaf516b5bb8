//! A port of this machine that leads to the same port of the host: `ssh -L`.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use ssh2::Channel;

use super::transport::{Stopped, timed_out};
use super::{Deadline, Session, SshProblem};

/// The most that waits to be passed on to one connection.
const MOST_WAITING: usize = 256 * 1024;

/// How long the other side may take to open a channel, or to take what one connection sends.
const PATIENCE: Duration = Duration::from_secs(10);

/// The address on the host: what listens for its own machine alone listens on this one.
const THERE: &str = "127.0.0.1";

/// A port of this machine's loopback that leads to the same port of the other machine's, as long as somebody serves it:
/// `RemoteProcess::follow_beside`.
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
    /// Listens here, once a first channel has shown that the way on the host is open.
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
        let taken = |error: std::io::Error| SshProblem::PortTaken { port, reason: error.to_string() };
        let mut listeners = vec![TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(taken)?];
        // A browser takes `localhost` for this one first, so whoever has it would get the login.
        match TcpListener::bind((Ipv6Addr::LOCALHOST, port)) {
            Ok(listener) => listeners.push(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(taken(error)),
            // A machine without IPv6 has none.
            Err(_) => {}
        }
        for listener in &listeners {
            listener.set_nonblocking(true).map_err(taken)?;
        }
        Ok(Self { session, port, listeners, carried: Vec::new() })
    }

    /// Passes on what is still on its way, once what listened on the host has ended, and listens no more. Whether all of it
    /// got through before the deadline.
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
            if !ready.map_err(|error| session.lost("waiting for the rest of a page", error.to_string()))? {
                return Ok(false);
            }
        }
    }

    /// Takes in and passes on whatever is there. Whether anything moved.
    pub(super) fn serve(&mut self) -> Result<bool, SshProblem> {
        let mut moved = false;
        for listener in &self.listeners {
            while let Ok((stream, _)) = listener.accept() {
                moved = true;
                // One that the other side refuses is hung up on, which is what it would see on the host.
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
            // One connection that breaks is no other's business, nor the session's.
            Err(_) => false,
        });
        Ok(moved)
    }

    /// Whether something for a connection has come that no wait would notice.
    pub(super) fn has_come(&self) -> bool {
        self.carried.iter().any(Carried::has_come)
    }

    /// What a wait has to look at beside the session's own socket.
    pub(super) fn awaited(&self) -> Vec<PollFd<'_>> {
        let listeners =
            self.listeners.iter().map(|listener| PollFd::from_borrowed_fd(listener.as_fd(), PollFlags::IN));
        listeners.chain(self.carried.iter().filter_map(Carried::awaited)).collect()
    }
}

/// A channel to the port on the host; the inner error is the server's refusal, in its words.
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

/// One connection, and the channel that it goes on by.
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

    /// Sent on at once, and to its end: libssh2 takes no other packet while one is half sent.
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
        // A connection that has been half closed is always ready for something, whatever is waited for.
        (!wants.is_empty()).then(|| PollFd::from_borrowed_fd(self.local.as_fd(), wants))
    }
}

fn broken(stopped: Stopped) -> std::io::Error {
    std::io::Error::other(stopped.reason().unwrap_or_else(|| "timed out after the deadline".to_owned()))
}
