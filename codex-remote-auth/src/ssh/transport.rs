//! The socket of a session, and the one loop in which everything waits.

use std::io;
use std::mem::MaybeUninit;
use std::net::{Shutdown, SocketAddr, ToSocketAddrs};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::RecvFlags;
use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};
use ssh2::{BlockDirections, ErrorCode};

use super::{AddressFamily, Deadline, Endpoint, SshProblem};
use crate::message::plain_words;

/// libssh2's `LIBSSH2_ERROR_EAGAIN`: the call would have to wait.
const EAGAIN: ErrorCode = ErrorCode::Session(-37);

/// TCP keepalive: the silence before the first probe, and the number of probes. A machine that vanished is noticed within half a
/// minute.
const SILENCE: Duration = Duration::from_secs(15);
const NEXT: Duration = Duration::from_secs(5);
const TIMES: u32 = 3;

/// Whether the error of libssh2 only means that the call would have to wait.
pub(super) fn would_wait(error: &ssh2::Error) -> bool {
    error.code() == EAGAIN
}

/// A connected socket.
#[derive(Debug)]
pub(super) struct Transport {
    stream: Socket,
}

/// The addresses that a TCP connection may use.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Route<'a> {
    pub(super) family: AddressFamily,
    pub(super) bind_address: Option<&'a str>,
}

impl Transport {
    /// Connects to the first address that answers.
    pub(super) fn connect(
        endpoint: &Endpoint,
        route: Route<'_>,
        deadline: Deadline,
    ) -> Result<Self, SshProblem> {
        let no_such_host = |reason: String, other_family| SshProblem::NoSuchHost {
            endpoint: endpoint.clone(),
            reason,
            other_family,
        };
        let addresses = (endpoint.host.as_str(), endpoint.port)
            .to_socket_addrs()
            .map_err(|error| no_such_host(plain_words(&error), false))?;
        let (reason, other_family) = match route.family {
            AddressFamily::Any => ("the name has no address", false),
            AddressFamily::V4 => ("the name has no IPv4 address, and AddressFamily allows no other", true),
            AddressFamily::V6 => ("the name has no IPv6 address, and AddressFamily allows no other", true),
        };
        let mut problem = no_such_host(reason.to_owned(), other_family);
        for address in addresses.filter(|address| route.takes(address)) {
            let left = deadline.left().max(Duration::from_millis(1));
            problem = match route.open(address, left) {
                Ok(stream) => return Ok(Self { stream }),
                Err(Unopened::Io(error)) if error.kind() == io::ErrorKind::TimedOut => {
                    timed_out(endpoint, "connecting", deadline)
                }
                Err(Unopened::Io(error)) => {
                    SshProblem::Unreachable { endpoint: endpoint.clone(), reason: plain_words(&error) }
                }
                Err(Unopened::BindAddress { address, reason }) => {
                    SshProblem::BindAddress { endpoint: endpoint.clone(), address, reason }
                }
            };
            if deadline.passed() {
                break;
            }
        }
        Err(problem)
    }

