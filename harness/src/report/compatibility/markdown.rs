//! Text as Markdown shows it unchanged.

/// Code that may hold backquotes.
pub(super) fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let edge = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{edge}{text}{edge}{fence}")
}

/// Prose; code in backquotes stays code.
pub(super) fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let shown = parts.map(|(number, part)| match number % 2 {
        0 => escaped(part),
        _ => format!("`{part}`"),
    });
    shown.collect()
}

fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '<' | '>' | '*' | '_' | '[' | ']' | '~' | '\\') {
            shown.push('\\');
        }
        shown.push(c);
    }
    shown
}

/// Text in a cell of a table, where a bar would end the cell even in code.
pub(super) fn in_table(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_survives_its_own_backquotes() {
        assert_eq!(code("exit 1"), "`exit 1`");
        assert_eq!(code("profile `work`"), "`` profile `work` ``");
        assert_eq!(code("a `b` c"), "``a `b` c``");
    }

    #[test]
    fn prose_keeps_what_markdown_would_take() {
        assert_eq!(prose("<0.134 and `a_b`, a_b"), "\\<0.134 and `a_b`, a\\_b");
        assert_eq!(in_table("a | b"), "a \\| b");
    }
}
