//! Prints a lesson as the explanation of an output.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::words::{section, verdict};
use crate::lessons::{Action, Catalogue, Guide, GuideVerdict, Lesson, Releases, StdinKind, Step, Tool};

/// The width of the text, including the names.
const WIDTH: usize = 100;
/// The width of the column of names.
const MARGIN: usize = 13;

/// Lessons for a person, one after the other. `program` is the command that can run the lessons, if there is one.
pub fn explanation_text(lessons: &[&Lesson], catalogue: &Catalogue, program: Option<&str>) -> String {
    let pages: Vec<String> = lessons.iter().map(|lesson| page(lesson, catalogue, program)).collect();
    pages.join("\n")
}

/// Lessons as one JSON object.
pub fn explanation_json(lessons: &[&Lesson], catalogue: &Catalogue) -> Value {
    let lessons: Vec<Value> = lessons.iter().map(|lesson| object(lesson, catalogue)).collect();
    json!({ "version": 1, "lessons": lessons })
}

/// The name and title of every lesson, one per line.
pub fn explanation_list(catalogue: &Catalogue) -> String {
    let width = catalogue.lessons().iter().map(|lesson| lesson.id.len()).max().unwrap_or_default();
    let lines = catalogue.lessons().iter().map(|lesson| format!("{:<width$}  {}\n", lesson.id, lesson.title));
    lines.collect()
}

/// The name and title of every lesson as JSON.
pub fn explanation_list_json(catalogue: &Catalogue) -> Value {
    let entry = |lesson: &Lesson| json!({ "id": lesson.id, "title": lesson.title });
    json!({ "version": 1, "lessons": catalogue.lessons().iter().map(entry).collect::<Vec<Value>>() })
}

fn page(lesson: &Lesson, catalogue: &Catalogue, program: Option<&str>) -> String {
    let mut text = format!("{}: {}\n", lesson.id, lesson.title);
    text.push('\n');
    for (name, said) in [
        ("You see", lesson.symptom.as_str()),
        ("Why", lesson.cause.as_str()),
        ("What to do", lesson.fix.as_str()),
        ("Releases", &releases(lesson)),
        ("Guide", &guide(lesson)),
    ] {
        wrap(&mut text, name, said);
    }
    for (mut name, steps) in [("Wrong", &lesson.wrong), ("Right", &lesson.right)] {
        for step in steps {
            if example(&mut text, name, step) {
                name = "";
            }
        }
    }
    let mains = lesson.same_output_as.iter().filter_map(|id| catalogue.get(id));
    let mut name = "Same output";
    for other in mains.chain(catalogue.with_the_output_of(&lesson.id)) {
        wrap(&mut text, name, &format!("{}: {}", other.id, other.title));
        name = "";
    }
    if let Some(program) = program {
        let codex = if lesson.tool == Tool::Claude { " --codex claude:RELEASE" } else { "" };
        wrap(&mut text, "For certain", &format!("{program} smoke{codex} {}", lesson.id));
    }
    text
}

/// Prints a step as a person would type it. Returns `false` if nobody would type this step.
fn example(text: &mut String, name: &str, step: &Step) -> bool {
    let Some((place, command)) = command(step) else { return false };
    let note = match step.stdin {
        StdinKind::Open if !command.contains("</dev/null") => "   # with its standard input left open",
        _ => "",
    };
    let mut lines = command.lines();
    let _ = writeln!(text, "{name:<MARGIN$}{place}{}{note}", lines.next().unwrap_or_default());
    let indent = MARGIN + place.len();
    for line in lines {
        let _ = writeln!(text, "{:indent$}{line}", "");
    }
    true
}

/// Where a step is typed, and the command. Nobody types the deploy logic.
fn command(step: &Step) -> Option<(&'static str, &str)> {
    match &step.action {
        Action::Run(line) => Some(("remote$ ", line.trim())),
        Action::Local(line) => Some(("here$ ", line.trim())),
        Action::Deploy(_) => None,
    }
}

fn releases(lesson: &Lesson) -> String {
    let program = match lesson.tool {
        Tool::Codex => "Codex",
        Tool::Claude => "Claude Code",
    };
    let mut text = match lesson.codex.to_string().as_str() {
        "*" => format!("Every release of {program} that the lessons run on."),
        _ => format!("{program} {}.", in_words(&lesson.codex)),
    };
    let mut told: Vec<&Releases> = Vec::new();
    for sign in lesson.signs.iter().filter(|sign| sign.codex != Releases::all()) {
        // The first sign of a range is what these releases print. Further signs of the range are what remains of it
        // after other programs have changed it.
        if !told.contains(&&sign.codex) {
            told.push(&sign.codex);
            let texts: Vec<String> = sign.says.iter().map(|text| format!("“{}”", text.shown())).collect();
            let _ = write!(text, " {program} {} says {}.", in_words(&sign.codex), texts.join(" and "));
        }
    }
    text
}

