//! What a person is shown and asked while a login waits for them.

use std::fmt;

use super::place::place;
use crate::ssh::TrustAnswer;

/// Something that a host asks of a person or of this machine, and that Codex's own login does not need.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt<'a> {
    /// Open this page, which belongs neither to Codex nor to the issuer that the caller named. One word of printable
    /// ASCII.
    Page(&'a str),
    /// Listen on this port of this machine.
    Port(u16),
}

impl fmt::Debug for Doubt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The query of a link could be used in the person's place.
            Self::Page(link) => write!(f, "Page({})", place(link)),
            Self::Port(port) => write!(f, "Port({port})"),
        }
    }
}

/// Shows a login to a person. Links and codes are valid for minutes and only meant for that person: show them, and
/// never store them.
pub trait Tell {
    /// Shows the link to open in any browser, and the code to enter there.
    fn device(&self, link: &str, code: &str);

    /// Shows the link to open in a browser on this machine. `port` is forwarded to the host while the login waits.
    fn browser(&self, link: &str, port: u16);

    /// Reports that the login exists, and that codex on the host is now called to verify it.
    fn proving(&self);

    /// Asks whether the login may continue although the host asks for something that Codex's own login does not need.
    fn allows(&self, doubt: Doubt<'_>) -> TrustAnswer {
        let _ = doubt;
        TrustAnswer::Nobody
    }
}
