//! An additional sshd in the container.

use std::io::Read;
use std::net::TcpStream;

use codex_remote_auth::codex::quote;
use harness::target::Account;

use crate::support::{LONG, Rig};

/// An sshd on its own port.
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Its public keys, as in known_hosts after the name.
    pub(crate) keys: Vec<String>,
}

/// The default settings of an sshd in these trials.
const USUAL: &[&str] = &[
    "UsePAM=no",
    "PasswordAuthentication=no",
    "KbdInteractiveAuthentication=no",
    "AuthorizedKeysFile=.ssh/authorized_keys",
    "UseDNS=no",
    "PrintMotd=no",
    "MaxStartups=200",
    "LogLevel=VERBOSE",
];

impl Server {
    /// Starts the server. An option `Keys=rsa,ed25519` names the types of its host keys; without it, the server has only an
    /// ed25519 key.
    pub(crate) fn start(rig: &Rig, port: u16, options: &[&str]) -> Self {
        let (types, options): (Vec<&str>, Vec<&str>) =
            options.iter().partition(|option| option.starts_with("Keys="));
        let types = types.first().map_or("ed25519", |types| types.trim_start_matches("Keys="));
        let folder = format!("/run/connect/{port}");
        let mut script = format!("set -e\nmkdir -p {folder} /run/sshd\n");
        let mut command =
            format!("/usr/sbin/sshd -r -f /dev/null -E /run/sshd.log -o Port={port} -o PidFile={folder}/pid");
        for kind in types.split(',') {
            script.push_str(&format!("ssh-keygen -q -t {kind} -N '' -C '' -f {folder}/{kind}\n"));
            command.push_str(&format!(" -o HostKey={folder}/{kind}"));
        }
        let name = |option: &str| option.split('=').next().unwrap_or_default().to_owned();
        let usual = USUAL.iter().filter(|usual| !options.iter().any(|option| name(option) == name(usual)));
        for option in options.iter().chain(usual) {
            command.push_str(&format!(" -o {}", quote(option)));
        }
        script.push_str(&format!("{command}\ncat {folder}/*.pub\n"));
        let keys = rig.root(&script).lines().map(|line| line.trim().to_owned()).collect();
        Self { host: rig.container().address().0.to_owned(), port, keys }
    }

    /// A connection that never authenticates. While it is open, it takes one of the places that MaxStartups allows.
    pub(crate) fn takes_a_place(&self) -> TcpStream {
        let mut stream = TcpStream::connect((self.host.as_str(), self.port)).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        // sshd sends its greeting after it has counted the connection.
        stream.read_exact(&mut [0; 4]).unwrap();
        stream
    }

    /// Its name in known_hosts, as reached from this machine.
    pub(crate) fn name(&self) -> String {
        format!("[{}]:{}", self.host, self.port)
    }

    /// The known_hosts lines that have all of its keys, under a name.
    pub(crate) fn lines_as(&self, name: &str) -> String {
        self.keys.iter().map(|key| format!("{name} {key}\n")).collect()
    }

    /// The same under its own name.
    pub(crate) fn lines(&self) -> String {
        self.lines_as(&self.name())
    }

    /// The settings of a configuration that lead to it.
    pub(crate) fn settings(&self, account: &Account) -> String {
        format!("  HostName {}\n  Port {}\n  User {}\n", self.host, self.port, account.name)
    }
}
