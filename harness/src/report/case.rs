//! A case for a person who tries it: what it is about, and what a step showed.

use std::fmt::Write as _;

use super::layout::hanging;
use crate::run::{Case, Observed};

/// The case in five lines: the symptom, the cause, what to type, and the commands of its shell.
pub fn case_lines(case: &Case<'_, '_>, place: &str, width: Option<usize>) -> String {
    let lesson = case.lesson();
    let typed = case.typed();
    let typed = typed.as_deref().unwrap_or("step      (a deploy, which is our own code)");
    let mut text = format!("{}: {}\n\n", lesson.id, lesson.title);
    let commands =
        "step (the same without a terminal, as over ssh), fix (the right way), again (a new account), exit";
    for (head, value) in [
        ("symptom", lesson.symptom.trim()),
        ("cause", lesson.cause.trim()),
        ("place", &format!("{place}, before the step `{}`", case.heading())),
        ("type", typed),
        ("or", commands),
    ] {
        let _ = writeln!(text, "{}", hanging(&format!("{head:<8} "), value, width));
    }
    text
}

/// What steps showed: each command with its output, how it ended, and whether that is what the lesson expects.
pub fn shown(steps: &[Observed]) -> String {
    let mut text = String::new();
    for step in steps {
        let _ = writeln!(text, "# {}\n$ {}", step.heading, step.command.trim());
        for output in [&step.stdout, &step.stderr] {
            let output = output.trim_end();
            if !output.is_empty() {
                let _ = writeln!(text, "{output}");
            }
        }
        let _ = writeln!(text, "[{}]", step.end);
        for failure in &step.failures {
            let _ = writeln!(text, "not as expected: {}", failure.expected.trim().replace('\n', "; "));
        }
    }
    if text.is_empty() {
        text.push_str("nothing was run\n");
    }
    text
}
