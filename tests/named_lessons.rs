//! The product's messages name only lessons that exist.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

/// Every string literal in a folder's sources that has the form of a lesson's name: words joined by hyphens.
fn hyphenated(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(tests::root().join(folder)).unwrap() {
        let path = entry.unwrap().path();
        // This file talks to the script on the host, whose words have the same form.
        if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("examine.rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.extend(text.split('"').filter(|text| is_name(text)).map(str::to_owned));
        }
    }
    found
}

/// The word that follows `lesson`, or the command `explain`, in a text for users.
fn told(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    // A literal may continue on the next line of the source.
    let text = text.split_whitespace().filter(|word| *word != "\\").collect::<Vec<_>>().join(" ");
    let behind = text.split("lesson ").skip(1).chain(text.split(" explain ").skip(1));
    let name = |rest: &str| {
        rest.split(|c: char| !c.is_ascii_lowercase() && c != '-').next().unwrap_or("").to_owned()
    };
    behind.map(name).filter(|name| is_name(name)).collect()
}

fn is_name(text: &str) -> bool {
    text.contains('-')
        && text.split('-').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
}

#[test]
fn every_lesson_that_people_are_told_of_is_there() {
    let root = tests::root();
    let mut names = hyphenated("codex-remote-auth/src/doctor");
    let settings = fs::read_to_string(root.join("codex-remote-auth/src/remote/settings.rs")).unwrap();
    names.extend(
        settings.split("Some(\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())),
    );
    for file in [
        "codex-remote-auth/src/output/receipts.rs",
        "codex-remote-auth/src/login/problem.rs",
        "codex-remote-auth/src/cli/deploy.rs",
    ] {
        let told = told(&root.join(file));
        assert!(!told.is_empty(), "{file} names no lesson");
        names.extend(told);
    }
    assert!(names.len() > 30, "{names:?}");
    let unknown: Vec<_> =
        names.iter().filter(|name| !root.join(format!("fixtures/lessons/{name}.toml")).is_file()).collect();
    assert!(unknown.is_empty(), "no lesson is called {unknown:?}");
}
