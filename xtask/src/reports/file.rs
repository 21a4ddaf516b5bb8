//! A file that a report is written to.

use std::fs::Permissions;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use codex_remote_auth::message::plain_words;
use tempfile::NamedTempFile;

use crate::status::Refused;

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// JUnit XML.
    Junit,
    /// The object that `--format json` prints.
    Json,
    /// A page for people.
    Html,
}

/// A file that a report is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportFile {
    pub(super) path: PathBuf,
    pub(super) form: Form,
}

impl ReportFile {
    /// Reads `--report`. The ending of the name decides about the form.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let path = PathBuf::from(text);
        let form = match path.extension().and_then(|ending| ending.to_str()) {
            Some("xml") => Form::Junit,
            Some("json") => Form::Json,
            Some("html") => Form::Html,
            _ => {
                let what = "the ending of a report's name says what is written";
                return Err(format!("{what}\n  hint: end it in .xml (JUnit), .json or .html"));
            }
        };
        Ok(Self { path, form })
    }

    /// Checks that the file can be written, before anything is started.
    pub(super) fn check(&self) -> Result<(), Refused> {
        let refused = |why: &str| {
            let what = format!("the report {} cannot be written: {why}", self.path.display());
            Err(Refused::new(what).hint("nothing was started; name a file in a folder that you can write to"))
        };
        match std::fs::metadata(&self.path) {
            Ok(there) if !there.is_file() => return refused("there is something else than a file"),
            _ => {}
        }
        if !self.folder().is_dir() {
            return refused("its folder does not exist");
        }
        self.draft().map(drop).or_else(|error| refused(&plain_words(&error)))
    }

    /// Writes the complete file, or leaves what was there.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut draft = self.draft()?;
        draft.write_all(bytes)?;
        draft.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }

    /// An empty file beside the report. It is removed if it does not become the report. Who may read it is what the caller's
    /// umask says, because others publish it.
    fn draft(&self) -> io::Result<NamedTempFile> {
        tempfile::Builder::new()
            .prefix(".report-")
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(self.folder())
    }

    fn folder(&self) -> &Path {
        self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }
}
