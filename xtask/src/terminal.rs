//! The terminal that the standard output goes to, if it goes to one.

use std::io::stdout;

use rustix::fs::{FileType, fstat};

/// The number of columns of the terminal. `None` if the standard output is no terminal, or does not say.
pub(crate) fn width() -> Option<usize> {
    codex_remote_auth::cli::width::of(&stdout())
}

/// Whether the standard output is a pipe.
pub(crate) fn stdout_is_a_pipe() -> bool {
    fstat(stdout()).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Fifo)
}
