//! What became of a lesson from release to release, in words.

use std::fmt::Write as _;

use semver::Version;

use super::markdown::{code, prose};
use super::matrix::range;
use super::record::{Compatibility, Era, Mark, Record};
use super::shown::Shown;

/// Since when a lesson holds, where what it shows changed, and what it shows now and showed before.
pub(super) fn story(record: &Compatibility, id: &str) -> String {
    let Some(lesson) = record.lesson(id) else { return NOT_RUN.to_owned() };
    let releases: Vec<&Version> = record.of_tool(&lesson.tool).map(|column| &column.release).collect();
    let eras: Vec<&Era> = lesson.eras.iter().filter(|era| era.cell.status != Mark::NotApplicable).collect();
    let Some((now, before)) = eras.split_last() else {
        return "It speaks of none of these releases.\n".to_owned();
    };
    let mut text = format!("{}{}\n\n", where_it_holds(&releases, lesson), where_it_changed(&eras));
    let _ = match before {
        [] => writeln!(text, "It shows:\n"),
        _ if now.from == now.to => writeln!(text, "It says now, on {}:\n", now.to),
        _ => writeln!(text, "It says now, since {}:\n", now.from),
    };
    text.push_str(&bullets(&now.cell.shows, None));
    let mut after = now;
    for era in before.iter().rev() {
        let _ = writeln!(text, "\n{}, what was different:\n", heading(&releases, era));
        text.push_str(&bullets(&era.cell.shows, Some(&after.cell.shows)));
        after = era;
    }
    text
}

const NOT_RUN: &str = "It has not been run on any of these releases.\n";

fn heading(releases: &[&Version], era: &Era) -> String {
    match releases.first() {
        Some(first) if **first == era.from => format!("Until {}", era.to),
        _ => format!("On {}", range(&era.from, &era.to)),
    }
}

/// Where it holds, where not, and where it does not apply.
fn where_it_holds(releases: &[&Version], lesson: &Record) -> String {
    let ([first, .., last] | [first @ last]) = releases else { return NOT_RUN.to_owned() };
    let of = |wanted: Mark| ranges(&lesson.eras, wanted);
    let (holds, drifted, silent) = (of(Mark::Holds), of(Mark::Drifted), of(Mark::NotApplicable));
    let mut text = match holds.as_slice() {
        [] => "Holds on no release here.".to_owned(),
        [_] if first == last => format!("Holds on {first}, the one release here."),
        [(from, to)] if (from, to) == (first, last) => {
            format!("Holds on every release from {first} to {last}.")
        }
        [(from, to)] if to == last => format!("Holds since {from}."),
        some => format!("Holds on {}.", names(some)),
    };
    if !drifted.is_empty() {
        let _ = write!(text, " **Does not hold on {}.**", names(&drifted));
    }
    if !silent.is_empty() {
        let _ = write!(text, " It does not speak of {}.", names(&silent));
    }
    text
}

/// Eras next to each other count as one: what they show may differ, and the mark is the same.
fn ranges(eras: &[Era], wanted: Mark) -> Vec<(&Version, &Version)> {
    let mut spans: Vec<(&Version, &Version)> = Vec::new();
    let mut extends = false;
    for era in eras {
        if era.cell.status != wanted {
            extends = false;
            continue;
        }
        match spans.last_mut() {
            Some(span) if extends => span.1 = &era.to,
            _ => spans.push((&era.from, &era.to)),
        }
        extends = true;
    }
    spans
}

fn names(spans: &[(&Version, &Version)]) -> String {
    spans.iter().map(|(first, last)| range(first, last)).collect::<Vec<_>>().join(", ")
}

fn where_it_changed(eras: &[&Era]) -> String {
    let changes: Vec<&Version> = eras.iter().skip(1).map(|era| &era.from).collect();
    if changes.is_empty() {
        let several = eras.iter().any(|era| era.from != era.to);
        return if several { " It shows the same on all of them.".to_owned() } else { String::new() };
    }
    let names: Vec<String> = changes.iter().map(ToString::to_string).collect();
    format!(" What it shows changed at {}.", names.join(" and at "))
}

/// A step a line; of an earlier era only what it shows otherwise than the next.
fn bullets(shows: &[Shown], next: Option<&[Shown]>) -> String {
    let mut text = String::new();
    for (at, shown) in shows.iter().enumerate() {
        if next.is_none_or(|next| next.get(at) != Some(shown)) {
            let _ = writeln!(text, "- {}", bullet(shown));
        }
    }
    text
}

fn bullet(shown: &Shown) -> String {
    let mut words = vec![prose(&shown.end)];
    words.extend(shown.said.iter().map(|line| code(line)));
    words.extend(shown.left.iter().map(|file| code_path(file)));
    let step = if shown.step.is_empty() { String::new() } else { format!("{}: ", prose(&shown.step)) };
    format!("{step}{}", words.join("; "))
}

/// `~/.codex/auth.json is the login from here`, the path as code.
fn code_path(file: &str) -> String {
    match file.split_once(" is ") {
        Some((path, is)) => format!("{} is {}", code(path), prose(is)),
        None => prose(file),
    }
}
