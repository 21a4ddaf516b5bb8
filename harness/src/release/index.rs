//! The package index, through whichever pip answers.

use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use semver::Version;

use super::pip_words::{self, Failure};
use super::words::nearest;
use super::{Platform, ReleaseProblem, Tool};

/// pip, as it is called here. The person's own settings of it (index, proxy, certificates) hold.
#[derive(Debug, Clone)]
pub struct Index {
    command: Vec<OsString>,
}

/// How pip is called, from the most usual on.
const CALLS: &[&[&str]] = &[&["python3", "-m", "pip"], &["pip3"], &["pip"], &["uv", "tool", "run", "pip"]];

/// What every call of pip is given: it never asks, and never looks for a newer self.
const ALWAYS: &[&str] = &["--disable-pip-version-check", "--no-input", "--no-cache-dir"];

/// Any Python will do, since only a program is taken out of the wheel; a named one makes all of them ask alike.
const PYTHON: &str = "3.11";

impl Index {
    /// The first pip that answers.
    ///
    /// # Errors
    /// [`ReleaseProblem::NoPip`] with what was tried.
    pub fn find() -> Result<Self, ReleaseProblem> {
        Self::find_among(CALLS)
    }

    /// The first of these ways to call pip that answers.
    ///
    /// # Errors
    /// [`ReleaseProblem::NoPip`] with what was tried.
    pub fn find_among(calls: &[&[&str]]) -> Result<Self, ReleaseProblem> {
        calls.iter().map(|call| Self::called(call.iter())).find(Self::answers).ok_or_else(|| {
            ReleaseProblem::NoPip {
                tried: calls.iter().map(|call| call.join(" ")).collect::<Vec<_>>().join(", "),
            }
        })
    }

    /// The pip that this command is.
    pub fn called(command: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        Self { command: command.into_iter().map(Into::into).collect() }
    }

    /// The releases that the index has, ascending, as the tool's package counts them.
    ///
    /// # Errors
    /// [`ReleaseProblem::IndexUnreachable`] with pip's last lines.
    pub fn versions(&self, tool: Tool) -> Result<Vec<Version>, ReleaseProblem> {
        let unreachable = |said: &str| self.unreachable(&format!("the versions of {}", tool.package()), said);
        let mut command = self.command(&["index", "versions"]);
        // Which wheels fit must not depend on the Python that happens to be here.
        fit(&mut command, Platform::of_containers()?);
        let output = command.arg(tool.package()).stdin(Stdio::null()).output();
        let output = output.map_err(|error| unreachable(&error.to_string()))?;
        let answer = String::from_utf8_lossy(&output.stdout);
        match pip_words::versions(&answer) {
            Some(versions) if output.status.success() => Ok(versions),
            _ => Err(unreachable(&format!("{answer}\n{}", String::from_utf8_lossy(&output.stderr)))),
        }
    }

    /// Brings the wheel of `package` into `folder`, which holds nothing else, and says where it is.
    pub(super) fn download(&self, wanted: &Wanted<'_>, folder: &Path) -> Result<PathBuf, Refused> {
        let pip_files = folder.join("pip");
        fs::create_dir_all(&pip_files)
            .map_err(|error| Refused::Problem(ReleaseProblem::writing(&pip_files, 1)(error)))?;
        let mut command = self.command(&["download", "--no-deps"]);
        fit(&mut command, wanted.platform);
        if !io::stderr().is_terminal() {
            command.args(["--progress-bar", "off"]);
        }
        command.arg("--dest").arg(folder).arg(&wanted.package);
        // pip writes the wheel to its temporary folder first: it belongs where there is room, and goes with the rest.
        command.env("TMPDIR", &pip_files);
        let output = command.stdin(Stdio::null()).stdout(progress()).output();
        let output = output
            .map_err(|error| Refused::Problem(self.unreachable(&wanted.package, &error.to_string())))?;
        if !output.status.success() {
            return Err(self.refused(wanted, folder, &output));
        }
        wheel_in(folder)
            .ok_or_else(|| Refused::Problem(self.unreachable(&wanted.package, "it brought no wheel")))
    }

    fn answers(&self) -> bool {
        let output = self.command(&["--version"]).stdin(Stdio::null()).output();
        output.is_ok_and(|output| output.status.success())
    }

    fn command(&self, verb: &[&str]) -> Command {
        let (program, first) =
            self.command.split_first().map_or((None, &[][..]), |(p, rest)| (Some(p), rest));
        let mut command = Command::new(program.cloned().unwrap_or_default());
        command.args(first).args(verb).args(ALWAYS);
        // Nothing is installed, so a setting that keeps installations out of the system has no say here.
        command.env("PIP_REQUIRE_VIRTUALENV", "0");
        command
    }

    fn refused(&self, wanted: &Wanted<'_>, folder: &Path, output: &Output) -> Refused {
        let said = String::from_utf8_lossy(&output.stderr);
        match pip_words::failure(&said) {
            Failure::BrokenTransfer => Refused::Broken(self.unreachable(&wanted.package, &said)),
            Failure::NothingFits => Refused::Problem(self.nothing_fits(wanted)),
            Failure::DiskFull => {
                let full = io::ErrorKind::StorageFull.into();
                Refused::Problem(ReleaseProblem::writing(folder, wanted.size.unwrap_or_default())(full))
            }
            Failure::Other => Refused::Problem(self.unreachable(&wanted.package, &said)),
        }
    }

    fn nothing_fits(&self, wanted: &Wanted<'_>) -> ReleaseProblem {
        let known = match self.versions(wanted.tool) {
            Ok(known) => known,
            Err(problem) => return problem,
        };
        ReleaseProblem::UnknownVersion {
            tool: wanted.tool,
            version: wanted.version.to_string(),
            platform: wanted.platform.to_string(),
            nearest: nearest(&known, wanted.version, "there"),
        }
    }

    fn unreachable(&self, what: &str, said: &str) -> ReleaseProblem {
        let words: Vec<_> = self.command.iter().map(|word| word.to_string_lossy()).collect();
        ReleaseProblem::IndexUnreachable {
            pip: words.join(" "),
            what: what.to_owned(),
            said: pip_words::last_lines(said),
        }
    }
}

/// What is to be downloaded.
pub(super) struct Wanted<'a> {
    pub(super) tool: Tool,
    pub(super) version: &'a Version,
    pub(super) package: String,
    pub(super) platform: Platform,
    /// The wheel's size, where it is known.
    pub(super) size: Option<u64>,
}

/// Why nothing came.
pub(super) enum Refused {
    /// The transfer broke; another try may do.
    Broken(ReleaseProblem),
    /// Another try would end alike.
    Problem(ReleaseProblem),
}

fn fit(command: &mut Command, platform: Platform) {
    command.args(["--only-binary=:all:", "--implementation", "cp", "--python-version", PYTHON]);
    for tag in platform.wheel_tags() {
        command.arg("--platform").arg(tag);
    }
}

/// pip draws its progress on its standard output; ours belongs to whoever reads our report.
fn progress() -> Stdio {
    if io::stderr().is_terminal() { Stdio::from(io::stderr()) } else { Stdio::null() }
}

fn wheel_in(folder: &Path) -> Option<PathBuf> {
    let paths = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    paths.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "whl"))
}
