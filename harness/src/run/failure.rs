//! What a person needs to know about a failure.

use codex_remote_auth::lessons::Field;

/// One failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The heading of the lesson's step. Empty if the complete check failed.
    pub step: String,
    /// What failed.
    pub about: About,
    /// What was run.
    pub command: String,
    /// The account that ran it.
    pub account: String,
    /// What it should have shown.
    pub expected: String,
    /// What it showed. Never anything that was only expected.
    pub seen: String,
    /// What to do next. Empty if there is nothing but to look for oneself.
    pub next: String,
}

/// What a failure is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum About {
    /// A field of a step's expectation.
    Expect(Field),
    /// The complete check: it could not be run, or is a smoke test.
    Run,
}

impl About {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expect(field) => field.as_str(),
            Self::Run => "run",
        }
    }
}

impl Failure {
    /// What was seen, on one line of at most `most` characters.
    pub fn seen_in_short(&self, most: usize) -> String {
        one_line(&self.seen, most)
    }
}

/// How a command ended, and each output that is not empty.
pub(super) fn in_lines(end: &str, stdout: &str, stderr: &str) -> String {
    let mut text = end.to_owned();
    for (name, output) in [("stdout", stdout.trim()), ("stderr", stderr.trim())] {
        if !output.is_empty() {
            text.push_str(&format!("\n{name}: {output}"));
        }
    }
    text
}

/// A text on one line of at most `most` characters. A cut is marked with `…`.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    line.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_one_line_and_a_cut_is_marked() {
        assert_eq!(one_line(" a\n  b\t", 3), "a b");
        assert_eq!(one_line("a b c", 4), "a b…");
        assert_eq!(one_line("", 4), "");
    }
}
