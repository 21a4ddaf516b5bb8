//! The template's lines: what is text, what stands for a command, and what has to be refused.

use super::problem::Fault;

/// A part of the template.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'t> {
    /// The lines between `---`, with these two.
    FrontMatter(&'t [&'t str]),
    /// The form of a file, with its fences.
    Form(&'t [&'t str]),
    /// What only the template has, for those who edit it.
    Comment,
    /// A heading or an empty line.
    Line(&'t str),
    /// The head of a table, and the rule below it.
    TableHead(&'t str),
    /// A paragraph, an item of a list or a row of a table: something that says for which releases it holds.
    Statement(&'t [&'t str]),
    /// Commands in one block.
    Commands(Vec<Wanted<'t>>),
    /// A file that a lesson puts on the machine that deploys: the lesson, and the path from the home.
    File(&'t str, &'t str),
    /// The lessons that nothing else mentions.
    Others,
}

/// A command that the template asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted<'t> {
    /// The lesson or smoke test.
    pub(super) id: &'t str,
    /// The heading of its step.
    pub(super) heading: &'t str,
    /// What the guide calls it, if not as the lesson does.
    pub(super) label: Option<&'t str>,
}

/// Reads the template. Each part has the number of its first line, from 1.
pub(super) fn parts<'t>(lines: &'t [&'t str]) -> Result<Vec<(usize, Part<'t>)>, (usize, Fault)> {
    let mut parts = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let (part, taken) = part(&lines[at..], at == 0).map_err(|fault| (at + 1, fault))?;
        parts.push((at + 1, part));
        at += taken;
    }
    Ok(parts)
}

/// Ends a comment, also behind other words of the line.
const COMMENT_END: &str = "-->";

/// The part that begins on the first of these lines, and how many lines it has.
fn part<'t>(lines: &'t [&'t str], is_first: bool) -> Result<(Part<'t>, usize), Fault> {
    let line = lines[0];
    let upto = |end: &str| {
        let found =
            lines.iter().skip(1).position(|line| *line == end || end == COMMENT_END && line.ends_with(end));
        found
            .map(|at| &lines[..at + 2])
            .ok_or_else(|| Fault::new(format!("`{line}` has no end"), format!("end it with `{end}`")))
    };
    let part = if is_first && line == "---" {
        let lines = upto("---")?;
        return Ok((Part::FrontMatter(lines), lines.len()));
    } else if line.starts_with("<!--") {
        let taken = if line.ends_with(COMMENT_END) { 1 } else { upto(COMMENT_END)?.len() };
        return Ok((Part::Comment, taken));
    } else if line == "```json" {
        let lines = upto("```")?;
        return Ok((Part::Form(lines), lines.len()));
    } else if ["```", "~~~", "    ", "\t"].iter().any(|start| line.starts_with(start)) {
        return Err(Fault::new(
            "a block of code that is not JSON; a command comes only from a step of a lesson",
            "write {{step LESSON: HEADING}} on a line of its own; `cargo xtask lessons LESSON` shows the steps",
        ));
    } else if line.starts_with("{{step ") {
        let steps = lines.iter().take_while(|line| line.starts_with("{{step ")).map(|line| {
            let (id, heading) = named(line, "step", "HEADING")?;
            let (heading, label) = match heading.split_once(" -> ") {
                None => (heading, None),
                Some((heading, label)) => (heading, Some(label)),
            };
            Ok(Wanted { id, heading, label })
        });
        let steps = steps.collect::<Result<Vec<_>, _>>()?;
        let taken = steps.len();
        return Ok((Part::Commands(steps), taken));
    } else if line.starts_with("{{file ") {
        let (lesson, path) = named(line, "file", "PATH")?;
        Part::File(lesson, path)
    } else if line == "{{others}}" {
        Part::Others
    } else if line.trim().is_empty() || line.starts_with('#') {
        Part::Line(line)
    } else if is_rule(line) || line.starts_with('|') && lines.get(1).is_some_and(|line| is_rule(line)) {
        Part::TableHead(line)
    } else {
        let more =
            lines.iter().skip(1).take_while(|line| !line.starts_with('|') && !begins_another(line)).count();
        let taken = if line.starts_with('|') { 1 } else { more + 1 };
        return Ok((Part::Statement(&lines[..taken]), taken));
    };
    Ok((part, 1))
}

/// The line between a table's head and its rows.
fn is_rule(line: &str) -> bool {
    line.starts_with("|-") || line.starts_with("|:-")
}

/// Whether a line does not belong to the paragraph before it.
fn begins_another(line: &str) -> bool {
    let starts = ["#", "- ", "```", "~~~", "<!--", "{{step ", "{{file ", "{{others}}"];
    let numbered = line.split_once(". ").is_some_and(|(number, _)| number.parse::<u8>().is_ok());
    line.trim().is_empty() || numbered || starts.iter().any(|start| line.starts_with(start))
}

/// The two parts of `{{step LESSON: HEADING}}` and `{{file LESSON: PATH}}`.
fn named<'t>(line: &'t str, kind: &str, second: &str) -> Result<(&'t str, &'t str), Fault> {
    let inner = line.strip_prefix(&format!("{{{{{kind} ")).and_then(|rest| rest.strip_suffix("}}"));
    let parts = inner.and_then(|inner| inner.split_once(": "));
    parts.ok_or_else(|| {
        Fault::new(
            format!("`{line}` is no {kind}"),
            format!("write {{{{{kind} LESSON: {second}}}}} on a line of its own"),
        )
    })
}

/// A text between placeholders, or a placeholder without its braces.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inline<'t> {
    Text(&'t str),
    Placeholder(&'t str),
}

/// The placeholders of a text.
pub(super) fn inlines(text: &str) -> Result<Vec<Inline<'_>>, Fault> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let Some((inner, after)) = behind.split_once("}}") else {
            return Err(Fault::new("a placeholder has no end", "end it with }}"));
        };
        found.extend([Inline::Text(before), Inline::Placeholder(inner)]);
        rest = after;
    }
    found.push(Inline::Text(rest));
    Ok(found)
}