/// A range of releases in words.
fn in_words(releases: &Releases) -> String {
    let text = releases.to_string();
    let ends = text.split(',').map(|end| {
        let end = end.trim();
        match (end.strip_prefix(">="), end.strip_prefix('<')) {
            (Some(from), _) => format!("from {from} on"),
            (None, Some(until)) if !until.starts_with('=') => format!("before {until}"),
            _ => end.to_owned(),
        }
    });
    ends.collect::<Vec<String>>().join(" and ")
}

fn guide(lesson: &Lesson) -> String {
    let section = section(lesson.guide).replace('-', " ");
    match (lesson.guide, lesson.verdict) {
        (Guide::Beyond, _) => "Not in it; measured beyond it.".to_owned(),
        (_, GuideVerdict::Silent) => format!("Section “{section}”, which does not say this."),
        (_, worth) => format!("Section “{section}”; the {}.", verdict(worth)),
    }
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
        "verdict": verdict(lesson.verdict),
        "wrong": commands(&lesson.wrong),
        "right": commands(&lesson.right),
        "same_output_as": lesson.same_output_as,
        "also": ids(catalogue.with_the_output_of(&lesson.id)),
    })
}

fn ids<'c>(lessons: impl Iterator<Item = &'c Lesson>) -> Vec<&'c str> {
    lessons.map(|lesson| lesson.id.as_str()).collect()
}

/// A name, with a text beside it in lines of at most [`WIDTH`].
fn wrap(text: &mut String, name: &str, said: &str) {
    let mut line = format!("{name:<MARGIN$}");
    let mut width = MARGIN;
    for word in said.split_whitespace() {
        let length = word.chars().count();
        if width > MARGIN && width + 1 + length > WIDTH {
            let _ = writeln!(text, "{line}");
            line = " ".repeat(MARGIN);
            width = MARGIN;
        }
        if width > MARGIN {
            line.push(' ');
            width += 1;
        }
        line.push_str(word);
        width += length;
    }
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page_of(id: &str, program: Option<&str>) -> String {
        let catalogue = Catalogue::embedded().unwrap();
        explanation_text(&[catalogue.get(id).unwrap()], &catalogue, program)
    }

    #[test]
    fn a_page_has_symptom_cause_and_fix() {
        let page = page_of("profile-flag", Some("cargo xtask"));
        for said in [
            "profile-flag: -p selects a profile, not a prompt\n\nYou see      config profile `my prompt` not found;",
            "\nWhat to do   Give the prompt as an argument: codex exec \"prompt\".\n",
            "Codex before 0.134 says “config profile\n             `…` not found”. Codex from 0.134 on says ",
            "\nGuide        Section “critical knowledge”; the guide is stale.\n",
            "\nWrong        remote$ codex -p 'my prompt'\n             remote$ codex -p hello\n",
            "\nRight        remote$ codex exec --skip-git-repo-check 'Respond: OK'\n",
            "\nSame output  exec-for-scripts: ",
            "\n             trouble-profile-not-found: ",
            "\nFor certain  cargo xtask smoke profile-flag\n",
        ] {
            assert!(page.contains(said), "{said}\n{page}");
        }
        assert!(!page_of("profile-flag", None).contains("For certain"));
    }

    #[test]
    fn a_step_after_a_deploy_is_still_shown() {
        let page = page_of("rotation-own-login", None);
        assert!(page.contains("\nWrong        here$ cp "), "{page}");
    }

    #[test]
    fn every_page_is_narrow_except_commands_and_has_no_trailing_blank() {
        let catalogue = Catalogue::embedded().unwrap();
        for lesson in catalogue.lessons() {
            let page = page_of(&lesson.id, Some("cargo xtask"));
            let prose = page.split("\nWrong").next().unwrap_or_default();
            assert!(prose.lines().skip(1).all(|line| line.chars().count() <= WIDTH), "{prose}");
            assert!(page.lines().all(|line| line.trim_end() == line), "{page}");
        }
    }

    #[test]
    fn ranges_are_shown_in_words() {
        let words = |range: &str| in_words(&Releases::try_from(range.to_owned()).unwrap());
        assert_eq!(words("<0.134"), "before 0.134");
        assert_eq!(words(">=0.134, <0.147"), "from 0.134 on and before 0.147");
        assert_eq!(words("=0.140.0"), "=0.140.0");
    }
}
