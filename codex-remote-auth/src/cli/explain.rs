//! `cargo xtask explain`: finds the lesson about an output.

use std::ffi::OsString;
use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use crate::lessons::{Catalogue, Lesson};
use crate::output::{explanation_json, explanation_list, explanation_list_json, explanation_text};
use anyhow::Context;
use clap::Args;

use super::many::Format;
use crate::cli::exit::{Verdict, WrongCall};
use crate::cli::{program_name, say};

/// The most that is read, in bytes. No output that a person looks at is longer.
const MOST: u64 = 16 * 1_024 * 1_024;

/// Explain an error message from Codex and how to fix it
#[derive(Debug, Args)]
pub struct Explain {
    /// The message, or the name of a lesson; read from the standard input if missing
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    text: Option<OsString>,
    /// Further words of the message, if it is not quoted (put options first)
    #[arg(value_name = "WORD", allow_hyphen_values = true)]
    words: Vec<OsString>,
    /// Read the message from a file
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    file: Option<PathBuf>,
    /// The exit status of the command: only lessons with this status are considered
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    status: Option<i32>,
    /// List all lessons
    #[arg(long, conflicts_with_all = ["text", "file", "status"])]
    list: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

impl Explain {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let catalogue = Catalogue::embedded()?;
        if self.list {
            match self.format {
                Format::Human => say!("{}", explanation_list(&catalogue)),
                Format::Json => say::say_json(&explanation_list_json(&catalogue)),
            }
            return Ok(Verdict::Holds);
        }
        let text = self.read()?;
        let lessons = match catalogue.get(text.trim()) {
            Some(lesson) => vec![lesson],
            None => catalogue.explain(&text, self.status),
        };
        self.show(&lessons, &catalogue);
        if lessons.is_empty() {
            tell_line!("{}", self.nothing(&text, &catalogue));
        }
        Ok(Verdict::from(!lessons.is_empty()))
    }

    fn show(&self, lessons: &[&Lesson], catalogue: &Catalogue) {
        let program = super::name::in_a_checkout();
        match self.format {
            Format::Human => say!("{}", explanation_text(lessons, catalogue, program)),
            Format::Json => say::say_json(&explanation_json(lessons, catalogue)),
        }
    }

    fn read(&self) -> anyhow::Result<String> {
        if let Some(path) = &self.file {
            let text = File::open(path).and_then(up_to_most);
            let unreadable = |error| WrongCall(format!("{} cannot be read: {error}", path.display()));
            return Ok(text.map_err(unreadable)?);
        }
        if self.text.is_some() {
            let words: Vec<_> =
                self.text.iter().chain(&self.words).map(|word| word.to_string_lossy()).collect();
            return Ok(words.join(" "));
        }
        let stdin = std::io::stdin();
        if stdin.is_terminal() {
            tell_line!("paste what was printed, and end it with Ctrl-D on a line of its own");
        }
        up_to_most(stdin.lock()).context("the standard input cannot be read")
    }

    /// What to try next. It does not repeat the input, which may contain a login.
    fn nothing(&self, text: &str, catalogue: &Catalogue) -> String {
        let program = program_name();
        let mut said = match text.trim() {
            "" => "nothing was given to explain".to_owned(),
            _ => "no lesson knows this output".to_owned(),
        };
        if is_like_a_name(text.trim())
            && let Some(lesson) = catalogue.closest(text.trim())
        {
            said.push_str(&format!("; did you mean `{program} explain {}`?", lesson.id));
        }
        if let (Some(only), []) = (&self.text, self.words.as_slice())
            && Path::new(only).is_file()
        {
            said.push_str(&format!("\n  a file has that name: `{program} explain --file FILE` reads it"));
        }
        said.push_str(&format!(
            "\n  `{program} doctor HOST` looks at the host itself\n  `{program} explain --list` names the lessons, \
             `{program} explain ID` shows one"
        ));
        said
    }
}

fn is_like_a_name(text: &str) -> bool {
    text.len() < 40
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
}

fn up_to_most(from: impl Read) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    from.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        bytes.truncate(MOST as usize);
        tell_line!("note: only the first {} MiB were looked at", MOST / 1_024 / 1_024);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
