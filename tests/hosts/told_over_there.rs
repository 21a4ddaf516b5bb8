//! What another machine says is shown, and works no terminal: not the cursor, not the title, and no line of ours is hidden.

use crate::Case;
use crate::rig::{Person, Rig, has};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        what_a_tool_says_there_forges_no_line_and_hides_none,
        what_codex_says_there_is_shown_without_its_colours,
        what_doctor_shows_of_a_host_works_no_terminal,
    ]
}

/// Holds that a call ends so and prints nothing that works a terminal, and gives what it printed.
fn shows(person: &Person<'_>, arguments: &[&str], expected: i32) -> String {
    let (stdout, stderr) = person.ends(arguments, expected);
    let all = stdout.clone() + &stderr;
    assert!(!all.chars().any(|character| character.is_control() && character != '\n'), "{all:?}");
    stdout
}

/// Turns back to the line's beginning, sets a title that does not end, and has a control character of eight bits.
const ORDERS: &str = r"\r\033[2Kok        box0  proven\033]0;title\302\233";

fn what_a_tool_says_there_forges_no_line_and_hides_none(rig: &Rig) {
    let person = rig.person(1);
    person.plants("mv", &format!("printf 'mv: not today{ORDERS}\\n' >&2; exit 1"));
    let said = shows(&person, &["deploy", "--no-proof", "box0"], 1);
    assert!(said.starts_with("FAILED    box0  ") && said.lines().count() == 1, "{said}");
    has(&said, &["mv: not today", "; it is as it was"]);
}

fn what_codex_says_there_is_shown_without_its_colours(rig: &Rig) {
    let person = rig.person(1);
    person.plants("codex", &format!("printf '\\033[1;31mERROR:\\033[0m not today{ORDERS}\\n' >&2; exit 1"));
    let said = shows(&person, &["deploy", "box0"], 1);
    has(&said, &["FAILED    box0  deployed: ", "codex said: ERROR: not today", "\n          next: "]);
}

fn what_doctor_shows_of_a_host_works_no_terminal(rig: &Rig) {
    let person = rig.person(1);
    person.there(&format!(
        "cat >.bashrc <<'END'\nexport CODEX_HOME=\"$HOME/$(printf 'a home{ORDERS}')\"\nEND\n\
         HOME=$PWD; . ./.bashrc; mkdir \"${{CODEX_HOME}}\""
    ));
    let said = shows(&person, &["doctor", "box0"], 1);
    has(&said, &["/a home"]);
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    has(&shows(&person, &["deploy", "--no-proof", "box0"], 0), &["already there: ", "/a home"]);
}
