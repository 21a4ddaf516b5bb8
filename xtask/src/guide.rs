//! `cargo xtask guide`: docs/SKILL.md, the guide with what the runs show.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use codex_remote_auth::tell_line;
use harness::report::compatibility::first_difference;
use harness::report::{SkillSources, skill};
use harness::run::catalogue;

use crate::{compatibility, help, workspace};
use codex_remote_auth::cli::exit::Verdict;

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
        let or =
            |given: &Option<PathBuf>, usual| given.clone().unwrap_or_else(|| workspace::root().join(usual));
        let (file, path) = (or(&self.file, "docs/SKILL.md"), or(&self.template, "fixtures/skill.md"));
        let template = std::fs::read_to_string(&path)
            .with_context(|| format!("the template of the guide cannot be read: {}", path.display()))?;
        let (catalogue, record) = (catalogue(&self.files.folder())?, compatibility::read()?);
        let wanted =
            skill(SkillSources { path: &path, template: &template, record: &record, catalogue: &catalogue })?;
        if !self.check {
            put(&file, &wanted).with_context(|| format!("{} was not changed", file.display()))?;
            tell_line!("wrote {}", file.display());
            return Ok(Verdict::Holds);
        }
        let again = self.again();
        let shown = std::fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read\n  hint: {again}", file.display()))?;
        if let Some(difference) = first_difference(&shown, &wanted) {
            tell_line!(
                "error: {} is out of date, {difference}\nIt is generated from {}, the lessons and \
                 docs/compatibility.json.\n  hint: {again}",
                file.display(),
                path.display()
            );
            return Ok(Verdict::Fails);
        }
        Ok(Verdict::Holds)
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

/// Writes a file completely or not at all.
fn put(file: &Path, text: &str) -> anyhow::Result<()> {
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
