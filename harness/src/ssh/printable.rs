//! Text of somebody else's, of which a terminal must take nothing for an order.

/// The text in one line, with a blank for each control character: what an escape sequence leaves shows that there was one,
/// and nothing of ours behind it is taken along.
pub fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_that_moves_the_cursor_or_hides_what_follows() {
        let said =
            "mv:\r\nok\t\u{1b}[2K\u{1b}]0;title without an end\u{9b}31mred\u{7f}\u{8}; it is as it was";
        assert_eq!(printable(said), "mv:  ok  [2K ]0;title without an end 31mred  ; it is as it was");
        assert_eq!(printable("größer – „so“"), "größer – „so“");
    }
}
