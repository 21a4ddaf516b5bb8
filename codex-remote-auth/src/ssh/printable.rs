//! Makes text from outside safe to show: no control sequences, no invisible or misleading characters.

use std::borrow::Cow;

/// The text in one line, with a blank for each character that controls a terminal or is invisible. The rest of an escape sequence stays,
/// which shows that there was one, and nothing that follows is swallowed.
pub fn printable(text: &str) -> String {
    text.chars().map(|character| if is_hidden(character) { ' ' } else { character }).collect()
}

/// Whether a character controls a terminal, changes the direction of text, or is invisible: control characters, bidirectional and
/// other format characters, line and paragraph separators, unassigned characters.
pub fn is_hidden(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    // Letters that look blank, and marks that only select a variant.
    const BLANK: &[char] = &[
        '\u{34f}', '\u{115f}', '\u{1160}', '\u{17b4}', '\u{17b5}', '\u{180b}', '\u{180c}', '\u{180d}',
        '\u{180f}', '\u{2800}', '\u{3164}', '\u{ffa0}',
    ];
    // The standard library has the table. After another letter it keeps accents, which belong to that letter.
    let mut both = String::with_capacity(8);
    both.push('a');
    both.push(character);
    BLANK.contains(&character)
        || ('\u{e0000}'..='\u{e0fff}').contains(&character)
        || both.escape_debug().count() > 2
}

/// The text, with `…` instead of its middle if it has more than `most` characters.
pub fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    let count = text.chars().count();
    if count <= most {
        return Cow::Borrowed(text);
    }
    let kept = most.saturating_sub(1);
    let (head, tail) = (kept - kept / 3, kept / 3);
    let head = text.chars().take(head);
    Cow::Owned(head.chain(['…']).chain(text.chars().skip(count - tail)).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_is_left_that_moves_the_cursor_or_hides_what_follows() {
        let said =
            "mv:\r\nok\t\u{1b}[2K\u{1b}]0;title without an end\u{9b}31mred\u{7f}\u{8}; it is as it was";
        assert_eq!(printable(said), "mv:  ok  [2K ]0;title without an end 31mred  ; it is as it was");
        assert_eq!(printable("größer – „so“"), "größer – „so“");
    }

    #[test]
    fn nothing_is_left_that_cannot_be_seen_or_turns_the_text() {
        for (from, to) in [
            (0x00, 0x1f),
            (0x7f, 0x9f),
            (0xad, 0xad),
            (0x61c, 0x61c),
            (0x200b, 0x200f),
            (0x2028, 0x202e),
            (0x2060, 0x206f),
            (0xfeff, 0xfeff),
            (0xfff9, 0xfffb),
            (0xe0001, 0xe007f),
            (0xe0100, 0xe01ef),
            (0x10_ffff, 0x10_ffff),
        ] {
            for character in (from..=to).filter_map(char::from_u32) {
                assert!(is_hidden(character), "{character:?}");
            }
        }
    }

    #[test]
    fn what_people_write_stays() {
        for text in [
            "e\u{301}té",
            "日本語 テスト",
            "עברית",
            "العربية",
            "Ελλάδα",
            "👍",
            "„so“ – …",
            "~!@#$%^&*()'\"\\",
            "한국어",
        ] {
            assert_eq!(printable(text), text);
        }
    }

    #[test]
    fn a_long_text_is_cut_in_its_middle() {
        assert_eq!(shortened("abcdefghij", 10), "abcdefghij");
        assert_eq!(shortened("abcdefghijk", 10), "abcdef…ijk");
        assert_eq!(shortened("größer", 4), "gr…r");
        assert_eq!(shortened("abc", 1), "…");
        assert_eq!(shortened("abc", 0), "…");
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_line_of_what_can_be_seen(text in any::<String>(), most in 1_usize..50) {
            let shown = printable(&text);
            prop_assert!(!shown.chars().any(is_hidden));
            prop_assert_eq!(shown.chars().count(), text.chars().count());
            prop_assert!(shortened(&shown, most).chars().count() <= most);
        }
    }
}
