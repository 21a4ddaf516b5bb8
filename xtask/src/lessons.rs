//! `cargo xtask lessons`: the catalogue, each lesson as a page, and how a new one comes to it.

use clap::Args;
use codex_remote_auth::cli::say::say_json;
use codex_remote_auth::lessons::Catalogue;
use codex_remote_auth::say;
use harness::report;
use harness::run::catalogue;

use crate::smoke::Format;
use crate::{accept_lesson, new_lesson, workspace};
use codex_remote_auth::cli::exit::{Verdict, WrongCall};

/// Show the lessons, or one of them as a page; write a new one, and accept what it shows
#[derive(Debug, Args)]
pub(crate) struct Lessons {
    /// The lesson to show
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Show what the guide states, section by section: whether it holds, and which lessons show it
    #[arg(long, conflicts_with_all = ["id", "lessons"])]
    guide: bool,
    /// Write a file for a new lesson called ID: one that holds, with a comment for each field
    #[arg(long, requires = "id", conflicts_with_all = ["guide", "accept", "format"])]
    new: bool,
    /// With --new, begin with the steps and fields of this lesson
    #[arg(long, value_name = "OTHER", requires = "new")]
    like: Option<String>,
    /// Run the lesson in every era of the stub and under its mutants, write its snapshot, and list what is still missing
    #[arg(long, requires = "id", conflicts_with_all = ["guide", "format"])]
    accept: bool,
    /// How to show them
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
        let lesson = match &self.id {
            None => None,
            Some(id) => Some(catalogue.get(id).ok_or_else(|| {
                WrongCall(format!("no lesson is called {id}; `cargo xtask lessons` names them"))
            })?),
        };
        if let (true, Some(lesson)) = (self.accept, lesson) {
            let files = accept_lesson::Files {
                lesson: self.files.folder().join(format!("{}.toml", lesson.id)),
                snapshot: self.files.snapshots().join(format!("{}.snap", lesson.id)),
            };
            return accept_lesson::accept(lesson, &catalogue, &files);
        }
        match (self.format, lesson) {
            (Format::Human, None) => say!("{}", report::lesson_list(&catalogue)),
            (Format::Human, Some(lesson)) => {
                say!("{}", report::lesson_page(lesson, &workspace::statements()?));
            }
            (Format::Json, None) => {
                say_json(&report::lesson_list_json(catalogue.lessons()));
            }
            (Format::Json, Some(lesson)) => {
                say_json(&report::lesson_list_json(std::slice::from_ref(lesson)));
            }
        }
        Ok(Verdict::Holds)
    }

    fn show_statements(&self, catalogue: &Catalogue) -> anyhow::Result<Verdict> {
        let statements = workspace::statements()?;
        report::check_statements(&statements, catalogue)?;
        match self.format {
            Format::Human => say!("{}", report::statement_list(&statements)),
            Format::Json => say_json(&report::statement_list_json(&statements)),
        }
        Ok(Verdict::Holds)
    }
}
