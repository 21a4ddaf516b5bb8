//! `docs/json-schema.json` describes every output of the program, and `docs/json.md` names all that the schema has.

use std::process::Command;

use serde_json::{Value, json};

use crate::json_schema;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/json.md");
const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/json-schema.json");

fn schema() -> Value {
    serde_json::from_str(&std::fs::read_to_string(SCHEMA).unwrap()).unwrap()
}

/// Checks each line of an output of a command that is a JSON object.
pub(crate) fn describe(command: &str, stdout: &str) {
    for object in stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let definition =
            if object.get("event").is_some() { format!("{command}-event") } else { command.to_owned() };
        let errors = errors(&definition, &object);
        assert!(errors.is_empty(), "docs/json-schema.json does not allow this: {errors:?}\n{object:#}");
    }
}

fn errors(definition: &str, object: &Value) -> Vec<String> {
    json_schema::errors(SCHEMA.as_ref(), definition, object)
}

/// The names of the fields, and the fixed values, that a schema has.
fn words(schema: &Value, words: &mut Vec<String>) {
    for (keyword, value) in schema.as_object().into_iter().flatten() {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(fields)) => {
                words.extend(fields.keys().cloned());
                fields.values().for_each(|field| self::words(field, words));
            }
            ("enum", Value::Array(values)) => {
                words.extend(values.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            ("const", Value::String(value)) => words.push(value.clone()),
            (_, Value::Array(parts)) => parts.iter().for_each(|part| self::words(part, words)),
            (_, part) => self::words(part, words),
        }
    }
}

#[test]
fn the_page_names_every_field_and_every_fixed_value() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let mut all = Vec::new();
    words(&schema(), &mut all);
    assert!(all.iter().any(|word| word == "already-there") && all.iter().any(|word| word == "seconds"));
    all.retain(|word| !page.contains(&format!("`{word}`")));
    assert!(all.is_empty(), "docs/json.md does not name {all:?}");
}

#[test]
fn the_schema_is_one_and_finds_what_it_does_not_describe() {
    let host =
        json!({ "host": "a", "seconds": 0.1, "result": "restored", "path": "/x", "mode": "0600", "size": 1 });
    let output = |host: &Value| json!({ "version": 2, "hosts": [host] });
    assert_eq!(errors("rollback", &output(&host)), [""; 0]);
    let changes = [
        ("result", json!("nonsense")),
        ("invented", json!(1)),
        ("mode", json!(600)),
        ("result", json!("failed")),
    ];
    for (field, value) in changes {
        let mut host = host.clone();
        host[field] = value;
        assert!(!errors("rollback", &output(&host)).is_empty(), "{host}");
        let mut event = host;
        event["version"] = json!(2);
        event["event"] = json!("ended");
        assert!(!errors("rollback-event", &event).is_empty(), "{event}");
    }
    // For a reader, a new field is no error.
    let mut host = host;
    host["invented"] = json!(1);
    assert!(jsonschema::is_valid(&schema(), &output(&host)));
}

#[test]
fn explanations_are_described() {
    for arguments in
        [&["--list"][..], &["profile-flag"], &["401 Unauthorized"], &["no such message"], &["path-*"]]
    {
        let output = Command::new(env!("CARGO_BIN_EXE_codex-remote-auth"))
            .args(["explain", "--format", "json"])
            .args(arguments)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with('{'), "{text}");
        describe("explain", &text);
    }
}
