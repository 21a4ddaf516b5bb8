//! Breaks lines between words.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm, core::display_width, fill};

/// A text in lines of at most `width` columns. The first line begins with `first`, the others with as many blanks. A
/// word that does not fit stays whole, so a path or an address can still be copied.
pub(super) fn wrapped(first: &str, text: &str, width: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let indent = " ".repeat(display_width(first));
    let options = Options::new(width)
        .initial_indent(first)
        .subsequent_indent(&indent)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    fill(&words.join(" "), options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Colours;

    #[test]
    fn lines_break_between_words_and_hang() {
        assert_eq!(wrapped("name  ", "one two-three four", 14), "name  one\n      two-three\n      four");
        assert_eq!(wrapped("", "/a/path/that/is/long is whole", 8), "/a/path/that/is/long\nis whole");
        assert_eq!(wrapped("n ", "one\n  two", usize::MAX), "n one two");
        assert_eq!(wrapped("n ", "größe größe", 13), "n größe größe");
    }

    #[test]
    fn a_colour_takes_up_no_width() {
        let mark = Colours::On.good("ok");
        assert_eq!(wrapped(&format!("{mark} "), "one two", 10), format!("{mark} one two"));
    }
}
