//! Texts as Markdown.

use crate::run::SMOKE_TESTS;

/// A lesson's name with a link to its file. A smoke test has no file.
pub(super) fn link(id: &str) -> String {
    match SMOKE_TESTS.iter().any(|test| test.id == id) {
        true => id.to_owned(),
        false => format!("[{id}](../fixtures/lessons/{id}.toml)"),
    }
}

/// Code that may hold backquotes.
pub(super) fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let edge = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{edge}{text}{edge}{fence}")
}

/// Prose as Markdown shows it unchanged; code in backquotes stays code.
pub(super) fn prose(text: &str) -> String {
    let is_markup = |c: &char| matches!(c, '<' | '>' | '*' | '_' | '[' | ']' | '~' | '\\');
    let escaped = |part: &str| -> String {
        part.chars().flat_map(|c| Some('\\').filter(|_| is_markup(&c)).into_iter().chain([c])).collect()
    };
    let parts = text.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 0 { escaped(part) } else { format!("`{part}`") }).collect()
}

/// A bar would end a table's cell even in code.
pub(super) fn in_table(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_shows_texts_unchanged() {
        assert_eq!(code("exit 1"), "`exit 1`");
        assert_eq!(code("profile `work`"), "`` profile `work` ``");
        assert_eq!(code("a `b` c"), "``a `b` c``");
        assert_eq!(prose("<0.134 and `a_b`, a_b"), "\\<0.134 and `a_b`, a\\_b");
        assert_eq!(in_table("a | b"), "a \\| b");
    }
}
