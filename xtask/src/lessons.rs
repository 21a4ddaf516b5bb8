//! `cargo xtask lessons`: the catalogue, and each lesson as a page.

use clap::Args;
use codex_remote_auth::cli::say::say_json;
use codex_remote_auth::lessons::Catalogue;
use codex_remote_auth::say;
use harness::report;
use harness::run::catalogue;

use crate::smoke::Format;
use crate::workspace;
use codex_remote_auth::cli::exit::{Verdict, WrongCall};

/// Show the lessons, or one of them as a page
#[derive(Debug, Args)]
pub(crate) struct Lessons {
    /// The lesson to show
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Show what the guide states, section by section: whether it holds, and which lessons show it
    #[arg(long, conflicts_with_all = ["id", "lessons"])]
    guide: bool,
    /// How to show them
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[command(flatten)]
    files: workspace::LessonFiles,
}

impl Lessons {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
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
