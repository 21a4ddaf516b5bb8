//! How reports fit a terminal.
//!
//! A row of a running command is one line: what does not fit is cut off, and the full text is in a list or under `--verbose`. Text
//! that a person asked for wraps between words, with a hanging indent. Without a terminal, nothing is cut or wrapped.

use textwrap::{Options, WrapAlgorithm, wrap};

/// The least width that is left for text beside its indent, in columns. A narrower terminal breaks the lines itself.
const LEAST: usize = 20;

/// The text on one line of at most `width` characters. A cut is marked with `…`.
pub(super) fn cut(text: &str, width: Option<usize>) -> String {
    let text = text.replace('\n', " ");
    match width {
        Some(width) if text.chars().count() > width => {
            text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
        }
        _ => text,
    }
}

/// The text after its `head`, wrapped so that further lines begin where the first one does.
pub(super) fn hanging(head: &str, text: &str, width: Option<usize>) -> String {
    let indent = head.chars().count();
    let Some(width) = width else { return format!("{head}{text}") };
    let options = Options::new(width.saturating_sub(indent).max(LEAST))
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    let lines: Vec<_> = text.lines().flat_map(|line| wrap(line, &options)).collect();
    format!("{head}{}", lines.join(&format!("\n{}", " ".repeat(indent))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_cut_and_the_cut_is_marked() {
        assert_eq!(cut("one two", None), "one two");
        assert_eq!(cut("one two", Some(7)), "one two");
        assert_eq!(cut("one\ntwo", Some(6)), "one t…");
        assert_eq!(cut("one two", Some(0)), "…");
    }

    #[test]
    fn text_wraps_between_words_under_its_beginning() {
        let text = "an SSH port that is not-the-usual one";
        assert_eq!(hanging("id  ", text, None), format!("id  {text}"));
        assert_eq!(hanging("id  ", text, Some(28)), "id  an SSH port that is\n    not-the-usual one");
        for width in 0..80 {
            let shown = hanging("id  ", text, Some(width));
            let words: Vec<&str> = shown.split_whitespace().skip(1).collect();
            assert_eq!(words.join(" "), text, "{width}");
            assert!(shown.lines().all(|line| line.chars().count() <= width.max(24)), "{width}\n{shown}");
        }
    }
}
