//! One more sshd in the container.

use std::io::Read;
use std::net::TcpStream;

use codex_remote_auth::codex::quote;
use harness::target::Account;

use crate::support::{LONG, Rig};

/// An sshd on a port of its own.
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Its public keys, as known_hosts has them behind the name.
    pub(crate) keys: Vec<String>,
}

/// What an sshd of the trials is unless it is said otherwise.
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
    /// Starts it, with a key of its own of each of the types that an option `Keys=rsa,ed25519` names, ed25519 alone
    /// without one.
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

    /// A connection that never logs in: it takes one of the places that MaxStartups allows, as long as it is held.
    pub(crate) fn takes_a_place(&self) -> TcpStream {
        let mut stream = TcpStream::connect((self.host.as_str(), self.port)).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        // sshd greets a connection that it has counted.
        stream.read_exact(&mut [0; 4]).unwrap();
        stream
    }

    /// What it is called in known_hosts where it is reached from here.
    pub(crate) fn name(&self) -> String {
        format!("[{}]:{}", self.host, self.port)
    }

    /// The known_hosts lines that know all of its keys under a name.
    pub(crate) fn lines_as(&self, name: &str) -> String {
        self.keys.iter().map(|key| format!("{name} {key}\n")).collect()
    }

    /// The same under its own name.
    pub(crate) fn lines(&self) -> String {
        self.lines_as(&self.name())
    }

    /// Settings of a configuration that lead here.
    pub(crate) fn settings(&self, account: &Account) -> String {
        format!("  HostName {}\n  Port {}\n  User {}\n", self.host, self.port, account.name)
    }
}
