//! sshd on this machine's loopback, for trials that compare us with OpenSSH's own client.

use std::fmt::Write as _;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tests::home::succeeds;
use tests::running::within;

const SSHD: &str = "/usr/sbin/sshd";

/// A folder with the files of sshds that accept one key.
pub(crate) struct Loopback {
    folder: tempfile::TempDir,
}

/// A listening sshd. Dropping this ends it.
pub(crate) struct Listening {
    child: Child,
    pub(crate) port: u16,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Loopback {
    pub(crate) fn new() -> Self {
        assert!(Path::new(SSHD).exists(), "{SSHD} is missing: install openssh-server");
        // As root, sshd needs this folder, which an installed service would create.
        if is_root() {
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let made = Self { folder: tempfile::tempdir().unwrap() };
        made.key("id", &["ed25519"]);
        fs::copy(made.path("id.pub"), made.path("authorized")).unwrap();
        made
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Creates a key pair, and returns its public half: type and key.
    pub(crate) fn key(&self, name: &str, kind: &[&str]) -> String {
        let mut keygen = Command::new("ssh-keygen");
        succeeds(keygen.args(["-q", "-N", "", "-C", "", "-f"]).arg(self.path(name)).arg("-t").args(kind));
        fs::read_to_string(self.path(&format!("{name}.pub"))).unwrap().trim().to_owned()
    }

    /// Writes the configuration of an sshd with these host keys. Returns a command that serves one connection on standard input
    /// and output, for use as a ProxyCommand: the server then has any name and port that a client uses.
    pub(crate) fn server(&self, name: &str, keys: &[&str], options: &[&str]) -> String {
        let mut config = format!(
            "UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nStrictModes no\nUseDNS no\n\
             PrintMotd no\nPrintLastLog no\nMaxStartups 100\nPidFile none\nAuthorizedKeysFile {}\n",
            self.path("authorized").display()
        );
        for key in keys {
            writeln!(config, "HostKey {}", self.path(key).display()).unwrap();
        }
        for option in options {
            writeln!(config, "{option}").unwrap();
        }
        self.write(name, config);
        format!("{SSHD} -i -f {}", self.path(name).display())
    }

    /// The same sshd, listening on this address.
    pub(crate) fn listen(&self, name: &str, address: &str) -> Option<Listening> {
        let port = TcpListener::bind((address, 0)).ok()?.local_addr().unwrap().port();
        let child = Command::new(SSHD)
            .args(["-D", "-o", &format!("Port={port}"), "-o", &format!("ListenAddress={address}"), "-f"])
            .arg(self.path(name))
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let listening = Listening { child, port };
        let answers = within(Duration::from_secs(20), || TcpStream::connect((address, port)).is_ok());
        assert!(answers, "sshd did not listen on {address} within 20 s");
        Some(listening)
    }
}

fn is_root() -> bool {
    succeeds(Command::new("id").arg("-u")).trim() == "0"
}
