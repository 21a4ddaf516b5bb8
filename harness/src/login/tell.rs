//! What a person is told and asked while a login waits for them.

use super::Doubt;

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
