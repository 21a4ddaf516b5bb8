//! A connection through another host: `ProxyJump`.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags, poll};
use ssh2::{BlockDirections, Channel};

use super::transport::Transport;
use super::{Deadline, Endpoint, Session, SshProblem};
use crate::message::plain_words;

/// The maximum of bytes that wait to be passed on in one direction.
const MOST_WAITING: usize = 256 * 1024;

/// A connection from this session's host to another one. A thread serves it until one end closes.
pub(super) fn through(hop: Session, to: &Endpoint, deadline: Deadline) -> Result<Transport, SshProblem> {
    let no_way_on =
        |reason: String| SshProblem::NoWayOn { endpoint: hop.endpoint().clone(), to: to.to_string(), reason };
    let opened =
        hop.transport.drive(&hop.inner, deadline, || hop.inner.channel_direct_tcpip(&to.host, to.port, None));
    let channel = opened.map_err(|stopped| match stopped.reason() {
        Some(reason) => no_way_on(reason),
        None => no_way_on("no answer in time".to_owned()),
    })?;
    let carried = || -> io::Result<Transport> {
        let (ours, theirs) = UnixStream::pair()?;
        theirs.set_nonblocking(true)?;
        std::thread::Builder::new().spawn(move || {
            let mut ends = Ends { hop, channel, local: theirs, to_local: Vec::new(), to_remote: Vec::new() };
            // It ends when either side ends. The session on top reports what that means.
            let _ = ends.carry();
            ends.hand_over_the_rest();
        })?;
        Transport::over(ours)
    };
    carried().map_err(|error| SshProblem::Unreachable { endpoint: to.clone(), reason: plain_words(&error) })
}

struct Ends {
    hop: Session,
    channel: Channel,
    local: UnixStream,
    to_local: Vec<u8>,
    to_remote: Vec<u8>,
}

impl Ends {
    fn carry(&mut self) -> io::Result<()> {
        loop {
            let mut moved = self.take_in_remote()?;
            moved |= send(&mut self.local, &mut self.to_local)?;
            moved |= self.take_in_local()?;
            moved |= send(&mut self.channel, &mut self.to_remote)?;
            if !moved {
                self.wait()?;
            }
        }
    }

    /// Writes the rest of what the other side sent, such as how it ended.
    fn hand_over_the_rest(&mut self) {
        let _ = self.local.set_nonblocking(false);
        let _ = self.local.write_all(&self.to_local);
    }

    fn take_in_remote(&mut self) -> io::Result<bool> {
        receive(&mut self.channel, &mut self.to_local)
    }

    fn take_in_local(&mut self) -> io::Result<bool> {
        receive(&mut self.local, &mut self.to_remote)
    }

    fn wait(&self) -> io::Result<()> {
        self.hop.transport.acknowledge_at_once();
        let mut remote = PollFlags::IN;
        if matches!(self.hop.inner.block_directions(), BlockDirections::Outbound | BlockDirections::Both) {
            remote |= PollFlags::OUT;
        }
        let mut local = PollFlags::empty();
        if self.to_remote.len() < MOST_WAITING {
            local |= PollFlags::IN;
        }
        if !self.to_local.is_empty() {
            local |= PollFlags::OUT;
        }
        let mut both = [PollFd::new(self.hop.transport.socket(), remote), PollFd::new(&self.local, local)];
        match poll(&mut both, None) {
            // It would count as ready forever.
            Ok(_) if both[1].revents().contains(PollFlags::HUP) => Err(ErrorKind::BrokenPipe.into()),
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Reads what is there. The end of the data is an error, since the connection is over then.
fn receive(from: &mut impl Read, waiting: &mut Vec<u8>) -> io::Result<bool> {
    if waiting.len() >= MOST_WAITING {
        return Ok(false);
    }
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
