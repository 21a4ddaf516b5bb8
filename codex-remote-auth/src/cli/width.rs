//! The width of what is printed.

use std::io::IsTerminal;
use std::os::fd::AsFd;

use rustix::termios::tcgetwinsize;

/// The width of reports if the standard output is not a terminal, in columns.
const WIDTH: usize = 80;
/// The narrowest and the widest report: beyond these, nothing is readable any more.
const BETWEEN: (usize, usize) = (40, 100);

/// The widest list, in columns.
const WIDEST_LIST: usize = 120;

/// The width of a text for a person, in columns: that of the terminal, or 80 without one.
pub fn width() -> usize {
    of(&std::io::stdout()).map_or(WIDTH, |columns| columns.clamp(BETWEEN.0, BETWEEN.1))
}

/// The width of a list, in columns: that of the terminal. Without one, no line is broken, so that each can be searched
/// for.
pub fn list_width() -> usize {
    of(&std::io::stdout()).map_or(usize::MAX, |columns| columns.clamp(BETWEEN.0, WIDEST_LIST))
}

/// The width of the terminal that an output is, in columns. If it is not a terminal or has no width, COLUMNS counts, as
/// for the help. `None` without both.
pub fn of(output: &(impl IsTerminal + AsFd)) -> Option<usize> {
    let size = output.is_terminal().then(|| tcgetwinsize(output).ok()).flatten();
    let columns = size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0);
    columns.or_else(|| std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0))
}