    /// The address and port of the other end of a TCP connection.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.stream.peer_addr().ok()?.as_socket()
    }

    /// Wraps one end of a socket pair. Something else serves the other end.
    pub(super) fn over(end: UnixStream) -> io::Result<Self> {
        end.set_nonblocking(true)?;
        Ok(Self { stream: end.into() })
    }

    /// A second handle to the same socket, for libssh2 to own.
    pub(super) fn handle(&self) -> io::Result<Socket> {
        self.stream.try_clone()
    }

    /// The socket, for a loop that also waits for others.
    pub(super) fn socket(&self) -> &Socket {
        &self.stream
    }

    /// Waits until the socket is ready for what libssh2 needs. Returns `false` once the deadline has passed.
    pub(super) fn wait(&self, wants: BlockDirections, deadline: Deadline) -> io::Result<bool> {
        self.wait_beside(wants, Vec::new(), deadline)
    }

    /// Like [`wait`](Self::wait), but also ends if one of these others is ready.
    pub(super) fn wait_beside<'a>(
        &'a self,
        wants: BlockDirections,
        mut others: Vec<PollFd<'a>>,
        deadline: Deadline,
    ) -> io::Result<bool> {
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
        others.push(PollFd::from_borrowed_fd(self.stream.as_fd(), flags));
        match poll(&mut others, Some(&timeout)) {
            Ok(0) => Ok(false),
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// Half of the time of a connection on a fast link is our kernel's delayed ACK, which holds back sshd's small
    /// packets until sshd turns Nagle off. The kernel forgets this setting, so every wait sets it again.
    pub(super) fn acknowledge_at_once(&self) {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let _ = self.stream.set_tcp_quickack(true);
    }

    /// Whether the other side has ended the connection, or it broke.
    pub(super) fn is_over(&self) -> bool {
        match self.stream.peek(&mut [MaybeUninit::uninit()]) {
            Ok(count) => count == 0,
            Err(error) => error.kind() != io::ErrorKind::WouldBlock,
        }
    }

    /// The first bytes that have come and that nobody has read yet; `None` if none have come.
    pub(super) fn comes_first(&self) -> Option<String> {
        let mut first = [0; 256];
        let (_, count) = rustix::net::recv(&self.stream, &mut first, RecvFlags::PEEK).ok()?;
        (count > 0).then(|| String::from_utf8_lossy(&first[..count]).into_owned())
    }

    /// Ends the connection: nothing more is sent.
    pub(super) fn hang_up(&self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Runs `step`. Another thread ends the connection at the deadline if `step` is not done by then: libssh2 reads a
    /// server's greeting to its end before it returns to our loop, and a greeting may have no end.
    pub(super) fn hang_up_at<T>(&self, deadline: Deadline, step: impl FnOnce() -> T) -> T {
        std::thread::scope(|scope| {
            let (done, over) = std::sync::mpsc::channel::<()>();
            // Without a thread, only such a server can exceed the deadline.
            let _ = std::thread::Builder::new().spawn_scoped(scope, move || {
                if over.recv_timeout(deadline.left()) == Err(RecvTimeoutError::Timeout) {
                    self.hang_up();
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

impl Route<'_> {
    fn takes(self, address: &SocketAddr) -> bool {
        match self.family {
            AddressFamily::Any => true,
            AddressFamily::V4 => address.is_ipv4(),
            AddressFamily::V6 => address.is_ipv6(),
        }
    }

    fn open(self, address: SocketAddr, within: Duration) -> Result<Socket, Unopened> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        if let Some(own) = self.bind_address {
            let unusable = |reason: String| Unopened::BindAddress { address: own.to_owned(), reason };
            let said = |error: io::Error| unusable(plain_words(&error));
            let mut all = (own, 0).to_socket_addrs().map_err(said)?;
            let one = all.find(|one| one.is_ipv4() == address.is_ipv4());
            let family = if address.is_ipv4() { "IPv4" } else { "IPv6" };
            let one = one.ok_or_else(|| unusable(format!("the host has an {family} address")))?;
            socket.bind(&one.into()).map_err(said)?;
        }
        socket.connect_timeout(&address.into(), within)?;
        socket.set_tcp_nodelay(true)?;
        // If the system does not support it, a deadline still ends the wait.
        let keepalive = TcpKeepalive::new().with_time(SILENCE).with_interval(NEXT).with_retries(TIMES);
        let _ = socket.set_tcp_keepalive(&keepalive);
        socket.set_nonblocking(true)?;
        Ok(socket)
    }
}

/// Why there is no connection to an address.
enum Unopened {
    Io(io::Error),
    BindAddress { address: String, reason: String },
}

impl From<io::Error> for Unopened {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Why a driven call did not complete.
#[derive(Debug)]
pub(super) enum Stopped {
    Deadline,
    Io(io::Error),
    Refused(ssh2::Error),
}

impl Stopped {
    /// The reason in words. `None` for a deadline, which has its own error.
    pub(super) fn reason(&self) -> Option<String> {
        match self {
            Self::Deadline => None,
            Self::Io(error) => Some(plain_words(error)),
            Self::Refused(error) => Some(error.message().to_owned()),
        }
    }
}

pub(super) fn timed_out(endpoint: &Endpoint, doing: &'static str, deadline: Deadline) -> SshProblem {
    SshProblem::TimedOut { endpoint: endpoint.clone(), doing, waited: deadline.span() }
}
