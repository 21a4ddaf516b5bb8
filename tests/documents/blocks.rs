//! The commands in a document, and the output that it shows for them.

use tests::Rig;

use crate::{Case, DOCUMENTS, text};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![every_command_is_in_a_block_that_says_what_it_is, commands_and_outputs_are_told_apart]
}

/// A command, and what the document shows below it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) line: usize,
    pub(crate) command: String,
    /// `None` if the document shows no output: a block of the kind `sh`.
    pub(crate) shown: Option<Vec<String>>,
}

/// The commands of a document, in order. A block of the kind `sh` has a command in each line. In one of the kind `console`, a command
/// begins with `$ `, and its output follows.
pub(crate) fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut kind = None;
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        match (kind.as_deref(), line.strip_prefix("```")) {
            (None, Some(opened)) => kind = Some(opened.to_owned()),
            (Some(_), Some(_)) => kind = None,
            (Some("sh"), None) if !line.is_empty() => {
                steps.push(Step { line: number, command: line.to_owned(), shown: None });
            }
            (Some("console"), None) => match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => {
                    steps.push(Step { line: number, command: command.to_owned(), shown: Some(Vec::new()) });
                }
                (None, Some(Step { shown: Some(shown), .. })) => shown.push(line.to_owned()),
                (None, _) => panic!("line {number}: a console block begins with `$ `"),
            },
            _ => {}
        }
    }
    steps
}

fn every_command_is_in_a_block_that_says_what_it_is(_: &Rig) {
    for document in DOCUMENTS {
        let mut open = false;
        for (number, line) in text(document).lines().enumerate() {
            let at = format!("{document}:{}", number + 1);
            if let Some(kind) = line.strip_prefix("```") {
                open = !open;
                assert!(
                    !open || ["sh", "console", "yaml", ""].contains(&kind),
                    "{at}: a block of the kind `{kind}`"
                );
            }
            let indented = line.strip_prefix("    ").map(str::trim_start).unwrap_or_default();
            let command = ["cargo ", "codex-remote-auth ", "ssh ", "$ "]
                .iter()
                .any(|start| indented.starts_with(start));
            assert!(open || !command, "{at}: a command outside of a block");
        }
        assert!(!open, "{document}: a block is not closed");
    }
}

fn commands_and_outputs_are_told_apart(_: &Rig) {
    let text = "x\n```sh\none # why\n```\n```console\n$ two\nout\n\n$ three\n```\n```\nnone\n```\n";
    let step = |line, command: &str, shown: Option<&[&str]>| Step {
        line,
        command: command.to_owned(),
        shown: shown.map(|shown| shown.iter().map(|line| (*line).to_owned()).collect()),
    };
    let expected =
        [step(3, "one # why", None), step(6, "two", Some(&["out", ""])), step(9, "three", Some(&[]))];
    assert_eq!(steps(text), expected);
}
