//! CHANGELOG.md, and the changelog of the Debian package that is made from it.

use chrono::DateTime;

/// The text of a section of CHANGELOG.md, from the line after `## TITLE` to the next section. A date may follow the title.
pub(super) fn section<'a>(changelog: &'a str, title: &str) -> Option<&'a str> {
    let mut lines = changelog.split_inclusive('\n');
    let heading =
        |line: &str| line.strip_prefix("## ").map(|rest| rest.split_whitespace().next() == Some(title));
    let mut start = 0;
    for line in lines.by_ref() {
        start += line.len();
        if heading(line) == Some(true) {
            let length = lines.take_while(|line| heading(line).is_none()).map(str::len).sum::<usize>();
            return Some(changelog[start..start + length].trim());
        }
    }
    None
}

/// One entry of a Debian changelog, in the format that `deb-changelog(5)` describes. `seconds` is its time, since 1970.
pub(super) fn debian(
    package: &str,
    version: &str,
    released: bool,
    notes: &str,
    by: &str,
    seconds: i64,
) -> String {
    // Debian's own name for an entry that is not released yet.
    let suite = if released { "unstable" } else { "UNRELEASED" };
    let mut entry = format!("{package} ({version}) {suite}; urgency=medium\n\n");
    for item in items(notes) {
        let options = textwrap::Options::new(78).initial_indent("  * ").subsequent_indent("    ");
        // A path or a command is not broken.
        let options = options.break_words(false).word_splitter(textwrap::WordSplitter::NoHyphenation);
        entry.push_str(&textwrap::fill(&item, options));
        entry.push('\n');
    }
    let date = DateTime::from_timestamp(seconds, 0).unwrap_or_default().to_rfc2822();
    entry.push_str(&format!("\n -- {by}  {date}\n"));
    entry
}

/// The items of a Markdown list, each on one line.
fn items(notes: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in notes.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match (line.strip_prefix("- "), items.last_mut()) {
            (None, Some(item)) => {
                item.push(' ');
                item.push_str(line.trim_start());
            }
            (item, _) => items.push(item.unwrap_or(line).to_owned()),
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Changelog\n\n## Unreleased\n\n- New.\n\n## 0.2.0 (2026-12-01)\n\n- Two\n  lines.\n- One.\n\n## 0.1.0\n\n- Old.\n";

    #[test]
    fn a_section_ends_where_the_next_one_begins() {
        assert_eq!(section(TEXT, "Unreleased"), Some("- New."));
        assert_eq!(section(TEXT, "0.2.0"), Some("- Two\n  lines.\n- One."));
        assert_eq!(section(TEXT, "0.1.0"), Some("- Old."));
        assert_eq!(section(TEXT, "0.1"), None);
        assert_eq!(section(TEXT, "0.3.0"), None);
    }

    #[test]
    fn an_entry_has_the_form_that_dpkg_reads() {
        let long = "- A sentence that is longer than a line of a terminal, so that it has to be broken somewhere.\n  And more.\n- One.";
        let entry = debian("x", "0.2.0-1", true, long, "A <a@b.c>", 1_795_000_000);
        let expected = "x (0.2.0-1) unstable; urgency=medium\n\n  \
                        * A sentence that is longer than a line of a terminal, so that it has to be\n    \
                        broken somewhere. And more.\n  * One.\n\n -- A <a@b.c>  Wed, 18 Nov 2026 11:06:40 +0000\n";
        assert_eq!(entry, expected);
        assert!(debian("x", "0.2.0-1", false, long, "A <a@b.c>", 0).contains(" UNRELEASED;"));
    }
}
