//! Prints what an output means: the lesson about it, or all lessons that may be its cause.

use serde_json::{Value, json};

use super::lesson_page::{command, page};
use super::words::{section, verdict_word};
use super::wrapped::wrapped;
use crate::doctor;
use crate::lessons::{Catalogue, Lesson, Message, Step, Tool};

/// Lessons that a person asked for by name, one page after the other, in lines of at most `width` columns.
pub fn lesson_pages(lessons: &[&Lesson], catalogue: &Catalogue, width: usize) -> String {
    let pages: Vec<String> = lessons.iter().map(|lesson| page(lesson, catalogue, width)).collect();
    pages.join("\n")
}

/// The known messages of an output for a person. A message with one cause is explained. A message with several is not
/// attributed to one of them: all are listed, with what tells them apart. `program` is the name of this program.
pub fn explanation_text(
    messages: &[Message<'_>],
    catalogue: &Catalogue,
    program: &str,
    width: usize,
) -> String {
    let several = messages.len() > 1;
    let mut parts = Vec::new();
    if several {
        parts.push(format!("{} known messages:\n", messages.len()));
    }
    for message in messages {
        parts.push(match message.causes.as_slice() {
            [lesson] if several => {
                format!(
                    "{}\n\n{}",
                    wrapped("", &format!("“{}”", message.text), width),
                    page(lesson, catalogue, width)
                )
            }
            [lesson] => page(lesson, catalogue, width),
            _ => causes(message, program, width),
        });
    }
    parts.join("\n")
}

/// A message with several causes.
fn causes(message: &Message<'_>, program: &str, width: usize) -> String {
    let mut text =
        wrapped("", &format!("{} possible causes of “{}”", message.causes.len(), message.text), width);
    let found = message.causes.iter().filter(|lesson| is_found_by_doctor(lesson)).count();
    match found {
        0 => {}
        all if all == message.causes.len() => {
            text.push_str(&format!("\nhint: {program} doctor HOST    # checks a host for all of them"));
        }
        _ => text
            .push_str(&format!("\nhint: {program} doctor HOST    # checks a host for those marked with *")),
    }
    text.push_str(&format!("\nhint: {program} explain NAME   # one of them in full\n\n"));
    let names = message.causes.iter().map(|lesson| lesson.id.len()).max().unwrap_or_default();
    for lesson in &message.causes {
        let mark = if is_found_by_doctor(lesson) { '*' } else { ' ' };
        text.push_str(&wrapped(&format!("{mark} {:<names$}  ", lesson.id), &lesson.title, width));
        text.push('\n');
    }
    text
}

fn is_found_by_doctor(lesson: &Lesson) -> bool {
    doctor::LESSONS.contains(&lesson.id.as_str())
}

/// The known messages of an output as one JSON object: each with the names of its causes, and the lessons that these
/// names mean.
pub fn explanation_json(messages: &[Message<'_>], catalogue: &Catalogue) -> Value {
    let mut lessons: Vec<&Lesson> = Vec::new();
    for cause in messages.iter().flat_map(|message| &message.causes) {
        if !lessons.contains(cause) {
            lessons.push(cause);
        }
    }
    let message = |message: &Message<'_>| json!({ "message": message.text, "causes": ids(message.causes.iter().copied()) });
    let messages: Vec<Value> = messages.iter().map(message).collect();
    let lessons: Vec<Value> = lessons.iter().map(|lesson| object(lesson, catalogue)).collect();
    json!({ "version": 2, "messages": messages, "lessons": lessons })
}

/// Lessons that a person asked for by name, as one JSON object.
pub fn lessons_json(lessons: &[&Lesson], catalogue: &Catalogue) -> Value {
    let lessons: Vec<Value> = lessons.iter().map(|lesson| object(lesson, catalogue)).collect();
    json!({ "version": 2, "lessons": lessons })
}

/// The name and title of each lesson, in lines of at most `width` columns.
pub fn lesson_list<'c>(lessons: impl IntoIterator<Item = &'c Lesson>, width: usize) -> String {
    let lessons: Vec<&Lesson> = lessons.into_iter().collect();
    let names = lessons.iter().map(|lesson| lesson.id.len()).max().unwrap_or_default();
    let title = |lesson: &Lesson| match lesson.is_reported() {
        true => format!("{} (reported, not run)", lesson.title),
        false => lesson.title.clone(),
    };
    let line = |lesson: &&Lesson| wrapped(&format!("{:<names$}  ", lesson.id), &title(lesson), width) + "\n";
    lessons.iter().map(line).collect()
}

/// The name and title of each lesson as JSON.
pub fn lesson_list_json<'c>(lessons: impl IntoIterator<Item = &'c Lesson>) -> Value {
    let entry =
        |lesson: &Lesson| json!({ "id": lesson.id, "title": lesson.title, "reported": lesson.is_reported() });
    json!({ "version": 2, "lessons": lessons.into_iter().map(entry).collect::<Vec<Value>>() })
}

