//! One SSH connection to a jump host, with any number of connections to the hosts behind it.
//!
//! OpenSSH's `MaxSessions` does not count them: it is about shells, logins and subsystems.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};

use rustix::event::{PollFd, PollFlags, poll};
use ssh2::{BlockDirections, Channel, ErrorCode};

use super::transport::{Transport, would_wait};
use super::{Deadline, Endpoint, Session};

/// The maximum of bytes that wait to be passed on in one direction of one connection.
const MOST_WAITING: usize = 256 * 1024;

/// libssh2's `LIBSSH2_ERROR_CHANNEL_FAILURE`: the jump host refused to forward.
const REFUSED: ErrorCode = ErrorCode::Session(-21);

/// What libssh2 says if the jump host has no room for one more connection.
const NO_ROOM: &str = "resource shortage";

/// A connection to a jump host, served by a thread. It ends once this is dropped and nothing is forwarded any more.
pub(super) struct JumpConnection {
    requests: Sender<Request>,
    wake: UnixStream,
}

/// Why a connection through the jump host was not made.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotForwarded {
    /// The jump host refused it, in the words of libssh2.
    Refused(String),
    /// The jump host has no room for one more.
    NoRoom,
    /// There was no answer in time, so nothing more can be asked for over this connection: libssh2 asks for one at a time.
    NoAnswer,
    /// The connection to the jump host is over.
    Over(String),
}

struct Request {
    host: String,
    port: u16,
    answer: Sender<Result<UnixStream, NotForwarded>>,
}

impl JumpConnection {
    /// Starts to serve a session with a jump host.
    pub(super) fn start(hop: Session) -> io::Result<Self> {
        let (requests, requested) = mpsc::channel();
        let (wake, woken) = UnixStream::pair()?;
        woken.set_nonblocking(true)?;
        let server = Server {
            hop,
            requests: requested,
            woken,
            is_wanted: true,
            pending: None,
            carried: Vec::new(),
            is_half_sent: false,
        };
        std::thread::Builder::new().spawn(move || server.serve())?;
        Ok(Self { requests, wake })
    }

    /// A connection from the jump host to another host. After [`NotForwarded::NoAnswer`] and [`NotForwarded::Over`], this
    /// is of no more use.
    pub(super) fn forward(&self, to: &Endpoint, deadline: Deadline) -> Result<Transport, NotForwarded> {
        let over = || NotForwarded::Over("the connection to it is over".to_owned());
        let (answer, answered) = mpsc::channel();
        let request = Request { host: to.host.clone(), port: to.port, answer };
        self.requests.send(request).map_err(|_| over())?;
        (&self.wake).write_all(b"!").map_err(|_| over())?;
        match answered.recv_timeout(deadline.left()) {
            Ok(Ok(end)) => Transport::over(end).map_err(|error| NotForwarded::Over(error.to_string())),
            Ok(Err(why)) => Err(why),
            Err(RecvTimeoutError::Timeout) => Err(NotForwarded::NoAnswer),
            Err(RecvTimeoutError::Disconnected) => Err(over()),
        }
    }
}

/// The thread's side.
struct Server {
    hop: Session,
    requests: Receiver<Request>,
    woken: UnixStream,
    /// Whether anybody can still ask for a connection.
    is_wanted: bool,
    pending: Option<Request>,
    carried: Vec<Carried>,
    /// Whether a packet was sent in part, and the socket takes no more.
    is_half_sent: bool,
}

impl Server {
    fn serve(mut self) {
        loop {
            self.take_request();
            if !self.is_wanted && self.carried.is_empty() {
                return;
            }
            self.is_half_sent = false;
            let mut moved = self.carry();
            match self.open() {
                Ok(opened) => moved |= opened,
                Err(()) => return,
            }
            if !moved && !self.has_come() && self.wait().is_err() {
                return;
            }
        }
    }

    fn take_request(&mut self) {
        let mut byte = [0; 64];
        while matches!((&self.woken).read(&mut byte), Ok(count) if count > 0) {}
        match self.requests.try_recv() {
            Ok(request) => self.pending = Some(request),
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => {
                self.is_wanted = false;
                self.pending = None;
            }
        }
    }

    /// Continues with the connection that was asked for. Returns whether it is made or refused, or an error if the
    /// connection to the jump host is over.
    fn open(&mut self) -> Result<bool, ()> {
        let Some(Request { host, port, answer }) = &self.pending else { return Ok(false) };
        let outcome = match self.hop.inner.channel_direct_tcpip(host, *port, None) {
            Err(error) if would_wait(&error) => {
                self.is_half_sent |= sends(&self.hop.inner);
                return Ok(false);
            }
            Err(error) if error.code() == REFUSED && error.message().contains(NO_ROOM) => {
                Err(NotForwarded::NoRoom)
            }
            Err(error) if error.code() == REFUSED => Err(NotForwarded::Refused(error.message().to_owned())),
            Err(error) => Err(NotForwarded::Over(error.message().to_owned())),
            Ok(channel) => Carried::new(channel)
                .map(|(carried, end)| {
                    self.carried.push(carried);
                    end
                })
                .map_err(|error| NotForwarded::Refused(error.to_string())),
        };
        let is_over = matches!(outcome, Err(NotForwarded::Over(_)));
        // Nobody listens any more if the time of that host is over.
        let _ = answer.send(outcome);
        self.pending = None;
        if is_over { Err(()) } else { Ok(true) }
    }

