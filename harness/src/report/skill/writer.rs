//! Writes the parts of the guide.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::command::{command, shows};
use super::problem::Fault;
use super::releases::{all, held, is_shown};
use super::source::{AllSources, Source, link};
use super::template::{Inline, Wanted, inlines};
use crate::report::compatibility::Compatibility;
use codex_remote_auth::lessons::{Catalogue, Expect, Releases, Step};

/// A text in backquotes that begins with one of these and has more words is a command.
const PROGRAMS: [&str; 24] = [
    "base64",
    "cargo",
    "cat",
    "chmod",
    "claude",
    "codex",
    "codex-remote-auth",
    "cp",
    "curl",
    "echo",
    "export",
    "git",
    "grep",
    "ls",
    "mkdir",
    "mv",
    "npm",
    "pip",
    "rm",
    "scp",
    "source",
    "ssh",
    "stat",
    "timeout",
];

/// Writes the parts of the guide, and remembers which lessons it has mentioned.
pub(super) struct Writer<'a> {
    record: &'a Compatibility,
    catalogue: &'a Catalogue,
    all: AllSources,
    mentioned: RefCell<BTreeSet<String>>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(record: &'a Compatibility, catalogue: &'a Catalogue) -> Self {
        Self { record, catalogue, all: AllSources::of(catalogue), mentioned: RefCell::default() }
    }

    fn mention(&self, id: &str) -> Result<&Source, Fault> {
        self.mentioned.borrow_mut().insert(id.to_owned());
        self.all.get(id)
    }

    /// A statement, with its placeholders replaced.
    pub(super) fn statement(&self, text: &str) -> Result<String, Fault> {
        let mut written = String::new();
        let mut is_accounted_for = false;
        for inline in inlines(text)? {
            let name = match inline {
                Inline::Text(text) => {
                    written.push_str(text);
                    continue;
                }
                Inline::Placeholder(name) => name,
            };
            is_accounted_for |= !name.starts_with("releases ");
            if let Some(lessons) = name.strip_prefix("holds ") {
                let _ = write!(written, "({})", self.holds(lessons)?);
            } else if let Some(reason) = name.strip_prefix("untested: ") {
                let _ = write!(written, "(not tested: {reason})");
            } else if let Some(tool) =
                name.strip_prefix("releases ").filter(|tool| ["codex", "claude"].contains(tool))
            {
                written.push_str(&all(self.record, tool));
            } else if name != "text" {
                return Err(unknown(name));
            }
        }
        if !is_accounted_for {
            return Err(Fault::new(
                "the statement does not say for which releases it holds",
                "end it with {{holds LESSON}} or {{untested: REASON}}; {{text}} marks a text that states nothing about a program",
            ));
        }
        self.only_known_commands(&written)?;
        // The mark of a text leaves a blank behind.
        Ok(written.lines().map(|line| line.trim_end().to_owned() + "\n").collect())
    }

    /// The releases of `{{holds ONE, OTHER for RANGE}}`.
    fn holds(&self, lessons: &str) -> Result<String, Fault> {
        let (lessons, range) = match lessons.split_once(" for ") {
            None => (lessons, None),
            Some((lessons, range)) => {
                let range = Releases::try_from(range.to_owned());
                (
                    lessons,
                    Some(range.map_err(|problem| Fault::new(problem, "write {{holds LESSON for <0.134}}"))?),
                )
            }
        };
        let ids: Vec<&str> = lessons.split(", ").collect();
        for id in &ids {
            self.mention(id)?;
        }
        held(self.record, &ids, range.as_ref())
    }

    fn only_known_commands(&self, text: &str) -> Result<(), Fault> {
        for quoted in text.split('`').skip(1).step_by(2) {
            let quoted = quoted.replace('\n', " ");
            let is_command = quoted.split_once(' ').is_some_and(|(program, _)| PROGRAMS.contains(&program));
            if is_command && !self.all.have(&quoted) {
                return Err(Fault::new(
                    format!("no step of a lesson and no smoke test has the command `{quoted}`"),
                    "quote a command as a lesson has it, or add a lesson for it",
                ));
            }
        }
        Ok(())
    }

    /// A block of commands, which are steps of one lesson.
    pub(super) fn block(&self, steps: &[Wanted<'_>]) -> Result<String, Fault> {
        let Some(Wanted { id, .. }) = steps.first() else { return Ok(String::new()) };
        let source = self.mention(id)?;
        let mut commands = Vec::new();
        let mut last = None;
        for wanted in steps {
            if wanted.id != *id {
                return Err(Fault::new(
                    format!("a block has the steps of one lesson, and this one has {id} and {}", wanted.id),
                    "put an empty line between them",
                ));
            }
            let (at, step) = source.step(wanted.heading)?;
            if last.replace(at).is_some_and(|last| last >= at) {
                return Err(Fault::new(
                    format!("`{}` comes too late in the block", wanted.heading),
                    format!("use the order of the lesson: {}", source.headings()),
                ));
            }
            commands.push(self.shown(source, wanted, step)?);
        }
        let releases = held(self.record, &[id], None)?;
        let before = source.before();
        let before = if before.is_empty() { before } else { format!(" Before it, the host has {before}.") };
        let commands = commands.join("\n");
        Ok(format!("```sh\n{commands}```\n\nShown by {} ({releases}).{before}\n", source.link()))
    }

    /// One command, with what it shows.
    fn shown(&self, source: &Source, wanted: &Wanted<'_>, step: &Step) -> Result<String, Fault> {
        let (way, name) = wanted.heading.split_once(": ").unwrap_or((wanted.heading, ""));
        let name = match wanted.label.unwrap_or(name) {
            "" => String::new(),
            name => format!(": {name}"),
        };
        let mut text = format!("# {}{name}\n{}\n", way.to_uppercase(), command(step)?);
        // Those of releases that the record has.
        let shown_on = |expect: &&Expect| {
            let mut releases = self.record.releases().iter().map(|column| &column.release);
            releases
                .any(|release| expect.codex.contains(release) && is_shown(self.record, &source.id, release))
        };
        let expected: Vec<&Expect> = step.usual().filter(shown_on).collect();
        for expect in &expected {
            let range = if expected.len() > 1 {
                Some(held(self.record, &[&source.id], Some(&expect.codex))?)
            } else {
                None
            };
            text.push_str(&shows(step, expect, range.as_deref())?);
        }
        Ok(text)
    }

    /// A file that a lesson has on the machine that deploys.
    pub(super) fn file(&self, id: &str, path: &str) -> Result<String, Fault> {
        let files = &self.mention(id)?.given.local_files;
        let file = files.iter().find(|file| file.path == path).ok_or_else(|| {
            let known: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
            Fault::new(
                format!("{id} has no file `{path}` here"),
                format!("its `local_files` are: {}", known.join(", ")),
            )
        })?;
        Ok(format!("```bash\n{}\n```\n", file.text.trim()))
    }

    /// The lessons that nothing else mentions, as a list.
    pub(super) fn others(&self) -> Result<String, Fault> {
        let mut text = String::new();
        for lesson in self.catalogue.lessons() {
            if !self.mentioned.borrow().contains(&lesson.id) {
                let releases = held(self.record, &[&lesson.id], None)?;
                let _ = writeln!(text, "- {} {} ({releases})", link(&lesson.id), lesson.title);
            }
        }
        if text.is_empty() {
            text.push_str("All lessons are named above.\n");
        }
        let reported = self.catalogue.reported();
        if !reported.is_empty() {
            let _ = writeln!(text, "\nUsers reported these, and no run shows them:\n");
        }
        for lesson in reported {
            let _ = writeln!(text, "- {} {} (reported, not run)", link(&lesson.id), lesson.title);
        }
        Ok(text)
    }
}

fn unknown(name: &str) -> Fault {
    Fault::new(
        format!("unknown placeholder {{{{{name}}}}}"),
        "{{step LESSON: HEADING}}, {{step LESSON: HEADING -> LABEL}}, {{file LESSON: PATH}} and {{others}} on a line of their own; within a line {{holds LESSON, LESSON}}, \
         {{holds LESSON for <0.134}}, {{untested: REASON}}, {{text}}, {{releases codex}} and {{releases claude}}",
    )
}
