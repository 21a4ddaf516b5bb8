//! What a person is told and asked while a login waits for them.

use std::fmt;

use super::place::place;

/// What a host wants of a person or of this machine that Codex's own login does not need.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt<'a> {
    /// To open this page, which is neither Codex's nor the caller's issuer's. One word of printable ASCII.
    Page(&'a str),
    /// To listen on this port of this machine.
    Port(u16),
}

impl fmt::Debug for Doubt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The query of a link answers for the person.
            Self::Page(link) => write!(f, "Page({})", place(link)),
            Self::Port(port) => write!(f, "Port({port})"),
        }
    }
}

/// Somebody who sees a login through. What is told is good for minutes and for that person alone: it is shown, and kept nowhere.
pub trait Tell {
    /// The link to open in any browser, and the code to enter there.
    fn device(&self, link: &str, code: &str);

    /// The link to open in a browser on this machine. Its `port` leads to the host for as long as the login waits.
    fn browser(&self, link: &str, port: u16);

    /// The login has arrived, and codex on the host is asked whether it works.
    fn proving(&self);

    /// Whether the login may go on although the host wants something that Codex's own login does not need. Where nobody can be
    /// asked, it may not.
    fn allows(&self, doubt: Doubt<'_>) -> bool {
        let _ = doubt;
        false
    }
}
