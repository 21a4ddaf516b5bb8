//! Text in a page.

use std::fmt::{self, Display, Write as _};

/// A text as a page shows it, whatever it contains. Every text that comes from a run goes through it.
pub(super) struct Escaped<'t>(pub(super) &'t str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => f.write_char(character)?,
                // A terminal's codes, and characters that turn the direction of the text after them.
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => f.write_char('\u{fffd}')?,
                other if other.is_control() => f.write_char('\u{fffd}')?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// A number of things.
pub(super) fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_a_tag_an_attribute_or_a_control_character() {
        let text = Escaped("<script>alert('&amp;')</script>\"\x1b[31m\u{202e}\r\n\té").to_string();
        assert_eq!(
            text,
            "&lt;script&gt;alert(&#39;&amp;amp;&#39;)&lt;/script&gt;&quot;\u{fffd}[31m\u{fffd}\u{fffd}\n\té"
        );
    }
}
