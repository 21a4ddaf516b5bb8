//! The only place that prints. Of all terminal codes it lets only our own colours through, wherever the text comes from.
//! An output may be full, or may be closed before everything is printed (`| head`).

use std::fmt::Arguments;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::sync::OnceLock;

use super::{colour, width};
use crate::message::plain_words;
use crate::output::{Colours, fitted, shown, shown_json};
use serde_json::Value;

/// Why something could not be printed.
static LOST: OnceLock<String> = OnceLock::new();

/// Prints text for a person. If somebody closes the output, the work continues. Any other error is reported at the end.
pub fn say(text: Arguments<'_>) {
    print(&shown(&text.to_string()));
}

/// Prints an object as one complete line of JSON.
pub fn say_json(object: &Value) {
    print(&format!("{}\n", shown_json(object)));
}

/// Prints an event of `--format jsonl`: an object, with the version of the format and the kind of the event.
pub(crate) fn say_event(event: &str, object: &Value) {
    let mut object = object.clone();
    object["version"] = 2.into();
    object["event"] = event.into();
    say_json(&object);
}

/// Prints bytes for another program: a script, a manual page, or the completions of a word.
pub(crate) fn say_as_it_is(bytes: &[u8]) {
    write(bytes);
}

fn print(text: &str) {
    write(text.as_bytes());
}

fn write(bytes: &[u8]) {
    let mut output = std::io::stdout().lock();
    if let Err(error) = output.write_all(bytes).and_then(|()| output.flush())
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = LOST.set(plain_words(&error));
    }
}

/// Prints to the standard error, in lines that are broken between words where its terminal ends. Errors are ignored,
/// since they could not be reported anywhere.
pub fn tell(text: Arguments<'_>) {
    let text = fitted(&shown(&text.to_string()), width::of(&std::io::stderr()).unwrap_or(usize::MAX));
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Asks a question at the terminal. `None` if it cannot be written.
pub(crate) fn ask(terminal: &mut File, question: &str) -> Option<()> {
    terminal.write_all(shown(question).as_bytes()).ok()
}

/// Asks a question at the terminal, and reads an answer that is not shown.
pub(crate) fn ask_for_secret(question: &str) -> std::io::Result<String> {
    rpassword::prompt_password(shown(question))
}

/// Whether to use colours on the standard error, or else on the standard output.
pub(crate) fn colours(stderr: bool) -> Colours {
    if stderr { colour::of(&std::io::stderr()) } else { colour::of(&std::io::stdout()) }
}

/// Why part of the output was lost, if any was.
pub(crate) fn lost() -> Option<&'static str> {
    LOST.get().map(String::as_str)
}

/// Like `print!`, through [`say`].
#[macro_export]
macro_rules! say {
    ($($text:tt)*) => { $crate::cli::say::say(format_args!($($text)*)) };
}

/// Like `println!`, through [`say`].
#[macro_export]
macro_rules! say_line {
    () => { $crate::cli::say::say(format_args!("\n")) };
    ($($text:tt)*) => { $crate::cli::say::say(format_args!("{}\n", format_args!($($text)*))) };
}

/// Like `eprintln!`, through [`tell`].
#[macro_export]
macro_rules! tell_line {
    ($($text:tt)*) => { $crate::cli::say::tell(format_args!("{}\n", format_args!($($text)*))) };
}
