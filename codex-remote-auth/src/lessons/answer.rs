//! Leaves out what the model answered: it may quote any error, and codex met none of them.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::log_prefix::without_prefixes;

/// The beginning of an answer in the events of `codex exec --json`. JSON in a string has a backslash before each quotation mark.
const ANSWER: &str = r#"(?:agent_message|reasoning)\\*"\s*,\s*\\*"text\\*"\s*:\s*(\\*)""#;

/// An attempt after which codex tried again.
const ATTEMPT: &str = r"Reconnecting\.\.\. ?\d+/\d+ \([^()]*\)";

static ANSWERS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(ANSWER).ok());
static ATTEMPTS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(ATTEMPT).ok());

/// An output without the answers of the model, and without the attempts before a turn that ended well.
pub(super) fn without_answers(output: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(output);
    if text.contains("agent_message") || text.contains("reasoning") {
        text = Cow::Owned(without_those_in_events(&text));
    }
    if let (Some(end), Some(attempts)) = (text.rfind("turn.completed"), ATTEMPTS.as_ref()) {
        let before = attempts.replace_all(&text[..end], "");
        text = Cow::Owned(before.into_owned() + &text[end..]);
    }
    if text.contains("tokens used") {
        text = Cow::Owned(without_those_for_people(&text));
    }
    text
}

/// Without the texts of the events `agent_message` and `reasoning`.
fn without_those_in_events(output: &str) -> String {
    let mut text = String::with_capacity(output.len());
    let mut rest = output;
    while let Some(found) = ANSWERS.as_ref().and_then(|answers| answers.captures(rest)) {
        let Some((whole, marks)) = found.get(0).zip(found.get(1)) else { break };
        text.push_str(&rest[..whole.end()]);
        rest = &rest[whole.end()..];
        rest = &rest[end_of_string(rest, marks.len())..];
    }
    text + rest
}

/// Where a JSON string ends whose quotation marks have so many backslashes before them. Inside of it, they have more.
fn end_of_string(text: &str, backslashes: usize) -> usize {
    let ends = |at: &usize| {
        let before = &text[..*at];
        before.len() - before.trim_end_matches('\\').len() == backslashes
    };
    text.match_indices('"').map(|(at, _)| at).find(ends).unwrap_or(text.len())
}

/// Without what stands between the line `codex` and the line `tokens used`, as `codex exec` prints it for people, unless codex
/// failed in between.
fn without_those_for_people(output: &str) -> String {
    let lines: Vec<&str> = output.split_inclusive('\n').collect();
    let mut is_kept = vec![true; lines.len()];
    let mut answer = None;
    for (at, line) in lines.iter().enumerate() {
        let bare = without_prefixes(line, false);
        match bare.as_deref().unwrap_or(line).trim() {
            "codex" => answer = Some(at + 1),
            "tokens used" => {
                if let Some(from) = answer.take() {
                    is_kept[from..at].fill(false);
                }
            }
            line if line.starts_with("ERROR:") => answer = None,
            _ => {}
        }
    }
    lines.iter().zip(is_kept).filter_map(|(line, is_kept)| is_kept.then_some(*line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: &str = concat!(
        r#"{"type":"error","message":"Reconnecting... 1/5 (unexpected status 503: a)"}"#,
        "\n",
        r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"It says: \"an error\"."}}"#,
        "\n",
        r#"{"type":"turn.completed"}"#
    );

    #[test]
    fn an_answer_is_left_out_of_the_events_however_often_they_are_quoted() {
        let mut events = EVENTS.to_owned();
        for _ in 0..3 {
            let left = without_answers(&events);
            assert!(left.contains("agent_message") && left.contains("turn.completed"), "{left}");
            for gone in ["It says", "an error", "503"] {
                assert!(!left.contains(gone), "{left}");
            }
            events = serde_json::to_string(&events).unwrap();
        }
    }

    #[test]
    fn an_attempt_counts_if_no_turn_ends_well() {
        let failed = EVENTS.replace("turn.completed", "turn.failed");
        assert!(without_answers(&failed).contains("503"));
    }

    #[test]
    fn an_answer_for_people_is_left_out_and_an_error_after_it_stays() {
        let log =
            "2026-11-27T10:00:00Z codex\n2026-11-27T10:00:01Z an error\n2026-11-27T10:00:02Z tokens used\n";
        assert!(!without_answers(log).contains("an error"));
        let said = "user\nhi\ncodex\nIt says: an error.\ntokens used\n12\nERROR: b\n";
        assert_eq!(without_answers(said), "user\nhi\ncodex\ntokens used\n12\nERROR: b\n");
        for whole in ["codex\nan error\n", "codex\nERROR: a\ntokens used\n", "an error\ntokens used\n"] {
            assert_eq!(without_answers(whole), whole);
        }
    }

    #[test]
    fn an_answer_that_is_cut_off_ends_with_the_output() {
        let cut = r#"{"item":{"type":"agent_message","text":"It says \"an er"#;
        assert_eq!(without_answers(cut), r#"{"item":{"type":"agent_message","text":""#);
    }
}
