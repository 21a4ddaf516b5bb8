//! The only place that prints. Nothing that works a terminal gets through, whoever wrote it; an output may be closed before all
//! is printed (`| head`), or full.

use std::fmt::Arguments;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::sync::OnceLock;

use crate::output::{shown, shown_json};
use serde_json::Value;

/// Why something could not be printed.
static LOST: OnceLock<String> = OnceLock::new();

/// Prints text for a person. If somebody closes the output, the work goes on; whatever else goes wrong is told at the end.
pub fn say(text: Arguments<'_>) {
    print(&shown(&text.to_string()));
}

/// Prints an object for a program, on a line of its own and whole.
pub fn say_json(object: &Value) {
    print(&format!("{}\n", shown_json(object)));
}

fn print(text: &str) {
    let mut output = std::io::stdout().lock();
    if let Err(error) = output.write_all(text.as_bytes()).and_then(|()| output.flush())
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = LOST.set(error.to_string());
    }
}

/// Prints to the standard error, whose loss nobody could be told of.
pub fn tell(text: Arguments<'_>) {
    let _ = std::io::stderr().write_all(shown(&text.to_string()).as_bytes());
}

/// Asks a question at the terminal. `None` where it cannot be written.
pub(crate) fn ask(terminal: &mut File, question: &str) -> Option<()> {
    terminal.write_all(shown(question).as_bytes()).ok()
}

/// Asks a question at the terminal, and reads an answer that is not shown.
pub(crate) fn ask_for_secret(question: &str) -> std::io::Result<String> {
    rpassword::prompt_password(shown(question))
}

/// Why some of what was to be printed was not, where that is so.
pub(crate) fn lost() -> Option<&'static str> {
    LOST.get().map(String::as_str)
}

/// As `print!`, by [`say`].
#[macro_export]
macro_rules! say {
    ($($text:tt)*) => { $crate::cli::say::say(format_args!($($text)*)) };
}

/// As `println!`, by [`say`].
#[macro_export]
macro_rules! say_line {
    () => { $crate::cli::say::say(format_args!("\n")) };
    ($($text:tt)*) => { $crate::cli::say::say(format_args!("{}\n", format_args!($($text)*))) };
}

/// As `eprintln!`, by [`tell`].
#[macro_export]
macro_rules! tell_line {
    ($($text:tt)*) => { $crate::cli::say::tell(format_args!("{}\n", format_args!($($text)*))) };
}
