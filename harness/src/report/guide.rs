//! The statements of the guide, and which of them are correct, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::layout::hanging;
use crate::run::SMOKE_TESTS;
use codex_remote_auth::lessons::{Catalogue, CatalogueProblem, Guide, Statement, Statements, Worth};
use codex_remote_auth::output::words::section;

/// The guide's sections in its order, as it calls them.
const SECTIONS: [(Guide, &str); 8] = [
    (Guide::QuickStart, "Quick Start"),
    (Guide::CriticalKnowledge, "Critical Knowledge"),
    (Guide::FileSchema, "File Schema"),
    (Guide::Workflow, "Remote Deployment Workflow"),
    (Guide::SmokeTests, "Smoke Test Strategy"),
    (Guide::Comparison, "Comparison: Claude vs Codex"),
    (Guide::Troubleshooting, "Troubleshooting"),
    (Guide::Environment, "Environment Variables and Dependencies"),
];

/// Refuses a statement that names a lesson or smoke test which does not exist.
///
/// # Errors
/// [`CatalogueProblem::Malformed`] with the statement's file and line.
pub fn check_statements(statements: &Statements, catalogue: &Catalogue) -> Result<(), CatalogueProblem> {
    let lessons = catalogue.lessons().iter().map(|lesson| lesson.id.as_str());
    let known: Vec<&str> = lessons.chain(SMOKE_TESTS.iter().map(|test| test.id)).collect();
    statements.check(&known)
}

/// The verdict on a statement, in words.
pub(super) fn worth(worth: &Worth) -> String {
    match worth {
        Worth::Holds => "holds".to_owned(),
        Worth::HoldsFor(releases) => format!("holds for {releases}"),
        Worth::Wrong => "wrong".to_owned(),
        Worth::NotShown => "not shown".to_owned(),
    }
}

/// The number of statements with each verdict.
pub(super) fn tally(statements: &Statements) -> String {
    let count = |is: fn(&Worth) -> bool| statements.all().filter(|statement| is(&statement.worth)).count();
    format!(
        "Of {} statements, {} hold, {} hold for some releases, {} are wrong, and {} cannot be tested.",
        statements.all().count(),
        count(|worth| *worth == Worth::Holds),
        count(|worth| matches!(worth, Worth::HoldsFor(_))),
        count(|worth| *worth == Worth::Wrong),
        count(|worth| *worth == Worth::NotShown)
    )
}

/// Every statement by section, with its verdict, the reason, and how to see it. Wraps at the width of the terminal, if there is one.
pub fn statement_list(statements: &Statements, width: Option<usize>) -> String {
    let mut text = String::new();
    for (guide, name) in SECTIONS {
        let mut of_section = statements.of_section(guide).peekable();
        if of_section.peek().is_some() {
            let _ = writeln!(text, "{name}\n");
        }
        for statement in of_section {
            let head = format!("  {:<18} ", worth(&statement.worth));
            let _ = writeln!(text, "{}", hanging(&head, &statement.says, width));
            if !statement.because.is_empty() {
                let _ = writeln!(text, "{}", hanging(&" ".repeat(head.len()), &statement.because, width));
            }
            for command in commands(statement) {
                let _ = writeln!(text, "  {:<18} {command}", "");
            }
            text.push('\n');
        }
    }
    let _ = writeln!(text, "{}", tally(statements));
    text
}

/// Every statement as an object of a JSON list.
pub fn statement_list_json(statements: &Statements) -> Value {
    let object = |statement: &Statement| {
        let (verdict, holds_for) = match &statement.worth {
            Worth::Holds => ("holds", None),
            Worth::HoldsFor(releases) => ("holds-for", Some(releases.to_string())),
            Worth::Wrong => ("wrong", None),
            Worth::NotShown => ("not-shown", None),
        };
        json!({
            "section": section(statement.section),
            "says": statement.says,
            "verdict": verdict,
            "holds_for": holds_for,
            "because": statement.because,
            "lessons": statement.lessons,
            "commands": commands(statement),
        })
    };
    statements.all().map(object).collect()
}

/// The commands that show it: one for its lessons, and one for its smoke tests.
fn commands(statement: &Statement) -> Vec<String> {
    let is_smoke = |id: &&String| SMOKE_TESTS.iter().any(|test| test.id == id.as_str());
    let (tests, lessons): (Vec<&String>, Vec<&String>) = statement.lessons.iter().partition(is_smoke);
    let lessons: String = lessons.iter().map(|id| format!(" --lesson {id}")).collect();
    let tests: String = tests.iter().map(|id| format!(" {id}")).collect();
    let command = |verb: &str, names: String| {
        if names.is_empty() { None } else { Some(format!("cargo xtask {verb}{names}")) }
    };
    command("drift", lessons).into_iter().chain(command("smoke", tests)).collect()
}
