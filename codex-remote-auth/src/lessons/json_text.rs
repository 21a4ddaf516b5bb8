//! The texts inside JSON: logs are written as one object per line, and an output is passed on as one string.

use serde_json::Value;

/// How deep JSON may be inside of strings of JSON.
const DEEPEST: usize = 4;

/// How long the name of a failure may be, in bytes. A longer text is a message.
const LONGEST_NAME: usize = 100;

/// An output with each JSON value replaced by its strings, one per line, and with other escapes undone. `None` if there is nothing
/// of that kind in it.
pub(super) fn texts(output: &str) -> Option<String> {
    let mut text = String::new();
    if let Some(value) = value_of(output) {
        add_strings(&mut text, &value, 0);
        return Some(text);
    }
    let mut is_changed = false;
    for line in output.lines() {
        is_changed |= add(&mut text, line, 0);
    }
    is_changed.then_some(text)
}

/// Adds what a line says. Returns whether that is something else than the line.
fn add(text: &mut String, line: &str, depth: usize) -> bool {
    if let Some(value) = value_of(line).filter(|_| depth < DEEPEST) {
        add_strings(text, &value, depth);
        return true;
    }
    let unescaped = unescaped(line);
    text.push_str(unescaped.as_deref().unwrap_or(line));
    text.push('\n');
    unescaped.is_some()
}

/// The JSON value that a text is, if it is an object, a list or a string.
fn value_of(text: &str) -> Option<Value> {
    let text = text.trim();
    if text.starts_with(['{', '[', '"']) { serde_json::from_str(text).ok() } else { None }
}

fn add_strings(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::String(said) => {
            for line in said.lines() {
                add(text, line, depth + 1);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| add_strings(text, value, depth)),
        Value::Object(fields) => {
            for (key, value) in fields {
                // The name of a failure means little without its key: other services use the same words.
                if let ("code" | "error", Value::String(said)) = (key.as_str(), value)
                    && said.len() <= LONGEST_NAME
                {
                    text.push_str(&format!("\"{key}\": \"{said}\"\n"));
                }
            }
            fields.values().for_each(|value| add_strings(text, value, depth));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A piece of JSON, such as a wrapped line, with its escapes undone.
fn unescaped(line: &str) -> Option<String> {
    if !line.contains('\\') {
        return None;
    }
    let mut text = line.to_owned();
    // A string in a string has each backslash twice.
    for _ in 0..2 {
        text = text.replace("\\\\", "\\");
    }
    let text = text
        .replace("\\n", "\n")
        .replace("\\r", "\n")
        .replace("\\t", "\t")
        .replace("\\\"", "\"")
        .replace("\\u001b", "\u{1b}")
        .replace("\\u2019", "’")
        .replace("\\/", "/");
    (text != line).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_taken_out_of_json() {
        let log = r#"{"level":"error","msg":"Error: \"a\"\nthen `b`","n":1}"#;
        assert_eq!(texts(log).unwrap(), "error\nError: \"a\"\nthen `b`\n");
        let nested = serde_json::to_string(&log).unwrap();
        assert_eq!(texts(&nested).unwrap(), "error\nError: \"a\"\nthen `b`\n");
    }

    #[test]
    fn the_name_of_a_failure_keeps_its_key() {
        let error = r#"{"error":{"code":"token_revoked"}}"#;
        let said = "\"code\": \"token_revoked\"\ntoken_revoked\n";
        let nested = serde_json::to_string(&error).unwrap();
        for output in [error, &nested] {
            assert_eq!(texts(output).as_deref(), Some(said));
        }
    }

    #[test]
    fn a_piece_of_json_has_its_escapes_undone() {
        assert_eq!(texts(r#""msg": "Error: \"a\"\nthen"#).unwrap(), "\"msg\": \"Error: \"a\"\nthen\n");
        assert_eq!(texts(r#"\\\"a\\\""#).unwrap(), "\"a\"\n");
    }

    #[test]
    fn what_has_no_json_is_left() {
        for said in ["", "an error", "{not json", "[12:00] an error"] {
            assert_eq!(texts(said), None, "{said}");
        }
    }

    #[test]
    fn json_in_json_without_end_is_no_danger() {
        let mut text = "x".to_owned();
        for _ in 0..12 {
            text = serde_json::to_string(&text).unwrap();
        }
        assert!(texts(&text).is_some());
    }
}
