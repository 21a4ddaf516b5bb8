//! What the documents say about the code is true: each statement of `docs/security.md` names a test that exists.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;

/// The pairs of a file and a function in a text: `file` `function`.
fn named(text: &str) -> Vec<(String, String)> {
    let words: Vec<&str> = text.split('`').collect();
    // Text in backquotes is at the odd positions.
    let quoted: Vec<(&str, &str)> =
        words.chunks(2).filter_map(|pair| Some((pair[0], *pair.get(1)?))).collect();
    let pairs = quoted.windows(2).filter(|pair| pair[0].1.ends_with(".rs") && pair[1].0.trim().is_empty());
    pairs.map(|pair| (pair[0].1.to_owned(), pair[1].1.to_owned())).collect()
}

#[test]
fn every_test_that_the_security_page_names_exists() {
    let text = fs::read_to_string(tests::root().join("docs/security.md")).unwrap();
    let named = named(&text);
    assert!(named.len() >= 20, "{named:?}");
    for (file, function) in named {
        let source =
            fs::read_to_string(tests::root().join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(source.contains(&format!("fn {function}(")), "{file} has no {function}");
    }
}

#[test]
fn every_statement_of_the_security_page_names_its_test() {
    let text = fs::read_to_string(tests::root().join("docs/security.md")).unwrap();
    let (checked, _) = text.split_once("## What remains to be trusted").unwrap();
    for statement in checked.split("\n- ").skip(1) {
        let statement = statement.split("\n## ").next().unwrap();
        // An attacker who is root, or the account itself, is outside of what a test can show.
        if statement.starts_with("The account, and root on the host") {
            continue;
        }
        assert!(!named(statement).is_empty(), "no test is named: {statement}");
    }
}

#[test]
fn a_pair_is_read_over_the_end_of_a_line() {
    assert_eq!(
        named("x (`a.rs` `b`,\n `c.rs`\n  `d`) `e`"),
        [("a.rs".into(), "b".into()), ("c.rs".into(), "d".into())]
    );
}
