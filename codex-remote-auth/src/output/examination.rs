//! Prints the findings of an examination.

use serde_json::{Value, json};

use super::Colours;
use super::host_entry::{one_line, tell_failure, tell_host};
use super::proof::taught;
use crate::doctor::{Finding, Level, Next};
use crate::hosts::HostReport;

/// The parts of a command to type: the program, and the host as the person named it.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// `cargo xtask`, or the name of the installed program.
    pub program: &'a str,
    /// The host.
    pub host: &'a str,
}

/// For a person: one line per finding, and below it what to type.
pub fn examination_text(report: &HostReport<Vec<Finding>>, program: &str, colours: Colours) -> String {
    let host = &one_line(&report.host);
    let time = colours.faint(&format!("{:.2} s", report.elapsed.as_secs_f64()));
    let findings = match &report.outcome {
        Ok(findings) => findings,
        Err(error) => {
            let why = one_line(&error.of_a_look());
            return format!("{}  {host}: not examined: {why}  {time}", colours.bad("FAILED"));
        }
    };
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let verdict = match count(Level::Bad) {
        0 => colours.good("no problems"),
        1 => colours.bad("1 problem"),
        bad => colours.bad(&format!("{bad} problems")),
    };
    let notes = match count(Level::Note) {
        1 => "1 note".to_owned(),
        notes => format!("{notes} notes"),
    };
    let mut text = format!("{host}: {verdict}, {notes}  {time}");
    for finding in findings {
        let mark = match finding.level {
            Level::Good => colours.good("ok  "),
            Level::Note => "note".to_owned(),
            Level::Bad => colours.bad("BAD "),
        };
        let lesson = lesson(finding).map(|id| colours.faint(&format!("  [{id}]"))).unwrap_or_default();
        text.push_str(&format!("\n  {mark}  {:<13} {}{lesson}", finding.subject, one_line(&finding.what)));
        if let Some(next) = &finding.next {
            let (place, command) = next_step(next, Caller { program, host });
            let place = if place == "here" { "run here" } else { "on the host" };
            text.push_str(&format!("\n        {:<13} {place}: {}", "", one_line(&command)));
        }
    }
    text
}

/// As JSON.
pub fn examination_json(report: &HostReport<Vec<Finding>>, program: &str) -> Value {
    let host = &report.host;
    let mut json = json!({});
    tell_host(&mut json, host, report.elapsed, &report.warnings);
    match &report.outcome {
        Ok(findings) => {
            let bad = findings.iter().any(|finding| finding.level == Level::Bad);
            json["result"] = json!(if bad { "bad" } else { "good" });
            json["findings"] =
                findings.iter().map(|finding| finding_json(finding, Caller { program, host })).collect();
        }
        Err(error) => {
            tell_failure(&mut json, error.code(), &error.of_a_look());
        }
    }
    json
}

fn lesson(finding: &Finding) -> Option<String> {
    let of_diagnosis = || Some(taught(finding.diagnosis?)?.0);
    finding.lesson.map(str::to_owned).or_else(of_diagnosis)
}

fn finding_json(finding: &Finding, caller: Caller<'_>) -> Value {
    let mut json =
        json!({ "subject": finding.subject, "level": finding.level.as_str(), "what": finding.what });
    if let Some(lesson) = lesson(finding) {
        json["lesson"] = json!(lesson);
    }
    if let Some(next) = &finding.next {
        let (place, command) = next_step(next, caller);
        json["next"] = json!({ "where": place, "type": command });
    }
    json
}

fn next_step(next: &Next, Caller { program, host }: Caller<'_>) -> (&'static str, String) {
    match next {
        Next::Verb(verb, "") => ("here", format!("{program} {verb} {host}")),
        Next::Verb(verb, more) => ("here", format!("{program} {verb} {host} {more}")),
        Next::There(command) => ("there", command.clone()),
    }
}
