//! Breaks lines between words.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm, core::display_width, fill};

/// A text in lines of at most `width` columns. The first line begins with `first`, the others with as many blanks. A
/// word that does not fit stays whole, so a path or an address can still be copied.
pub(super) fn wrapped(first: &str, text: &str, width: usize) -> String {
    hanging(first, &" ".repeat(display_width(first)), text, width)
}

/// The same, but the further lines begin with `indent`.
pub(super) fn hanging(first: &str, indent: &str, text: &str, width: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let options = Options::new(width)
        .initial_indent(first)
        .subsequent_indent(indent)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    fill(&words.join(" "), options)
}

/// A text whose lines are broken between words if they are longer than `width`. What continues a line is indented by
/// two columns more. Lines that begin with four blanks stay whole: they are commands.
pub fn fitted(text: &str, width: usize) -> String {
    let fit = |line: &str| {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        match blanks < 4 && display_width(line) > width {
            true => hanging(&" ".repeat(blanks), &" ".repeat(blanks + 2), line, width),
            false => line.to_owned(),
        }
    };
    text.split('\n').map(fit).collect::<Vec<_>>().join("\n")
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
    fn only_lines_that_are_too_long_and_no_commands_are_broken() {
        let text = "short  line\nerror: one two three\n  hint: one two\n    one two three four\n";
        let broken = "short  line\nerror: one\n  two three\n  hint: one\n    two\n    one two three four\n";
        assert_eq!(fitted(text, 12), broken);
        assert_eq!(fitted(text, usize::MAX), text);
    }

    #[test]
    fn a_colour_takes_up_no_width() {
        let mark = Colours::On.good("ok");
        assert_eq!(wrapped(&format!("{mark} "), "one two", 10), format!("{mark} one two"));
    }
}
