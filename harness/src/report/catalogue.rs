//! The lessons as a list and as pages.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::guide::worth;
use super::layout::hanging;
use crate::run::Check;
use codex_remote_auth::lessons::{Action, Expect, Lesson, Statements, StdinKind, Step};
use codex_remote_auth::output::words::{section, verdict, verdict_word};

/// Every check with its title. `width` is that of the terminal, if there is one.
pub fn check_list(checks: &[Check<'_>], width: Option<usize>) -> String {
    let rows = checks.iter().map(|check| (check.id(), check.title().to_owned()));
    list(&rows.collect::<Vec<_>>(), width)
}

/// Every lesson with its title, and whether the guide's statement is correct.
pub fn lesson_list(lessons: &[&Lesson], width: Option<usize>) -> String {
    let rows = lessons.iter().map(|lesson| {
        let title = format!("{} ({})", lesson.title, verdict(lesson.verdict));
        (lesson.id.as_str(), title)
    });
    list(&rows.collect::<Vec<_>>(), width)
}

fn list(rows: &[(&str, String)], width: Option<usize>) -> String {
    let longest = rows.iter().map(|(id, _)| id.len()).max().unwrap_or_default();
    rows.iter().map(|(id, title)| hanging(&format!("{id:<longest$}  "), title, width) + "\n").collect()
}

/// Every lesson as an object of a JSON list.
pub fn lesson_list_json(lessons: &[&Lesson]) -> Value {
    let lessons = lessons.iter().map(|lesson| {
        let mutants: Vec<Value> = lesson
            .mutants
            .iter()
            .map(|mutant| json!({"id": mutant.id.to_string(), "step": mutant.step, "field": mutant.field.as_str()}))
            .collect();
        json!({
            "id": lesson.id,
            "title": lesson.title,
            "guide": section(lesson.guide),
            "verdict": verdict_word(lesson.verdict),
            "codex": lesson.codex.to_string(),
            "mutants": mutants,
        })
    });
    lessons.collect()
}

/// A lesson as a page, with the guide's statements about it. Its texts wrap at the width of the terminal, if there is one.
pub fn lesson_page(lesson: &Lesson, statements: &Statements, width: Option<usize>) -> String {
    let mut text = format!("{}\n{}\n\n", lesson.title, "=".repeat(lesson.title.chars().count()));
    for (name, value) in [
        ("lesson", lesson.id.as_str()),
        ("guide", section(lesson.guide)),
        ("verdict", verdict(lesson.verdict)),
        ("codex", &lesson.codex.to_string()),
        ("symptom", lesson.symptom.trim()),
        ("cause", lesson.cause.trim()),
        ("fix", lesson.fix.trim()),
    ] {
        let _ = writeln!(text, "{}", hanging(&format!("{name:<8} "), value, width));
    }
    if let Some(reported) = &lesson.reported {
        let _ = writeln!(text, "{}", hanging("reported ", reported.trim(), width));
        return text;
    }
    for (way, step) in lesson.steps() {
        let name = if step.name.is_empty() { String::new() } else { format!(": {}", step.name) };
        let _ = writeln!(text, "\n{}{name}", way.as_str());
        page_step(&mut text, step);
    }
    let mut states = statements.shown_by(&lesson.id).peekable();
    if states.peek().is_some() {
        text.push_str("\nthe guide states\n");
    }
    for statement in states {
        let head = format!("  {:<18} ", worth(&statement.worth));
        let _ = writeln!(text, "{}", hanging(&head, &statement.says, width));
    }
    text.push('\n');
    for mutant in &lesson.mutants {
        let _ = writeln!(text, "fails under: {} in `{}` ({})", mutant.id, mutant.step, mutant.field);
    }
    let _ = writeln!(text, "run it:      cargo xtask smoke {}", lesson.id);
    text
}

fn page_step(text: &mut String, step: &Step) {
    match &step.action {
        Action::Run(line) => {
            let _ = writeln!(text, "  on the remote$ {}", line.trim().replace('\n', "\n                 "));
        }
        Action::Local(line) => {
            let _ = writeln!(text, "  here$ {}", line.trim().replace('\n', "\n        "));
        }
        Action::Deploy(_) => text.push_str("  deploy the login, and prove it\n"),
    }
    if step.stdin == StdinKind::Open {
        text.push_str("  (with its standard input left open)\n");
    }
    for expect in &step.expect {
        let _ =
            writeln!(text, "  {:<14} {}{}", expect.codex.to_string(), expectation(expect), servers(expect));
    }
}

/// The servers of an expectation that is not for all, after a blank.
pub(super) fn servers(expect: &Expect) -> String {
    if expect.flavours.is_empty() { String::new() } else { format!(" (on {})", expect.flavours.join(", ")) }
}

pub(super) fn expectation(expect: &Expect) -> String {
    let mut words = Vec::new();
    if expect.hangs {
        words.push("hangs".to_owned());
    }
    words.extend(expect.exit.map(|status| format!("exit {status}")));
    words.extend(expect.error.as_ref().map(|code| format!("error {code}")));
    words.extend(expect.stdout.iter().map(|said| format!("stdout “{said}”")));
    words.extend(expect.stderr.iter().map(|said| format!("stderr “{said}”")));
    if expect.leaks {
        words.push("shows the tokens".to_owned());
    }
    words.extend(expect.files.iter().map(|file| {
        let mode = file.mode.as_ref().map(|mode| format!(" {mode}")).unwrap_or_default();
        format!("~/{} {:?}{mode}", file.path, file.is).to_lowercase()
    }));
    if words.is_empty() { "works".to_owned() } else { words.join(", ").replace("@HOME@", "<remote home>") }
}
