//! Each check with its transcript: the wrong way and the right way side by side.

use std::fmt::Write as _;

use super::super::failed_check::failed_step;
use super::super::outcome::{End, Outcome, Planned, Row};
use super::text::Escaped;
use super::{ENDS, word};
use crate::run::Failure;

/// A check on every codex of the run.
pub(super) struct Entry<'o> {
    pub(super) check: &'o Planned,
    /// What it showed. Neighbouring releases that show the same share one.
    variants: Vec<Variant>,
    /// Its place among the checks, which is the name of its part of the page.
    at: usize,
    /// The time that it took, if the run has one codex.
    seconds: Option<f64>,
    /// Why it happens and what to do, if it is a lesson.
    lesson: Option<(&'o str, &'o str)>,
}

struct Variant {
    end: End,
    releases: Vec<String>,
    body: String,
}

/// Every check, in the order in which the suites name them.
pub(super) fn entries(outcome: &Outcome) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let several = outcome.suites.len() > 1;
    for suite in &outcome.suites {
        for row in suite.rows() {
            let at = entries.iter().position(|entry| entry.check.id == row.check.id);
            let at = at.unwrap_or_else(|| {
                let lesson = outcome.catalogue.get(&row.check.id);
                entries.push(Entry {
                    check: row.check,
                    variants: Vec::new(),
                    at: 0,
                    seconds: row.result.filter(|_| !several).map(|result| result.elapsed.as_secs_f64()),
                    lesson: lesson.map(|lesson| (lesson.cause.as_str(), lesson.fix.as_str())),
                });
                entries.len() - 1
            });
            let column = suite.codex.column();
            let mut body = body(row, outcome);
            if several {
                // Otherwise no two releases would show the same.
                body = body.replace(&column, "&lt;release&gt;");
            }
            let variants = &mut entries[at].variants;
            match variants.last_mut().filter(|last| last.body == body && last.end == row.end()) {
                Some(last) => last.releases.push(column),
                None => variants.push(Variant { end: row.end(), releases: vec![column], body }),
            }
        }
    }
    if several {
        // A lesson that applies only to later releases would be at the end.
        let lessons = outcome.catalogue.lessons();
        let place = |entry: &Entry<'_>| lessons.iter().position(|lesson| lesson.id == entry.check.id);
        entries.sort_by_key(|entry| place(entry).unwrap_or(usize::MAX));
    }
    for (at, entry) in entries.iter_mut().enumerate() {
        entry.at = at;
    }
    entries
}

impl Entry<'_> {
    /// The name of its part of the page.
    pub(super) fn anchor(&self) -> String {
        format!("check-{}", self.at)
    }

    pub(super) fn html(&self) -> String {
        let has = |end: &End| self.variants.iter().any(|variant| variant.end == *end);
        let ends: Vec<End> = ENDS.into_iter().filter(has).collect();
        let (class, words) = ends.first().map_or(("", ""), |end| word(*end));
        let all: Vec<&str> = ends.iter().map(|end| word(*end).0).collect();
        let open = if matches!(ends.first(), Some(End::Failed | End::Broke)) { " open" } else { "" };
        let time = self.seconds.map(|seconds| format!("<span class=\"time\">{seconds:.1} s</span>"));
        let mut text = format!(
            "<details class=\"check\" id=\"{}\" data-ends=\"{}\"{open}>\n<summary><span class=\"end {class}\">{words}</span> \
             <code>{}</code> <span class=\"title\">{}</span> {}</summary>\n",
            self.anchor(),
            all.join(" "),
            Escaped(&self.check.id),
            Escaped(&self.check.title),
            time.unwrap_or_default(),
        );
        if let Some((cause, fix)) = self.lesson {
            let _ = writeln!(
                text,
                "<dl><dt>Why</dt><dd>{}</dd><dt>What to do</dt><dd>{}</dd></dl>",
                Escaped(cause),
                Escaped(fix)
            );
        }
        for variant in &self.variants {
            if self.variants.len() > 1 {
                let _ = writeln!(text, "<h3>{}</h3>", variant.heading());
            }
            text.push_str(&variant.body);
        }
        text.push_str("</details>\n");
        text
    }
}

