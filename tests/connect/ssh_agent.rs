//! A separate SSH agent for a trial.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tests::home::{Home, succeeds};
use tests::running::within;
use tests::started;

pub(crate) struct SshAgent {
    child: Child,
    pub(crate) socket: PathBuf,
}

impl SshAgent {
    /// Starts an agent in a home, at `agent`.
    pub(crate) fn start(home: &Home<'_>) -> Self {
        let socket = home.path("agent");
        let child = started::command("ssh-agent")
            .args(["-D", "-a"])
            .arg(&socket)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let agent = Self { child, socket };
        assert!(within(Duration::from_secs(10), || UnixStream::connect(&agent.socket).is_ok()));
        agent
    }

    /// Adds a private key to it.
    pub(crate) fn add(&self, key: &Path) {
        succeeds(Command::new("ssh-add").arg("-q").arg(key).env("SSH_AUTH_SOCK", &self.socket));
    }
}

impl Drop for SshAgent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
