//! A connection to an SSH agent with a deadline. libssh2 itself waits without one.

use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, SockAddr, Socket, Type};
use tempfile::TempDir;

use crate::ssh::Deadline;

/// A socket of our own that leads to the agent.
pub(super) struct AgentRelay {
    folder: TempDir,
    listener: UnixListener,
    agent: UnixStream,
}

impl AgentRelay {
    pub(super) fn to(agent: &Path, deadline: Deadline) -> io::Result<Self> {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        // A plain connect to an agent that accepts no connections would wait forever.
        socket.connect_timeout(&SockAddr::unix(agent)?, deadline.left().max(Duration::from_millis(1)))?;
        let agent = UnixStream::from(OwnedFd::from(socket));
        // Only this account may enter the folder.
        let folder = tempfile::Builder::new().prefix("codex-agent-").tempdir()?;
        let listener = UnixListener::bind(folder.path().join("socket"))?;
        Ok(Self { folder, listener, agent })
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// Relays for the connection that was made, until one side ends or the deadline passes. Then both are closed.
    pub(super) fn serve(self, deadline: Deadline) -> io::Result<()> {
        self.listener.set_nonblocking(true)?;
        let (asker, _) = self.listener.accept()?;
        asker.set_nonblocking(false)?;
        let agent = self.agent;
        // It ends at the deadline or when libssh2 closes, and closes both sockets.
        std::thread::Builder::new().spawn(move || carry([asker, agent], deadline))?;
        Ok(())
    }
}

fn carry(mut ends: [UnixStream; 2], deadline: Deadline) -> io::Result<()> {
    loop {
        let timeout = Timespec::try_from(deadline.left()).map_err(io::Error::other)?;
        let [asker, agent] = &ends;
        let mut both = [PollFd::new(asker, PollFlags::IN), PollFd::new(agent, PollFlags::IN)];
        match poll(&mut both, Some(&timeout)) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        let ready = both.map(|end| !end.revents().is_empty());
        for (from, ready) in ready.into_iter().enumerate() {
            let mut chunk = [0; 16 * 1024];
            if ready {
                match ends[from].read(&mut chunk)? {
                    0 => return Ok(()),
                    count => ends[1 - from].write_all(&chunk[..count])?,
                }
            }
        }
    }
}
