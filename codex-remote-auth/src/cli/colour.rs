//! Whether to use colours: `--color`, then `NO_COLOR`, then `CLICOLOR_FORCE`, then whether the output is a terminal.

use std::ffi::OsString;

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use clap::{Args, ColorChoice as Asked, ValueEnum};

use super::help;
use crate::output::Colours;

/// The option `--color`.
#[derive(Debug, Clone, Copy, Args)]
pub struct ColourArgs {
    /// When to use colors
    #[arg(
        long = "color",
        value_name = "WHEN",
        default_value_t = Asked::Auto,
        value_enum,
        global = true,
        hide_short_help = true,
        help_heading = help::OUTPUT
    )]
    asked: Asked,
}

impl ColourArgs {
    /// From now on, [`of`] follows the option.
    pub fn apply(self) {
        asks(self.asked);
    }
}

fn asks(asked: Asked) {
    match asked {
        Asked::Auto => ColorChoice::Auto,
        Asked::Always => ColorChoice::Always,
        Asked::Never => ColorChoice::Never,
    }
    .write_global();
}

/// Applies the option on a command line that clap did not accept, or answered with a help text.
pub(super) fn applies_to_clap(arguments: impl Iterator<Item = OsString>) {
    let arguments: Vec<OsString> = arguments.take_while(|argument| argument != "--").collect();
    let given = arguments.iter().enumerate().rev().find_map(|(at, argument)| {
        let text = argument.to_str()?;
        match text.strip_prefix("--color=") {
            Some(value) => Some(value),
            None => (text == "--color").then(|| arguments.get(at + 1)?.to_str())?,
        }
    });
    if let Some(asked) = given.and_then(|given| Asked::from_str(given, false).ok()) {
        asks(asked);
    }
}

/// Whether to use colours on this output.
pub(super) fn of(output: &impl RawStream) -> Colours {
    match AutoStream::choice(output) {
        ColorChoice::Always | ColorChoice::AlwaysAnsi => Colours::On,
        ColorChoice::Auto | ColorChoice::Never => Colours::Off,
    }
}
