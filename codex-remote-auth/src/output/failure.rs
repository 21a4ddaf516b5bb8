//! Errors and next steps, in lines for a person and as JSON.

use serde_json::{Value, json};

use crate::message::{Caller, Failure, Hint};

/// How far a command below a line is indented.
pub(super) const BELOW: &str = "      ";

/// What failed, the state of things, and the next steps, each on a line of its own.
pub fn failure_lines(failure: &impl Failure, caller: &Caller, host: &str) -> Vec<String> {
    let mut lines = vec![failure.to_string()];
    lines.extend(failure.state().map(|state| state.into_owned()));
    lines.extend(hint_lines(&failure.hints(), caller, host));
    lines
}

/// Next steps. A command is alone on its line, so that it can be pasted.
pub fn hint_lines(hints: &[Hint], caller: &Caller, host: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for hint in hints.iter().filter(|hint| hint.is_for(caller, host)) {
        match &hint.command {
            None => lines.push(format!("hint: {}", hint.words)),
            Some(command) => {
                let words = if hint.words.is_empty() { "type" } else { &hint.words };
                let place = if command.place() == "host" { " (on the host)" } else { "" };
                lines.push(format!("hint: {words}{place}:"));
                lines.push(format!("{BELOW}{}", command.line(caller, host)));
            }
        }
    }
    lines
}

/// The same as a JSON object: `code`, `message`, `state` if there is one, and `hints`.
pub fn failure_json(code: &str, failure: &impl Failure, caller: &Caller, host: &str) -> Value {
    let mut json = json!({ "code": code, "message": failure.to_string() });
    if let Some(state) = failure.state() {
        json["state"] = json!(state);
    }
    json["hints"] = hints_json(&failure.hints(), caller, host);
    json
}

/// Next steps as JSON: `text`, and if there is one, `command` and `where` it is typed (`here` or `host`).
pub fn hints_json(hints: &[Hint], caller: &Caller, host: &str) -> Value {
    let hints = hints.iter().filter(|hint| hint.is_for(caller, host));
    let hints = hints.map(|hint| match &hint.command {
        None => json!({ "text": hint.words }),
        Some(command) => json!({
            "text": hint.words, "command": command.line(caller, host), "where": command.place(),
        }),
    });
    hints.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_alone_on_its_line_and_names_its_place() {
        let caller = Caller::new("codex-remote-auth", "deploy", vec!["-p".into(), "22".into()], Vec::new());
        let hints = [
            Hint::words("check it"),
            Hint::on_host("remove it", "rm x"),
            Hint::ours("", "doctor", &[]),
            Hint::again("only for another command", &["--browser"]).only("login"),
        ];
        let lines = hint_lines(&hints, &caller, "box");
        let expected = [
            "hint: check it",
            "hint: remove it (on the host):",
            "      rm x",
            "hint: type:",
            "      codex-remote-auth doctor -p 22 box",
        ];
        assert_eq!(lines, expected);
        let json = hints_json(&hints, &caller, "box");
        assert_eq!(json[1], json!({ "text": "remove it", "command": "rm x", "where": "host" }));
        assert_eq!(json.as_array().unwrap().len(), 3);
    }
}
