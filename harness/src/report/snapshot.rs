//! What a lesson showed, as its snapshot in `tests/snapshots` has it.

use semver::Version;

use crate::run::{CheckResult, newest_release};

/// The transcripts of a lesson, from the oldest release on. Neighbours that show the same share a section, named for the first.
pub fn snapshot_page<'a>(results: impl IntoIterator<Item = (&'a Version, &'a CheckResult)>) -> String {
    let mut page = String::new();
    for (release, result) in results {
        let said = result.transcript.as_str().replace(&release.to_string(), "<release>");
        if !page.ends_with(&said) {
            let gap = if page.is_empty() { "" } else { "\n" };
            // No number for the newest, so a newer release leaves the snapshots as they are.
            let name =
                if *release == newest_release() { "the newest".to_owned() } else { release.to_string() };
            page.push_str(&format!("{gap}== from {name}\n\n{said}"));
        }
    }
    page
}

/// The file in which the crate insta keeps such a page. insta itself writes files only out of a test.
pub fn snapshot_file(title: &str, page: &str) -> String {
    let page = page.trim_end();
    format!("---\nsource: tests/support.rs\ndescription: {}\n---\n{page}\n", yaml(title))
}

/// Quoted where insta quotes; every JSON string is a YAML string.
fn yaml(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || " -_./;".contains(c);
    match text.starts_with(char::is_alphabetic) && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => serde_json::Value::from(text).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn a_snapshot_is_written_as_insta_wrote_those_that_are_there() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/snapshots");
        let mut count = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let [_, head, page] = text.splitn(3, "---\n").collect::<Vec<_>>()[..] else { panic!("{text}") };
            let title = head.lines().find_map(|line| line.strip_prefix("description: ")).unwrap();
            let title = serde_json::from_str(title).unwrap_or_else(|_| title.to_owned());
            assert_eq!(snapshot_file(&title, page), text, "{}", path.display());
            count += 1;
        }
        assert!(count > 50, "{count}");
    }
}
