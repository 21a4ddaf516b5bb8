//! What a person is told while a login waits for them.

/// Somebody who sees a login through. What is told is good for minutes and for that person alone: it is shown, and kept nowhere.
pub trait Tell {
    /// The link to open in any browser, and the code to enter there.
    fn device(&self, link: &str, code: &str);

    /// The link to open in a browser on this machine, whose `port` leads over there for as long as this goes on.
    fn browser(&self, link: &str, port: u16);

    /// The login has arrived, and codex is asked over there whether it works.
    fn proving(&self);
}
