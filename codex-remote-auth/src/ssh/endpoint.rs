//! An account, host and port to reach.

use std::fmt;

/// An account on an SSH server.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// A name that the system resolves, or an address without brackets.
    pub host: String,
    /// The port that sshd listens on.
    pub port: u16,
    /// The account.
    pub user: String,
}

impl Endpoint {
    /// An account at a host and port.
    pub fn new(user: impl Into<String>, host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port, user: user.into() }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "{}@[{}]:{}", self.user, self.host, self.port)
        } else {
            write!(f, "{}@{}:{}", self.user, self.host, self.port)
        }
    }
}
