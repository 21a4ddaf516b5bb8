//! `cargo xtask lessons`: lists the lessons, shows one as a page, and writes and accepts new ones.

use clap::Args;
use codex_remote_auth::cli::say::say_json;
use codex_remote_auth::lessons::{Catalogue, Lesson};
use codex_remote_auth::say;
use harness::report;
use harness::run::catalogue;

use crate::smoke::Format;
use crate::status::Refused;
use crate::{accept_lesson, names, new_lesson, terminal, workspace};
use codex_remote_auth::cli::exit::Verdict;

/// List the lessons, show one as a page, write a new one, or accept its output
#[derive(Debug, Args)]
pub(crate) struct Lessons {
    /// Lesson to show, write or accept; a glob, as in 'path-*', or a section, as in @troubleshooting, lists several
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Show the guide's statements by section: whether each holds, and which lessons show it
    #[arg(long, conflicts_with_all = ["id", "lessons"])]
    guide: bool,
    /// Write a file for a new lesson named ID: a lesson that holds, with comments that explain its fields
    #[arg(long, requires = "id", conflicts_with_all = ["guide", "accept", "format"])]
    new: bool,
    /// With --new, start from a copy of this lesson
    #[arg(long, value_name = "OTHER", requires = "new")]
    like: Option<String>,
    /// Run the lesson in every era of the stub and under its mutants, write its snapshot, and list what is still missing
    #[arg(long, requires = "id", conflicts_with_all = ["guide", "format"])]
    accept: bool,
    /// Output format
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[command(flatten)]
    files: workspace::LessonFiles,
}

impl Lessons {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        if let (true, Some(id)) = (self.new, &self.id) {
            new_lesson::write(&self.files.folder(), id, self.like.as_deref())?;
            return Ok(Verdict::Holds);
        }
        let catalogue = catalogue(&self.files.folder())?;
        if self.guide {
            return self.show_statements(&catalogue);
        }
        let known: Vec<&str> = catalogue.all().map(|lesson| lesson.id.as_str()).collect();
        let wanted: Vec<String> = self.id.iter().cloned().collect();
        let chosen = names::select_checks("lesson", &wanted, &known, &catalogue, "cargo xtask lessons")?;
        let lesson = self.id.as_deref().and_then(|id| catalogue.get(id));
        if self.accept && lesson.is_none() {
            return Err(Refused::new("--accept takes one lesson, not several").into());
        }
        if let Some(lesson) = lesson.filter(|lesson| self.accept && lesson.is_reported()) {
            let what = format!(
                "{} was only reported: it has no steps, so there is nothing to run and to accept",
                lesson.id
            );
            return Err(Refused::new(what).into());
        }
        let is_listed = |lesson: &&Lesson| wanted.is_empty() || chosen.contains(&lesson.id.as_str());
        let listed: Vec<&Lesson> = catalogue.all().filter(is_listed).collect();
        if let (true, Some(lesson)) = (self.accept, lesson) {
            let files = accept_lesson::Files {
                lesson: self.files.folder().join(format!("{}.toml", lesson.id)),
                snapshot: self.files.snapshots().join(format!("{}.snap", lesson.id)),
                again: self.files.again(),
            };
            return accept_lesson::accept(lesson, &catalogue, &files);
        }
        match (self.format, lesson) {
            (Format::Human, None) => say!("{}", report::lesson_list(&listed, terminal::width())),
            (Format::Human, Some(lesson)) => {
                say!("{}", report::lesson_page(lesson, &workspace::statements()?, terminal::width()));
            }
            (Format::Json, _) => say_json(&report::lesson_list_json(&listed)),
        }
        Ok(Verdict::Holds)
    }

    fn show_statements(&self, catalogue: &Catalogue) -> anyhow::Result<Verdict> {
        let statements = workspace::statements()?;
        report::check_statements(&statements, catalogue)?;
        match self.format {
            Format::Human => say!("{}", report::statement_list(&statements, terminal::width())),
            Format::Json => say_json(&report::statement_list_json(&statements)),
        }
        Ok(Verdict::Holds)
    }
}
