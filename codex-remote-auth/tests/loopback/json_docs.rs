//! `docs/json.md` names every field and every fixed value of the JSON that the program prints.

use std::process::Command;

use serde_json::Value;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/json.md");

/// Fields whose values are fixed words.
const FIXED: &[&str] = &["event", "result", "proof", "level", "where", "found", "replaced", "way", "tool"];

/// Checks each line of an output that is a JSON object.
pub(crate) fn describe(stdout: &str) {
    let objects = stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let missing: Vec<String> = objects.flat_map(|object| missing(&object)).collect();
    assert!(missing.is_empty(), "docs/json.md does not name {missing:?}, which is in {stdout}");
}

/// The fields and fixed values that the page does not name.
fn missing(value: &Value) -> Vec<String> {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let is_named = |word: &str| page.contains(&format!("`{word}`"));
    let mut missing = Vec::new();
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        left.extend(value.as_array().into_iter().flatten());
        for (name, value) in value.as_object().into_iter().flatten() {
            missing.extend((!is_named(name)).then(|| name.clone()));
            if let (true, Some(word)) = (FIXED.contains(&name.as_str()), value.as_str()) {
                missing.extend((!is_named(word)).then(|| format!("{name}: {word}")));
            }
            left.push(value);
        }
    }
    missing
}

#[test]
fn a_field_or_a_value_that_is_not_described_is_found() {
    let known = serde_json::json!({ "hosts": [{ "result": "failed", "error": { "code": "x" } }] });
    assert_eq!(missing(&known), [""; 0]);
    let unknown = serde_json::json!({ "hosts": [{ "result": "nonsense", "error": { "invented": "x" } }] });
    assert_eq!(missing(&unknown), ["result: nonsense", "invented"]);
}

#[test]
fn explanations_are_described() {
    for arguments in [&["--list"][..], &["profile-flag"], &["401 Unauthorized"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_codex-remote-auth"))
            .args(["explain", "--format", "json"])
            .args(arguments)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with('{'), "{text}");
        describe(&text);
    }
}
