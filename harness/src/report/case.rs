//! A case for a person who tries it: what it is about, and what a step showed.

use std::fmt::Write as _;

use super::layout::hanging;
use crate::run::{Case, Observed};

/// The case in five lines: the symptom, the cause, where the shell is, what to type, and the commands of the shell. `local` is
/// whether the shell is on the machine that deploys.
pub fn case_lines(case: &Case<'_, '_>, local: bool, width: Option<usize>) -> String {
    let lesson = case.lesson();
    let typed = case.typed().unwrap_or_else(|| "step".to_owned());
    // What is typed for the other machine would be another case.
    let typed = if case.is_local_step() == local { typed } else { "step".to_owned() };
    let place = if local { "on the machine that deploys" } else { "on the host" };
    let mut text = format!("{}: {}\n\n", lesson.id, lesson.title);
    let commands = "`step` (the same as over ssh, without a terminal: some failures are only there), `fix` (the right way), \
                    `again` (a fresh account), `exit`";
    for (head, value) in [
        ("symptom", lesson.symptom.trim()),
        ("cause", lesson.cause.trim()),
        ("place", &format!("{place}, before the step `{}`", case.heading())),
        ("type", &typed),
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
