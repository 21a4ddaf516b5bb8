//! What the terminal is good for.

use std::io::IsTerminal;

use harness::report::Colours;

/// Colours for the standard output: on for a terminal, unless `NO_COLOR` says otherwise.
pub(crate) fn colours() -> Colours {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if std::io::stdout().is_terminal() && !refused { Colours::On } else { Colours::Off }
}
