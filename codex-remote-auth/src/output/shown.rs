//! The last step before output: every line for a terminal passes through here.

use crate::ssh::{is_hidden, shortened};

use super::colours::CODES;

/// The longest line that is printed, in characters.
const LONGEST: usize = 4_000;

/// Makes a text safe for a terminal. Its line breaks and our own colours stay. Every other character that controls a
/// terminal or cannot be seen becomes a blank, and a line that is too long loses its middle.
///
/// Line breaks stay, so text from elsewhere that becomes part of a line needs [`printable`](crate::ssh::printable)
/// first.
pub fn shown(text: &str) -> String {
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn line(text: &str) -> String {
    let short = shortened(text, LONGEST);
    let mut line = String::with_capacity(short.len());
    let mut rest = &*short;
    while let Some(character) = rest.chars().next() {
        let code = CODES.iter().find(|code| rest.starts_with(**code)).filter(|_| character == '\x1b');
        if let Some(code) = code {
            line.push_str(code);
            rest = &rest[code.len()..];
        } else {
            line.push(if is_hidden(character) { ' ' } else { character });
            rest = &rest[character.len_utf8()..];
        }
    }
    line
}

/// JSON text that is safe for a terminal. Characters that a terminal or a reader could misread are escaped, so nothing
/// is lost. They can only be inside strings.
pub fn shown_json(json: &serde_json::Value) -> String {
    let text = json.to_string();
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                shown.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::output::Colours;

    #[test]
    fn only_our_own_colours_and_line_breaks_stay() {
        let ours =
            format!("{} {}\n{}", Colours::On.good("ok"), Colours::On.bad("bad"), Colours::On.faint("1 s"));
        assert_eq!(shown(&ours), ours);
        assert_eq!(shown("a\x1b[2Kb\rc\td\u{202e}e\u{2028}f\x1b[32"), "a [2Kb c d e f [32");
        assert_eq!(shown("a\n\nb\n"), "a\n\nb\n");
    }

    #[test]
    fn a_long_line_is_shortened() {
        let long = format!("begin {} end\nnext", "x".repeat(100_000));
        let text = shown(&long);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("begin x") && lines[0].ends_with("x end") && lines[0].contains('…'));
        assert_eq!((lines[0].chars().count(), lines[1]), (LONGEST, "next"));
    }

    #[test]
    fn json_is_not_shortened() {
        let value = json!({ "host\u{202e}": format!("\x1b[31m\u{9b}\u{7f}\n\u{e0041}größer \"{}\"", "x".repeat(100_000)) });
        let text = shown_json(&value);
        assert!(!text.chars().any(is_hidden));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert!(text.contains("größer"));
    }

    proptest! {
        #[test]
        fn no_text_works_a_terminal(text in any::<String>(), inner in "[\\x1b\\[\\]0-9;mKJH\u{202e}\u{9b} \n]{0,60}") {
            for text in [text, inner] {
                let mut plain = shown(&text);
                for code in CODES {
                    plain = plain.replace(code, "");
                }
                prop_assert!(!plain.chars().any(|character| is_hidden(character) && character != '\n'));
            }
        }

        #[test]
        fn json_of_any_text_reads_the_same(text in any::<String>()) {
            let value = json!([text]);
            prop_assert_eq!(serde_json::from_str::<Value>(&shown_json(&value)).unwrap(), value);
        }
    }
}
