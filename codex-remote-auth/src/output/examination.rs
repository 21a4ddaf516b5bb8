//! Prints the findings about one host.

use serde_json::{Value, json};

use super::Colours;
use super::failure::{failure_lines, hints_json};
use super::host_entry::{add_time, one_line, tell_failure, tell_host};
use super::proof::taught;
use super::wrapped::{fitted, wrapped};
use crate::doctor::{Finding, Level};
use crate::hosts::{HostError, HostReport};
use crate::message::{Caller, Hint};

/// The width of the columns before the text of a finding.
const MARGIN: usize = 26;

/// For a person: the verdict, each finding with what to do about it, and the verdict again. Lines that are no commands
/// have at most `width` columns.
pub fn examination_text(
    report: &HostReport<Vec<Finding>>,
    caller: &Caller,
    colours: Colours,
    width: usize,
) -> String {
    let first = examination_line(report, caller, colours, width);
    let Ok(findings) = &report.outcome else { return first };
    let mut text = first;
    for finding in findings {
        let steps = |hint| Below::step(hint, caller, &report.host, "on the host");
        let steps: Vec<Below> = finding.next.iter().flat_map(steps).collect();
        text.push('\n');
        text.push_str(&entry(finding, &steps, caller, colours, width));
    }
    text.push_str(&format!("\n{}: {}", one_line(&report.host), verdict(findings, colours)));
    text
}

/// For a person: the verdict on one host, or why it could not be examined.
pub fn examination_line(
    report: &HostReport<Vec<Finding>>,
    caller: &Caller,
    colours: Colours,
    width: usize,
) -> String {
    let host = one_line(&report.host);
    let time = colours.faint(&format!("{:.2} s", report.elapsed.as_secs_f64()));
    match &report.outcome {
        Ok(findings) => format!("{host}: {}  {time}", verdict(findings, colours)),
        Err(error) => {
            let lines = failure_lines(error, caller, &report.host);
            let mut text = fitted(&format!("{host}: {}", not_examined(error, colours)), width);
            add_time(&mut text, "  ", &time, width);
            for line in lines.iter().skip(1) {
                // The state of the host's file is no news of a command that changes nothing.
                let is_hint = line.starts_with("hint: ") || line.starts_with(' ');
                if is_hint {
                    text.push('\n');
                    text.push_str(&fitted(&format!("  {}", one_line(line)), width));
                }
            }
            text
        }
    }
}

/// Why a host was not examined, in one line.
pub(super) fn not_examined(error: &HostError, colours: Colours) -> String {
    format!("{}: {}", colours.bad("not examined"), one_line(&error.to_string()))
}

/// The number of problems and notes.
pub(super) fn verdict(findings: &[Finding], colours: Colours) -> String {
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let problems = match count(Level::Problem) {
        0 => colours.good("no problems"),
        1 => colours.bad("1 problem"),
        problems => colours.bad(&format!("{problems} problems")),
    };
    match count(Level::Note) {
        1 => format!("{problems}, 1 note"),
        notes => format!("{problems}, {notes} notes"),
    }
}

/// A line below a finding.
pub(super) enum Below {
    /// Words, which may be broken into lines.
    Words(String),
    /// Where a command is typed, and the command, which stays on one line so that it can be pasted.
    Command(&'static str, String),
}

impl Below {
    /// A next step for a host. `on_host` says where the commands for a shell on the host are typed.
    pub(super) fn step(hint: &Hint, caller: &Caller, host: &str, on_host: &'static str) -> Vec<Self> {
        let words = (!hint.words.is_empty()).then(|| Self::Words(hint.words.to_string()));
        let command = hint.command.as_ref().map(|command| {
            let place = if command.place() == "host" { on_host } else { "run here" };
            Self::Command(place, command.line(caller, host))
        });
        words.into_iter().chain(command).collect()
    }
}

/// One finding, what is below it, and the command that explains it.
pub(super) fn entry(
    finding: &Finding,
    below: &[Below],
    caller: &Caller,
    colours: Colours,
    width: usize,
) -> String {
    let mark = format!("{:<7}", finding.level.as_str());
    let mark = match finding.level {
        Level::Ok => colours.good(&mark),
        Level::Note => mark,
        Level::Problem => colours.bad(&mark),
    };
    let first = format!("  {mark}  {:<13}  ", finding.subject);
    let mut text = wrapped(&first, &one_line(&finding.what), width);
    let blank = " ".repeat(MARGIN);
    for line in below {
        text.push('\n');
        match line {
            Below::Words(words) => text.push_str(&wrapped(&blank, &one_line(words), width)),
            Below::Command(place, command) => {
                text.push_str(&format!("{blank}{place}: {}", one_line(command)));
            }
        }
    }
    // Nobody asks why if nothing is wrong.
    if let Some(lesson) = lesson(finding).filter(|_| finding.level > Level::Ok) {
        text.push_str(&colours.faint(&format!("\n{blank}why: {} explain {lesson}", caller.program())));
    }
    text
}

/// As JSON.
pub fn examination_json(report: &HostReport<Vec<Finding>>, caller: &Caller) -> Value {
    let host = &report.host;
    let mut json = json!({});
    tell_host(&mut json, host, report.elapsed, &report.warnings);
    match &report.outcome {
        Ok(findings) => {
            let worst = findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok);
            json["result"] = json!(worst.as_str());
            json["findings"] = findings.iter().map(|finding| finding_json(finding, caller, host)).collect();
        }
        Err(error) => {
            tell_failure(&mut json, error.code(), error, caller, host);
        }
    }
    json
}

fn lesson(finding: &Finding) -> Option<String> {
    let of_diagnosis = || Some(taught(finding.diagnosis?)?.0);
    finding.lesson.map(str::to_owned).or_else(of_diagnosis)
}

fn finding_json(finding: &Finding, caller: &Caller, host: &str) -> Value {
    let mut json =
        json!({ "subject": finding.subject, "level": finding.level.as_str(), "what": finding.what });
    if let Some(lesson) = lesson(finding) {
        json["lesson"] = json!(lesson);
    }
    if !finding.next.is_empty() {
        json["next"] = hints_json(&finding.next, caller, host);
    }
    json
}
