//! An output as people hand it on: coloured, wrapped, quoted otherwise, out of a log.

use anstream::adapter::strip_str;

use super::SignText;
use super::squeezed::characters;

/// Bytes that a gap of a [`SignText`] may be long: a whole prompt can be taken for a profile's name.
const GAP: usize = 4_000;

/// The first thing of a line.
const LINE: u8 = 1;
/// The first thing of a line, but for what a log or a prompt puts before it.
const START: u8 = 2;
/// There was a blank before it.
const BLANK: u8 = 4;

/// An output without its colours, its blanks and the form of its quotation marks.
///
/// A terminal breaks lines within words, so that nothing but leaving out every blank makes a wrapped line the same as a
/// whole one. Where words and lines began is kept beside the text.
#[derive(Debug)]
pub(super) struct NormalizedOutput {
    text: String,
    /// For each byte of the text, what stood before it.
    marks: Vec<u8>,
}

/// Where a text was found in an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl NormalizedOutput {
    pub(super) fn new(output: &str) -> Self {
        let mut pasted = Self { text: String::with_capacity(output.len()), marks: Vec::new() };
        // An escape sequence that is never ended takes the rest of its line, not of the output.
        for line in output.split(['\n', '\r']) {
            pasted.push_line(&strip_str(line).to_string());
        }
        pasted
    }

    fn push_line(&mut self, line: &str) {
        let mut mark = LINE | START | BLANK;
        let mut before_message = true;
        for word in line.split_whitespace() {
            for character in characters(word) {
                self.text.push(character);
                self.marks.push(mark);
                self.marks.resize(self.text.len(), 0);
                mark = 0;
            }
            before_message &= comes_before_a_message(word);
            mark |= if before_message { BLANK | START } else { BLANK };
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a text stands at the place where its first part was found, and up to where.
    pub(super) fn place(&self, text: &SignText, start: usize) -> Option<Position> {
        let begins = if text.begins_line() {
            self.mark(start) & START != 0
        } else {
            self.word_begins(start, text.lead())
        };
        if !begins {
            return None;
        }
        let mut end = start + text.lead().len();
        let mut last = text.lead();
        for part in text.rest() {
            let within = &self.text[end..self.boundary(end + GAP + part.len())];
            end += within.find(part.as_str())? + part.len();
            last = part;
        }
        let ends = if text.ends_line() {
            end == self.text.len() || self.mark(end) & LINE != 0
        } else {
            self.word_ends(end, last)
        };
        ends.then_some(Position { start, end })
    }

    /// Whether nothing comes after a place, but for what an interruption leaves behind.
    pub(super) fn is_last(&self, place: Position) -> bool {
        let after = &self.text[place.end..];
        after.len() < 8 && after.chars().all(|c| "^C$%#>".contains(c))
    }

    fn mark(&self, at: usize) -> u8 {
        self.marks.get(at).copied().unwrap_or_default()
    }

    fn word_begins(&self, at: usize, lead: &str) -> bool {
        let before = self.text[..at].chars().next_back();
        self.mark(at) & BLANK != 0
            || !lead.chars().next().is_some_and(of_a_word)
            || !before.is_some_and(of_a_word)
    }

    fn word_ends(&self, at: usize, last: &str) -> bool {
        let after = self.text[at..].chars().next();
        self.mark(at) & BLANK != 0
            || !last.chars().next_back().is_some_and(of_a_word)
            || !after.is_some_and(of_a_word)
    }

    /// The place itself, or the last one before it that is between two characters.
    fn boundary(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

fn of_a_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

/// Whether a word at the beginning of a line is a time, a level, a prompt or a frame, and no part of what is said.
fn comes_before_a_message(word: &str) -> bool {
    const LEVELS: &[&str] =
        &["error", "err", "warning", "warn", "info", "debug", "trace", "fatal", "stderr", "stdout"];
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level))
        || word.chars().all(|c| c.is_ascii_digit() || "-:.,+/TZ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(output: &str, text: &str) -> Option<Position> {
        let text = SignText::try_from(text.to_owned()).unwrap();
        let pasted = NormalizedOutput::new(output);
        let mut starts = pasted.as_str().match_indices(text.lead()).map(|(start, _)| start);
        starts.find_map(|start| pasted.place(&text, start))
    }

    #[test]
    fn a_message_is_found_however_it_was_pasted() {
        let text = "config profile `…` not found";
        for output in [
            "Error: config profile `my prompt` not found",
            "config profile 'my prompt' not found",
            "config profile “my prompt” not found, it says",
            "\x1b[31mconfig profile \x1b[1m`my prompt`\x1b[0m not found\x1b[0m",
            "config profile `my\r\nprompt` not found\r\n",
            "config pro\nfile `my prompt` not fo\nund",
            "x\u{a0}config\tprofile  `` not\u{200b} found.",
            "\x1b]0;a title that never ends\nconfig profile `x` not found",
        ] {
            assert!(found(output, text).is_some(), "{output:?}");
        }
        for other in
            ["config profile `x` found", "config profiles: `x` not found", "config profile x not found"]
        {
            assert_eq!(found(other, text), None, "{other:?}");
        }
    }

    #[test]
    fn words_at_the_edges_are_whole() {
        let text = "command not found: codex";
        assert!(found("zsh:1: command not found: codex", text).is_some());
        assert!(found("'command not found: codex'", text).is_some());
        assert!(found("command not found: codex exec", text).is_some());
        assert_eq!(found("command not found: codex-remote-auth", text), None);
        assert_eq!(found("nocommand not found: codex", text), None);
    }

    #[test]
    fn a_line_begins_after_what_a_log_puts_before_it() {
        let text = "^Not logged in$";
        for output in [
            "Not logged in",
            "$ codex login status\nNot logged in\n",
            "2026-01-02T03:04:05.678Z ERROR Not logged in",
            "[12:34:56] stderr: Not logged in",
            "  | Not logged in",
        ] {
            assert!(found(output, text).is_some(), "{output:?}");
        }
        for other in ["gh: Not logged in", "Not logged in · Please run /login", "Not logged into any host"] {
            assert_eq!(found(other, text), None, "{other:?}");
        }
    }

    #[test]
    fn an_interruption_comes_after_and_an_answer_too() {
        let last = |output: &str| {
            let place = found(output, "Reading additional input from stdin...").unwrap();
            NormalizedOutput::new(output).is_last(place)
        };
        assert!(last("Reading additional input from stdin...\n"));
        assert!(last("Reading additional input from stdin...\n^C\n$ "));
        assert!(!last("Reading additional input from stdin...\nOK"));
    }
}
