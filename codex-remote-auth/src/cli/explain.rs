//! `explain`: finds the lesson about an output.

use std::ffi::OsString;
use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use crate::lessons::{Catalogue, Lesson};
use crate::output::{
    explanation_json, explanation_text, lesson_list, lesson_list_json, lesson_pages, lessons_json,
};
use anyhow::Context;
use clap::{Args, ValueEnum};
use clap_complete::engine::ArgValueCompleter;

use crate::cli::exit::{Verdict, WrongCall};
use crate::cli::{completions, help, program_name, say, width};
use crate::message::plain_words;

/// The most that is read, in bytes. No output that a person looks at is longer.
const MOST: u64 = 16 * 1_024 * 1_024;

/// Output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Human-readable text
    Human,
    /// One JSON object
    Json,
}

/// Explain an error message from Codex and how to fix it
#[derive(Debug, Args)]
#[command(after_help = help::short("explain"), after_long_help = help::EXPLAIN.text())]
pub struct Explain {
    /// The message, or the name of a lesson (`*` and `?` are wildcards); read from the standard input if missing
    #[arg(value_name = "TEXT", allow_hyphen_values = true, add = ArgValueCompleter::new(completions::lessons))]
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
    #[arg(long, help_heading = help::OUTPUT, value_enum, default_value_t = Format::Human)]
    format: Format,
}

impl Explain {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let catalogue = Catalogue::embedded()?;
        let columns = width::width();
        let list = |lessons: Vec<&Lesson>| match self.format {
            Format::Human => say!("{}", lesson_list(lessons, width::list_width())),
            Format::Json => say::say_json(&lesson_list_json(lessons)),
        };
        if self.list {
            list(catalogue.all().collect());
            return Ok(Verdict::Holds);
        }
        let text = self.read()?;
        let text = text.trim();
        if let Some(lesson) = catalogue.get(text) {
            match self.format {
                Format::Human => say!("{}", lesson_pages(&[lesson], &catalogue, columns)),
                Format::Json => say::say_json(&lessons_json(&[lesson], &catalogue)),
            }
            return Ok(Verdict::Holds);
        }
        if is_like_a_pattern(text) {
            let lessons = catalogue.named_like(text);
            let found = Verdict::from(!lessons.is_empty());
            if lessons.is_empty() {
                tell_line!("no lesson has such a name\n{}", list_hint());
            }
            list(lessons);
            return Ok(found);
        }
        let messages = catalogue.messages(text, self.status);
        match self.format {
            Format::Human => say!("{}", explanation_text(&messages, &catalogue, program_name(), columns)),
            Format::Json => say::say_json(&explanation_json(&messages, &catalogue)),
        }
        if messages.is_empty() {
            tell_line!("{}", self.nothing(text, &catalogue));
        }
        Ok(Verdict::from(!messages.is_empty()))
    }

    fn read(&self) -> anyhow::Result<String> {
        if let Some(path) = &self.file {
            let text = File::open(path).and_then(up_to_most);
            let unreadable =
                |error| WrongCall(format!("{} cannot be read: {}", path.display(), plain_words(&error)));
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
        let mut said = match text {
            "" => "nothing was given to explain".to_owned(),
            _ => "no lesson knows this message".to_owned(),
        };
        if is_like_a_name(text) {
            let part = format!("*{text}*");
            let meant = match catalogue.named_like(&part).as_slice() {
                [] => catalogue.closest(text),
                [lesson] => Some(*lesson),
                // A part of a lesson's name is no secret.
                _ if !text.is_empty() => {
                    said.push_str(&format!(
                        "\nhint: {program} explain '{part}'   # the lessons with this in their name"
                    ));
                    None
                }
                _ => None,
            };
            if let Some(lesson) = meant {
                said.push_str(&format!("\nhint: {program} explain {}   # did you mean this?", lesson.id));
            }
        }
        if let (Some(only), []) = (&self.text, self.words.as_slice())
            && Path::new(only).is_file()
        {
            said.push_str(&format!("\nhint: {program} explain --file FILE   # a file has that name"));
        }
        said.push_str(&format!(
            "\nhint: {program} doctor HOST   # checks a host for known problems\n{}",
            list_hint()
        ));
        said
    }
}

fn list_hint() -> String {
    format!("hint: {} explain --list   # all lessons", program_name())
}

fn is_like_a_name(text: &str) -> bool {
    is_short_and_of(text, |_| false)
}

/// Whether a text is a name in which `*` or `?` stands for something.
fn is_like_a_pattern(text: &str) -> bool {
    text.contains(['*', '?']) && is_short_and_of(text, |c| matches!(c, '*' | '?'))
}

fn is_short_and_of(text: &str, more: impl Fn(char) -> bool) -> bool {
    let of_names = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    text.len() < 40 && text.chars().all(|c| of_names(c) || more(c))
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