    fn carry(&mut self) -> bool {
        let mut moved = false;
        let session = &self.hop.inner;
        let is_half_sent = &mut self.is_half_sent;
        self.carried.retain_mut(|carried| {
            let step = carried.step(session);
            moved |= step.moved;
            *is_half_sent |= step.is_half_sent;
            // Its end may be the end of all work.
            moved |= step.is_done;
            !step.is_done
        });
        moved
    }

    /// Whether there is something to do that no wait would notice: each call of libssh2 takes in what came for all
    /// connections.
    fn has_come(&self) -> bool {
        self.carried.iter().any(|carried| carried.has_come(self.is_half_sent))
    }

    fn wait(&self) -> io::Result<()> {
        self.hop.transport.acknowledge_at_once();
        let mut remote = PollFlags::empty();
        remote.set(PollFlags::IN, self.pending.is_some() || !self.carried.is_empty());
        remote.set(PollFlags::OUT, self.is_half_sent);
        let mut all = vec![PollFd::new(self.hop.transport.socket(), remote)];
        if self.is_wanted {
            all.push(PollFd::new(&self.woken, PollFlags::IN));
        }
        all.extend(self.carried.iter().filter_map(Carried::awaited));
        match poll(&mut all, None) {
            // Without a connection to serve, nothing would notice that the jump host has hung up.
            Ok(_) if remote.is_empty() && all[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) => {
                Err(ErrorKind::BrokenPipe.into())
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether libssh2 waits until the socket takes the rest of a packet.
fn sends(session: &ssh2::Session) -> bool {
    matches!(session.block_directions(), BlockDirections::Outbound | BlockDirections::Both)
}

/// One connection through the jump host. It ends when either side ends.
struct Carried {
    channel: Channel,
    local: UnixStream,
    to_local: Vec<u8>,
    to_remote: Vec<u8>,
    remote_ended: bool,
    is_closing: bool,
}

#[derive(Default)]
struct Step {
    moved: bool,
    is_half_sent: bool,
    is_done: bool,
}

impl Carried {
    fn new(channel: Channel) -> io::Result<(Self, UnixStream)> {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let carried = Self {
            channel,
            local: ours,
            to_local: Vec::new(),
            to_remote: Vec::new(),
            remote_ended: false,
            is_closing: false,
        };
        Ok((carried, theirs))
    }

    fn step(&mut self, session: &ssh2::Session) -> Step {
        let mut step = Step::default();
        if !self.is_closing {
            match self.pass_on(session, &mut step) {
                Ok(()) if self.remote_ended && self.to_local.is_empty() => self.is_closing = true,
                Ok(()) => {}
                Err(_) => self.is_closing = true,
            }
        }
        if self.is_closing {
            // The session on top of this reports what the end means.
            let _ = self.local.shutdown(std::net::Shutdown::Both);
            match self.channel.close() {
                Err(error) if would_wait(&error) => step.is_half_sent |= sends(session),
                _ => step.is_done = true,
            }
        }
        step
    }

    fn pass_on(&mut self, session: &ssh2::Session, step: &mut Step) -> io::Result<()> {
        if !self.remote_ended && self.to_local.len() < MOST_WAITING {
            match receive(&mut self.channel, &mut self.to_local) {
                // What the other side sent last, such as how it ended, is still passed on.
                Err(_) => self.remote_ended = true,
                Ok(moved) => step.moved |= moved,
            }
        }
        step.moved |= send(&mut self.local, &mut self.to_local)?;
        if self.to_remote.len() < MOST_WAITING && !self.remote_ended {
            step.moved |= receive(&mut self.local, &mut self.to_remote)?;
        }
        if !self.to_remote.is_empty() && !self.remote_ended {
            let moved = send(&mut self.channel, &mut self.to_remote)?;
            step.moved |= moved;
            step.is_half_sent |= !moved && sends(session);
        }
        Ok(())
    }

    fn has_come(&self, is_half_sent: bool) -> bool {
        if self.is_closing || self.remote_ended {
            return false;
        }
        let in_channel = self.channel.read_window().available > 0 || self.channel.eof();
        let goes_out = !self.to_remote.is_empty() && self.channel.write_window().remaining > 0;
        (in_channel && self.to_local.len() < MOST_WAITING) || (goes_out && !is_half_sent)
    }

    fn awaited(&self) -> Option<PollFd<'_>> {
        let mut wants = PollFlags::empty();
        wants.set(PollFlags::IN, self.to_remote.len() < MOST_WAITING && !self.remote_ended);
        wants.set(PollFlags::OUT, !self.to_local.is_empty());
        (!wants.is_empty() && !self.is_closing).then(|| PollFd::new(&self.local, wants))
    }
}

/// Reads what is there. The end of the data is an error, since the connection is over then.
fn receive(from: &mut impl Read, waiting: &mut Vec<u8>) -> io::Result<bool> {
    let mut chunk = [0; 32 * 1024];
    match from.read(&mut chunk) {
        Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
        Ok(count) => {
            waiting.extend_from_slice(&chunk[..count]);
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error),
    }
}

fn send(to: &mut impl Write, waiting: &mut Vec<u8>) -> io::Result<bool> {
    if waiting.is_empty() {
        return Ok(false);
    }
    match to.write(waiting) {
        Ok(count) => {
            waiting.drain(..count);
            Ok(count > 0)
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error),
    }
}
