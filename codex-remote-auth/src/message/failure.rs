//! What every error about a host tells a person.

use std::borrow::Cow;
use std::fmt::Display;

use super::Hint;

/// An error about a host or a file. Its `Display` is one line that says what failed.
pub trait Failure: Display {
    /// In what state things are now, as one sentence. `None` if there is nothing to say, as about a host that was never
    /// reached.
    fn state(&self) -> Option<Cow<'static, str>>;

    /// What to do next, the most likely first.
    fn hints(&self) -> Vec<Hint>;

    /// All of it as plain text, one line each. A command of this program has no name, options and host in it.
    fn in_full(&self) -> String {
        let hints = self.hints();
        let hints = hints.iter().map(Hint::to_string);
        let lines = [self.to_string()].into_iter().chain(self.state().map(Cow::into_owned)).chain(hints);
        lines.collect::<Vec<_>>().join("\n")
    }
}
