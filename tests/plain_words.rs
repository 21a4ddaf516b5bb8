//! No sentence that people could not understand comes back.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::Command;
use std::{fs, str};

/// The sentences, one distinctive part of each on a line.
const RETIRED: &str = "tests/plain_words/retired.txt";

/// Where people read text, by the end of a file's name. A snapshot is what a program prints.
const READ: [&str; 6] = [".rs", ".toml", ".md", ".sh", ".snap", "Dockerfile"];

/// Files that are not ours, or that say what was changed.
const NOT_OURS: [&str; 2] = ["CHANGELOG.md", "tests/snapshots/"];

/// A text on one line, as a person reads it: without the line breaks of a comment or a string.
fn read(text: &str) -> String {
    let lines = text.replace("\\\n", " ");
    let lines = lines.lines().map(|line| line.trim_start().trim_start_matches(['/', '!', '#']));
    lines.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn retired() -> Vec<String> {
    let list = fs::read_to_string(tests::root().join(RETIRED)).unwrap();
    list.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// The retired sentences in a text.
fn found<'r>(retired: &'r [String], text: &str) -> Vec<&'r str> {
    let text = read(text);
    retired.iter().filter(|part| text.contains(part.as_str())).map(String::as_str).collect()
}

#[test]
fn no_retired_sentence_is_left() {
    let root = tests::root();
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(&root).output().unwrap();
    assert!(listed.status.success(), "{listed:?}");
    let listed = str::from_utf8(&listed.stdout).unwrap().split('\0');
    let is_read = |path: &&str| {
        READ.iter().any(|end| path.ends_with(end)) && !NOT_OURS.iter().any(|other| path.starts_with(other))
    };
    let files: Vec<&Path> =
        listed.filter(is_read).map(Path::new).filter(|path| root.join(path).is_file()).collect();
    assert!(files.len() > 300, "only {} files were read", files.len());
    let retired = retired();
    let mut left = Vec::new();
    for file in files {
        let text = fs::read_to_string(root.join(file)).unwrap();
        left.extend(found(&retired, &text).into_iter().map(|part| format!("{}: {part}", file.display())));
    }
    assert!(left.is_empty(), "{}", left.join("\n"));
}

#[test]
fn a_sentence_is_found_across_the_lines_of_a_comment_or_a_string() {
    let retired = ["as the moon is".to_owned()];
    for text in [
        "as the moon is, so",
        "/// as the\n    /// moon is",
        "\"as the \\\n   moon is\"",
        "# as the moon\n# is",
    ] {
        assert_eq!(found(&retired, text), ["as the moon is"], "{text}");
    }
    assert!(found(&retired, "as the sun is").is_empty());
}
