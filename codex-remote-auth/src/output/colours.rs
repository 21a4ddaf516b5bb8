//! Colours for a terminal.

/// Whether to use colours. The caller decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// ANSI colours.
    On,
    /// Plain text.
    Off,
}

/// How reports are written: with colours, and with signs that ASCII does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colours.
    pub colours: Colours,
    /// Whether the terminal shows UTF-8.
    pub utf8: bool,
    /// The longest line that is no command, in columns.
    pub width: usize,
}

impl Style {
    /// Plain ASCII text, in lines of any length.
    pub const PLAIN: Self = Self { colours: Colours::Off, utf8: false, width: usize::MAX };

    /// A fact that is as it should be.
    #[must_use]
    pub fn done(self, text: &str) -> String {
        format!("{} {text}", if self.utf8 { "✓" } else { "+" })
    }

    /// A fact that is not as it should be.
    #[must_use]
    pub fn not_done(self, text: &str) -> String {
        format!("{} {text}", if self.utf8 { "✗" } else { "x" })
    }
}

const GOOD: &str = "\x1b[32m";
const BAD: &str = "\x1b[1;31m";
const FAINT: &str = "\x1b[2m";
const OFF: &str = "\x1b[0m";

/// The only terminal codes that are printed: those of reports, and clap's for help texts and errors (bold, red, yellow, cyan).
pub(super) const CODES: &[&str] = &[GOOD, BAD, FAINT, OFF, "\x1b[1m", "\x1b[31m", "\x1b[33m", "\x1b[36m"];

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
