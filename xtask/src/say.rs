//! What goes to the standard output and the standard error, which may be closed before all is said (`| head`), or full.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};
use std::sync::OnceLock;

/// Why something could not be printed.
static LOST: OnceLock<String> = OnceLock::new();

/// Prints. Who closes the output wants to hear no more, and the work goes on; whatever else went wrong is told at the end.
pub(crate) fn say(text: Arguments<'_>) {
    let mut output = std::io::stdout().lock();
    if let Err(error) = output.write_fmt(text).and_then(|()| output.flush())
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = LOST.set(error.to_string());
    }
}

/// Prints to the standard error, whose loss nobody could be told of.
pub(crate) fn tell(text: Arguments<'_>) {
    let _ = std::io::stderr().write_fmt(text);
}

/// Why some of what was to be printed was not, where that is so.
pub(crate) fn lost() -> Option<&'static str> {
    LOST.get().map(String::as_str)
}

/// As `print!`, by [`say`].
macro_rules! say {
    ($($text:tt)*) => { $crate::say::say(format_args!($($text)*)) };
}

/// As `println!`, by [`say`].
macro_rules! say_line {
    () => { $crate::say::say(format_args!("\n")) };
    ($($text:tt)*) => { $crate::say::say(format_args!("{}\n", format_args!($($text)*))) };
}

/// As `eprintln!`, by [`tell`].
macro_rules! tell_line {
    ($($text:tt)*) => { $crate::say::tell(format_args!("{}\n", format_args!($($text)*))) };
}
