//! Colours for a terminal.

/// Whether to colour; never where `NO_COLOR` is set or the output is no terminal, which the caller knows.
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

/// All that reports ever tell a terminal to do.
pub(super) const CODES: &[&str] = &[GOOD, BAD, FAINT, OFF];

impl Colours {
    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::On => format!("{code}{text}{OFF}"),
            Self::Off => text.to_owned(),
        }
    }

    /// Text about what is as it should be.
    #[must_use]
    pub fn good(self, text: &str) -> String {
        self.paint(GOOD, text)
    }

    /// Text about what is not.
    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.paint(BAD, text)
    }

    /// Text that matters less.
    #[must_use]
    pub fn faint(self, text: &str) -> String {
        self.paint(FAINT, text)
    }
}