impl Variant {
    fn heading(&self) -> String {
        let (class, words) = word(self.end);
        let releases = match self.releases.as_slice() {
            [only] => only.clone(),
            [first, .., last] => format!("{first} to {last}"),
            [] => String::new(),
        };
        format!("{} <span class=\"end {class}\">{words}</span>", Escaped(&releases))
    }
}

/// What one run of a check showed.
fn body(row: Row<'_>, outcome: &Outcome) -> String {
    let Some(result) = row.result else {
        return format!("<p>not run: {}</p>\n", Escaped(outcome.why_not_run()));
    };
    let failures: Vec<&Failure> = result.failures.iter().collect();
    let steps = steps(result.transcript.as_str());
    let mut ways = String::new();
    for (way, name) in [("wrong", "Wrong way"), ("right", "Right way")] {
        let of_way: String = steps
            .iter()
            .filter(|step| step.way() == way)
            .map(|step| {
                let failed =
                    failures.iter().filter(|failure| failure.step == step.heading).copied().collect();
                step.html() + &failed_html(failed, &row.check.id, outcome)
            })
            .collect();
        if !of_way.is_empty() {
            let _ = write!(ways, "<section class=\"{way}\"><h4>{name}</h4>\n{of_way}</section>\n");
        }
    }
    let is_elsewhere = |failure: &&Failure| !steps.iter().any(|step| step.heading == failure.step);
    let rest = failures.iter().copied().filter(is_elsewhere).collect();
    let summary =
        if ways.is_empty() { format!("<p>{}</p>\n", Escaped(&result.summary)) } else { String::new() };
    format!("{summary}{}<div class=\"ways\">\n{ways}</div>\n", failed_html(rest, &row.check.id, outcome))
}

/// What failed in one step.
fn failed_html(failures: Vec<&Failure>, check: &str, outcome: &Outcome) -> String {
    let Some(first) = failures.first() else { return String::new() };
    let text = failed_step(&failures, outcome.catalogue.place(check, &first.step));
    // The block is indented, for its place in an output.
    let lines: Vec<&str> = text.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
    format!("<pre class=\"failure\">{}</pre>\n", Escaped(&lines.join("\n")))
}

/// A step of a transcript.
struct Step<'t> {
    heading: &'t str,
    lines: Vec<&'t str>,
}

/// The steps of a transcript. All lines of an output are indented, so only a heading begins with `#`.
fn steps(transcript: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for line in transcript.lines() {
        match (line.strip_prefix("# "), steps.last_mut()) {
            (Some(heading), _) => steps.push(Step { heading, lines: Vec::new() }),
            (None, Some(step)) => step.lines.push(line),
            (None, None) => {}
        }
    }
    steps
}

impl Step<'_> {
    fn way(&self) -> &str {
        self.heading.split(':').next().unwrap_or_default()
    }

    fn html(&self) -> String {
        let name = self.heading.split_once(": ").map(|(_, name)| format!("<h5>{}</h5>\n", Escaped(name)));
        let lines = self.lines.join("\n");
        let lines = lines.trim_end().lines().map(|line| match line.starts_with("$ ") {
            true => format!("<b>{}</b>", Escaped(line)),
            false => Escaped(line).to_string(),
        });
        let lines: Vec<String> = lines.collect();
        format!("{}<pre>{}</pre>\n", name.unwrap_or_default(), lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_is_its_steps_and_an_output_is_never_a_heading() {
        let steps = steps("# wrong: one\n$ a\nexit 1\nstdout:\n  # right\n\n# right\n$ b\nexit 0\n");
        let headings: Vec<&str> = steps.iter().map(|step| step.heading).collect();
        assert_eq!(headings, ["wrong: one", "right"]);
        assert_eq!((steps[0].way(), steps[1].way()), ("wrong", "right"));
        assert_eq!(steps[0].html(), "<h5>one</h5>\n<pre><b>$ a</b>\nexit 1\nstdout:\n  # right</pre>\n");
    }
}
