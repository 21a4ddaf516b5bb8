//! The terminal that the standard output goes to, if it goes to one.

use std::io::{IsTerminal, stdout};

use rustix::fs::{FileType, fstat};
use rustix::termios::tcgetwinsize;

/// The number of columns of the terminal. `None` if the standard output is no terminal, or does not say.
pub(crate) fn width() -> Option<usize> {
    let stdout = stdout();
    let size = stdout.is_terminal().then(|| tcgetwinsize(&stdout).ok()).flatten()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// Whether the standard output is a pipe.
pub(crate) fn stdout_is_a_pipe() -> bool {
    fstat(stdout()).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Fifo)
}
