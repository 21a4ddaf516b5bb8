//! Colours for a terminal.

/// Whether to use colours. The caller turns them off if `NO_COLOR` is set or the output is not a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// ANSI colours.
    On,
    /// Plain text.
    Off,
}

const GOOD: &str = "\x1b[32m";
const BAD: &str = "\x1b[1;31m";
const FAINT: &str = "\x1b[2m";
const OFF: &str = "\x1b[0m";

/// The only terminal codes that reports contain.
pub(super) const CODES: &[&str] = &[GOOD, BAD, FAINT, OFF];

impl Colours {
    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::On => format!("{code}{text}{OFF}"),
            Self::Off => text.to_owned(),
        }
    }

    /// Text about something that is right.
    #[must_use]
    pub fn good(self, text: &str) -> String {
        self.paint(GOOD, text)
    }

    /// Text about something that is wrong.
    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.paint(BAD, text)
    }

    /// Text that is less important.
    #[must_use]
    pub fn faint(self, text: &str) -> String {
        self.paint(FAINT, text)
    }
}
