//! `cargo xtask guide`: docs/SKILL.md, the guide with what the runs show.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use codex_remote_auth::lessons::Catalogue;
use codex_remote_auth::message::plain_words;
use codex_remote_auth::tell_line;
use harness::report::compatibility::first_difference;
use harness::report::{SkillSources, skill};
use harness::run::catalogue;

use crate::status::Refused;
use crate::{compatibility, help, workspace};
use codex_remote_auth::cli::exit::Verdict;

/// The guide, in the checkout.
const FILE: &str = "docs/SKILL.md";

/// Its template.
const TEMPLATE: &str = "fixtures/skill.md";

/// Write docs/SKILL.md: the guide, with commands from the lessons and the releases for which each statement holds
#[derive(Debug, Args)]
#[command(after_help = help::GUIDE)]
pub(crate) struct Guide {
    /// Write nothing, and fail if the file is not what its sources say
    #[arg(long)]
    check: bool,
    /// File to write or to check (default: docs/SKILL.md)
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Template of the guide (default: fixtures/skill.md)
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    #[command(flatten)]
    files: workspace::LessonFiles,
}

impl Guide {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let in_checkout =
            |given: &Option<PathBuf>, usual| given.clone().unwrap_or_else(|| workspace::root().join(usual));
        let file = in_checkout(&self.file, FILE);
        let wanted = render(&in_checkout(&self.template, TEMPLATE), &catalogue(&self.files.folder())?)?;
        if self.check {
            return Ok(self.compare(&file, &wanted));
        }
        put(&file, &wanted).map_err(|error| {
            refused("write", &file, &error).hint("name a file in a folder that exists with --file FILE")
        })?;
        tell_line!("wrote {}", file.display());
        Ok(Verdict::Holds)
    }

    fn compare(&self, file: &Path, wanted: &str) -> Verdict {
        let why = match std::fs::read_to_string(file) {
            Err(error) => plain_words(&error),
            Ok(shown) => match first_difference(&shown, wanted) {
                None => return Verdict::Holds,
                Some(difference) => difference,
            },
        };
        tell_line!(
            "error: {} is not what its template, the lessons and docs/compatibility.json say: {why}\n  hint: {}",
            file.display(),
            self.again()
        );
        Verdict::Fails
    }

    /// The command that writes the file.
    fn again(&self) -> String {
        let option = |name, given: &Option<PathBuf>| {
            given.as_ref().map(|file| workspace::option(name, file)).unwrap_or_default()
        };
        let (file, template) = (option("file", &self.file), option("template", &self.template));
        format!("cargo xtask guide{file}{template}{}", self.files.again())
    }
}

/// Whether docs/SKILL.md is what its sources say.
pub(crate) fn is_current(catalogue: &Catalogue) -> anyhow::Result<bool> {
    let wanted = render(&workspace::root().join(TEMPLATE), catalogue)?;
    Ok(std::fs::read_to_string(workspace::root().join(FILE)).is_ok_and(|shown| shown == wanted))
}

fn render(path: &Path, catalogue: &Catalogue) -> anyhow::Result<String> {
    let template = std::fs::read_to_string(path)
        .map_err(|error| refused("read", path, &error).hint("name the template with --template FILE"))?;
    let record = compatibility::read()?;
    Ok(skill(SkillSources { path, template: &template, record: &record, catalogue })?)
}

fn refused(what: &str, file: &Path, error: &io::Error) -> Refused {
    Refused::new(format!("cannot {what} {}: {}", file.display(), plain_words(error)))
}

/// Writes a file completely or not at all.
fn put(file: &Path, text: &str) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut fresh = tempfile::Builder::new();
    // As other files of the checkout: tempfile would make it readable only for its owner.
    #[cfg(unix)]
    fresh.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut fresh = fresh.tempfile_in(folder)?;
    fresh.write_all(text.as_bytes())?;
    fresh.persist(file)?;
    Ok(())
}
