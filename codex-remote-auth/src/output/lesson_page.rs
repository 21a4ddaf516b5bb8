//! Prints one lesson as a page for a person.

use std::fmt::Write as _;

use super::words::section;
use super::wrapped::wrapped;
use crate::lessons::{Action, Catalogue, Guide, GuideVerdict, Lesson, Releases, StdinKind, Step, Tool};

/// The width of the column of names.
const MARGIN: usize = 13;

/// A lesson in lines of at most `width` columns. Only commands may be longer, since a broken line cannot be pasted.
pub(super) fn page(lesson: &Lesson, catalogue: &Catalogue, width: usize) -> String {
    let mut text = wrapped("", &format!("{}: {}", lesson.id, lesson.title), width);
    text.push_str("\n\n");
    let wrap = |text: &mut String, name: &str, said: &str| {
        text.push_str(&wrapped(&format!("{name:<MARGIN$}"), said, width));
        text.push('\n');
    };
    for (name, said) in [
        ("You see", lesson.symptom.as_str()),
        ("Why", lesson.cause.as_str()),
        ("What to do", lesson.fix.as_str()),
    ] {
        wrap(&mut text, name, said);
    }
    match &lesson.reported {
        Some(reported) => wrap(&mut text, "Reported", &format!("No run here shows this. {reported}")),
        None => {
            wrap(&mut text, "Releases", &releases(lesson));
            wrap(&mut text, "Guide", &guide(lesson));
        }
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
    if lesson.is_reported() {
        return text;
    }
    let codex = if lesson.tool == Tool::Claude { " --codex claude:RELEASE" } else { "" };
    let command = format!("cargo xtask smoke{codex} {}   # in a checkout", lesson.id);
    let _ = writeln!(text, "{:<MARGIN$}{command}", "Reproduce it");
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
pub(super) fn command(step: &Step) -> Option<(&'static str, &str)> {
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
        (Guide::Beyond, _) | (_, GuideVerdict::Reported) => "The guide does not cover this.".to_owned(),
        (_, GuideVerdict::Silent) => format!("Section “{section}” does not say this."),
        (_, GuideVerdict::Holds) => format!("Section “{section}” says this, and it is right."),
        (_, GuideVerdict::Stale) => {
            format!("Section “{section}” was right before, but newer releases behave differently.")
        }
        (_, GuideVerdict::Wrong) => format!("Section “{section}” is wrong about this."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page_of(id: &str, width: usize) -> String {
        let catalogue = Catalogue::embedded().unwrap();
        page(catalogue.get(id).unwrap(), &catalogue, width)
    }

    #[test]
    fn a_page_has_symptom_cause_and_fix() {
        let page = page_of("profile-flag", 100);
        for said in [
            "profile-flag: -p selects a profile, not a prompt\n\nYou see      config profile `my prompt` not found;",
            "\nWhat to do   Give the prompt as an argument: codex exec \"prompt\".\n",
            "Codex before 0.134 says “config profile\n             `…` not found”. Codex from 0.134 on says ",
            "\nGuide        Section “critical knowledge” was right before, but newer releases",
            "\nWrong        remote$ codex -p 'my prompt'\n             remote$ codex -p hello\n",
            "\nRight        remote$ codex exec --skip-git-repo-check 'Respond: OK'\n",
            "\nSame output  exec-for-scripts: ",
            "\n             trouble-profile-not-found: ",
            "\nReproduce it cargo xtask smoke profile-flag   # in a checkout\n",
        ] {
            assert!(page.contains(said), "{said}\n{page}");
        }
    }

    #[test]
    fn a_step_after_a_deploy_is_still_shown() {
        let page = page_of("rotation-own-login", 80);
        assert!(page.contains("\nWrong        here$ cp "), "{page}");
    }

    #[test]
    fn every_page_fits_the_width_except_commands_and_has_no_trailing_blank() {
        let catalogue = Catalogue::embedded().unwrap();
        for lesson in catalogue.all() {
            let words = |page: &str| page.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let whole = page_of(&lesson.id, 10_000);
            for width in [60, 80, 120] {
                let page = page_of(&lesson.id, width);
                let commands = ["\nWrong", "\nRight"].iter().filter_map(|way| page.find(way)).min();
                let end = || page.find("\nReproduce").unwrap_or(page.len());
                let prose = &page[..commands.unwrap_or_else(end)];
                assert!(prose.lines().all(|line| line.chars().count() <= width), "{width}: {prose}");
                assert!(page.lines().all(|line| line.trim_end() == line), "{page}");
                assert_eq!(words(&page), words(&whole), "a word is broken, or lost");
            }
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
