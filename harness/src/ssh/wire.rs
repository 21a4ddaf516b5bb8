//! The socket under a session, and the one loop in which everything waits.

use std::io;
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::sync::mpsc::RecvTimeoutError;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use ssh2::{BlockDirections, ErrorCode};

use super::{Deadline, Endpoint, SshProblem};

/// libssh2's `LIBSSH2_ERROR_EAGAIN`: the call would have to wait.
const EAGAIN: ErrorCode = ErrorCode::Session(-37);

/// Whether libssh2 only says that the call would have to wait.
pub(super) fn would_wait(error: &ssh2::Error) -> bool {
    error.code() == EAGAIN
}

/// A connected socket.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
}

impl Wire {
    /// Connects to the first address that answers.
    pub(super) fn connect(endpoint: &Endpoint, deadline: Deadline) -> Result<Self, SshProblem> {
        let addresses = (endpoint.host.as_str(), endpoint.port).to_socket_addrs().map_err(|error| {
            SshProblem::NoSuchHost { endpoint: endpoint.clone(), reason: error.to_string() }
        })?;
        let mut reason = "the name has no address".to_owned();
        for address in addresses {
            match TcpStream::connect_timeout(
                &address,
                deadline.left().max(std::time::Duration::from_millis(1)),
            ) {
                Ok(stream) => return Self::over(stream, endpoint),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    return Err(timed_out(endpoint, "connecting", deadline));
                }
                Err(error) => reason = error.to_string(),
            }
        }
        Err(SshProblem::Unreachable { endpoint: endpoint.clone(), reason })
    }

    fn over(stream: TcpStream, endpoint: &Endpoint) -> Result<Self, SshProblem> {
        stream.set_nodelay(true).and_then(|()| stream.set_nonblocking(true)).map_err(|error| {
            SshProblem::Unreachable { endpoint: endpoint.clone(), reason: error.to_string() }
        })?;
        Ok(Self { stream })
    }

    /// A second handle to the same socket, for libssh2 to own.
    pub(super) fn handle(&self) -> io::Result<TcpStream> {
        self.stream.try_clone()
    }

    /// Waits until the socket is ready for what libssh2 wants of it. `false` once the deadline has passed.
    pub(super) fn wait(&self, wants: BlockDirections, deadline: Deadline) -> io::Result<bool> {
        if deadline.passed() {
            return Ok(false);
        }
        self.acknowledge_at_once();
        let flags = match wants {
            BlockDirections::Outbound => PollFlags::OUT,
            BlockDirections::Both => PollFlags::IN | PollFlags::OUT,
            BlockDirections::Inbound | BlockDirections::None => PollFlags::IN,
        };
        let timeout = Timespec::try_from(deadline.left()).map_err(io::Error::other)?;
        match poll(&mut [PollFd::new(&self.stream, flags)], Some(&timeout)) {
            Ok(0) => Ok(false),
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// Half of a login on a fast link is our kernel's delayed ACK, which holds back sshd's small
    /// packets until sshd turns Nagle off. The kernel forgets this setting, so every wait sets it again.
    fn acknowledge_at_once(&self) {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let _ = socket2::SockRef::from(&self.stream).set_tcp_quickack(true);
    }

    /// Whether the other side has ended the connection, or it broke.
    pub(super) fn is_over(&self) -> bool {
        match self.stream.peek(&mut [0]) {
            Ok(count) => count == 0,
            Err(error) => error.kind() != io::ErrorKind::WouldBlock,
        }
    }

    /// Runs `step`, and has another thread hang up at the deadline if it is not done by then. libssh2 reads a
    /// server's greeting to its end before it comes back to our loop, and a server may greet without end.
    pub(super) fn hang_up_at<T>(&self, deadline: Deadline, step: impl FnOnce() -> T) -> T {
        std::thread::scope(|scope| {
            let (done, over) = std::sync::mpsc::channel::<()>();
            // Where there is no thread to be had, the deadline still holds against everybody but such a server.
            let _ = std::thread::Builder::new().spawn_scoped(scope, move || {
                if over.recv_timeout(deadline.left()) == Err(RecvTimeoutError::Timeout) {
                    let _ = self.stream.shutdown(Shutdown::Both);
                }
            });
            let outcome = step();
            drop(done);
            outcome
        })
    }

    /// Calls `step` until it no longer has to wait.
    pub(super) fn drive<T>(
        &self,
        session: &ssh2::Session,
        deadline: Deadline,
        mut step: impl FnMut() -> Result<T, ssh2::Error>,
    ) -> Result<T, Stopped> {
        loop {
            match step() {
                Err(error) if would_wait(&error) => match self.wait(session.block_directions(), deadline) {
                    Ok(true) => {}
                    Ok(false) => return Err(Stopped::Deadline),
                    Err(error) => return Err(Stopped::Io(error)),
                },
                Err(error) => return Err(Stopped::Refused(error)),
                Ok(value) => return Ok(value),
            }
        }
    }
}

/// Why a driven call did not come to its end.
#[derive(Debug)]
pub(super) enum Stopped {
    Deadline,
    Io(io::Error),
    Refused(ssh2::Error),
}

impl Stopped {
    /// What happened, in words for an error; `None` for a deadline, which has an error of its own.
    pub(super) fn reason(&self) -> Option<String> {
        match self {
            Self::Deadline => None,
            Self::Io(error) => Some(error.to_string()),
            Self::Refused(error) => Some(error.message().to_owned()),
        }
    }
}

pub(super) fn timed_out(endpoint: &Endpoint, doing: &'static str, deadline: Deadline) -> SshProblem {
    SshProblem::TimedOut { endpoint: endpoint.clone(), doing, waited: deadline.span() }
}