fn object(lesson: &Lesson, catalogue: &Catalogue) -> Value {
    let commands = |steps: &[Step]| -> Vec<String> {
        steps.iter().filter_map(command).map(|(_, line)| line.to_owned()).collect()
    };
    json!({
        "id": lesson.id,
        "title": lesson.title,
        "symptom": lesson.symptom,
        "cause": lesson.cause,
        "fix": lesson.fix,
        "tool": match lesson.tool { Tool::Codex => "codex", Tool::Claude => "claude" },
        "releases": lesson.codex.to_string(),
        "guide": section(lesson.guide),
        "verdict": verdict_word(lesson.verdict),
        "reported": lesson.reported,
        "wrong": commands(&lesson.wrong),
        "right": commands(&lesson.right),
        "same_output_as": lesson.same_output_as,
        "also": ids(catalogue.with_the_output_of(&lesson.id)),
        "found_by_doctor": is_found_by_doctor(lesson),
    })
}

fn ids<'c>(lessons: impl Iterator<Item = &'c Lesson>) -> Vec<&'c str> {
    lessons.map(|lesson| lesson.id.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    fn explained(output: &str, width: usize) -> String {
        let catalogue = Catalogue::embedded().unwrap();
        explanation_text(&catalogue.messages(output, None), &catalogue, "codex-remote-auth", width)
    }

    #[test]
    fn a_message_with_several_causes_is_attributed_to_none() {
        let text = explained("Missing bearer or basic authentication in header", 80);
        let lines: Vec<&str> = text.lines().collect();
        let count = lines[0].split(' ').next().unwrap();
        let (hints, list) = lines[1..].split_at(2);
        assert_eq!(
            lines[0],
            format!("{count} possible causes of “Missing bearer or basic authentication in header”")
        );
        assert_eq!(
            hints[0],
            "hint: codex-remote-auth doctor HOST    # checks a host for those marked with *"
        );
        assert_eq!(hints[1], "hint: codex-remote-auth explain NAME   # one of them in full");
        let named = list
            .iter()
            .filter(|line| line.starts_with("* ") || line.starts_with("  ") && line.as_bytes()[2] != b' ');
        assert_eq!(named.count().to_string(), count, "{text}");
        assert!(text.contains("\n* keyring-store") && text.contains("\n  simple-copy "), "{text}");
        assert!(!text.contains("What to do"), "{text}");
    }

    #[test]
    fn doctor_is_named_only_if_it_finds_one_of_the_causes() {
        let text = explained("config profile not found", 80);
        assert!(text.starts_with("3 possible causes of ") && !text.contains("doctor"), "{text}");
        assert!(explained("command not found: codex", 80).contains("# checks a host for all of them\n"));
    }

    #[test]
    fn one_cause_is_explained_and_several_messages_are_told_apart() {
        assert!(explained("sh: codex: not found", 80).starts_with("path-sh: "));
        let text = explained("sh: codex: not found\nError: stdin is not a terminal\n", 80);
        let first = "2 known messages:\n\n2 possible causes of “stdin is not a terminal”\n";
        assert!(text.starts_with(first) && text.contains("”\n\npath-sh: "), "{text}");
    }

    #[test]
    fn everything_but_commands_fits_the_width() {
        let catalogue = Catalogue::embedded().unwrap();
        for width in [60, 80, 120] {
            let list = lesson_list(catalogue.all(), width);
            assert!(list.lines().all(|line| line.chars().count() <= width), "{list}");
            let text = explained("Missing bearer or basic authentication in header", width);
            let mut prose = text.lines().filter(|line| !line.starts_with("hint: "));
            assert!(prose.all(|line| line.chars().count() <= width), "{text}");
        }
    }

    /// The lessons of findings that say that nothing is wrong.
    const OF_GOOD_FINDINGS: [&str; 2] = ["schema-api-key", "schema-oauth"];

    #[test]
    fn the_list_of_lessons_is_what_the_findings_name() {
        let catalogue = Catalogue::embedded().unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/doctor");
        let sources =
            fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
        let sources: Vec<String> = sources.filter(|text| !text.contains("pub const LESSONS")).collect();
        let is_named = |id: &str| sources.iter().any(|text| text.contains(&format!("\"{id}\"")));
        let named: BTreeSet<&str> =
            catalogue.all().map(|lesson| &*lesson.id).filter(|id| is_named(id)).collect();
        let listed: BTreeSet<&str> = doctor::LESSONS.iter().chain(&OF_GOOD_FINDINGS).copied().collect();
        assert_eq!(named, listed);
    }
}
