//! pip, which gets releases from the package index.

use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anstream::adapter::strip_str;
use semver::Version;

use super::problem::nearest;
use super::{Platform, ReleaseProblem, Tool};

/// The pip of this machine, with the person's own settings: index, proxy, certificates.
#[derive(Debug, Clone)]
pub struct Pip {
    command: Vec<OsString>,
}

/// The ways to call pip, in the order in which they are tried.
const CALLS: &[&[&str]] = &[&["python3", "-m", "pip"], &["pip3"], &["pip"], &["uv", "tool", "run", "pip"]];

/// pip never asks a question, never looks for a newer pip, and keeps no second copy of a wheel.
const ALWAYS: &[&str] = &["--disable-pip-version-check", "--no-input", "--no-cache-dir"];

/// Settings of a person that make no sense for `--target`.
const OVERRIDDEN: &[(&str, &str)] =
    &[("PIP_USER", "0"), ("PIP_REQUIRE_VIRTUALENV", "0"), ("PIP_ROOT_USER_ACTION", "ignore")];

/// The programs need no Python, but pip selects wheels for one. With a fixed one, every machine gets the same wheel.
const PYTHON: &str = "3.11";

/// pip's exit status after an error that it did not expect, such as a connection that broke in the middle of a file.
const UNEXPECTED: i32 = 2;

/// The folder that the package is installed into.
pub(super) const INSTALLED: &str = "installed";

/// The file in which pip says what it installed.
const REPORT: &str = "report.json";

/// What pip is to install.
pub(super) struct Request<'a> {
    pub(super) tool: Tool,
    pub(super) platform: Platform,
    /// `name==version`.
    pub(super) package: String,
    /// The version in it.
    pub(super) package_version: &'a Version,
    /// The wheel's SHA-256, if it is known.
    pub(super) sha256: Option<&'a str>,
}

impl Pip {
    /// The first pip of this machine that works.
    ///
    /// # Errors
    /// [`ReleaseProblem::NoPip`] with what was tried.
    pub fn find() -> Result<Self, ReleaseProblem> {
        Self::find_among(CALLS)
    }

    /// The first of these commands that works.
    ///
    /// # Errors
    /// [`ReleaseProblem::NoPip`] with what was tried.
    pub fn find_among(calls: &[&[&str]]) -> Result<Self, ReleaseProblem> {
        let works = |pip: &Self| {
            let output = pip.command("--version").output();
            output.is_ok_and(|output| output.status.success())
        };
        let tried = || calls.iter().map(|call| call.join(" ")).collect::<Vec<_>>().join(", ");
        let mut found = calls.iter().map(|call| Self::called(call.iter())).filter(works);
        found.next().ok_or_else(|| ReleaseProblem::NoPip(tried()))
    }

    /// The pip that this command calls.
    pub fn called(command: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        Self { command: command.into_iter().map(Into::into).collect() }
    }

    /// The versions of a tool's package on the index, in ascending order.
    ///
    /// # Errors
    /// [`ReleaseProblem::PipFailed`] with pip's last lines.
    pub fn versions(&self, tool: Tool, platform: Platform) -> Result<Vec<Version>, ReleaseProblem> {
        self.index_versions(tool, platform, &[])
    }

    fn index_versions(
        &self,
        tool: Tool,
        platform: Platform,
        options: &[&str],
    ) -> Result<Vec<Version>, ReleaseProblem> {
        let mut command = self.command("index");
        command.arg("versions").args(options).arg(tool.package());
        select_wheels(&mut command, platform);
        let what = format!("the versions of {} for {platform}", tool.package());
        let output = self.run(&mut command, &what)?;
        let answer = String::from_utf8_lossy(&output.stdout);
        let listed = answer.lines().find_map(|line| line.trim().strip_prefix("Available versions:"));
        match listed {
            Some(listed) if output.status.success() => {
                // A version that is not three numbers is a trial version, which nobody pins.
                let mut versions: Vec<Version> =
                    listed.split(',').filter_map(|version| version.trim().parse().ok()).collect();
                versions.sort();
                Ok(versions)
            }
            _ => Err(self.failed(&what, &String::from_utf8_lossy(&output.stderr))),
        }
    }

    /// Installs a package into a new folder in `work`. If its SHA-256 is known, pip checks that before it unpacks anything.
    pub(super) fn install(
        &self,
        request: &Request<'_>,
        work: &Path,
        say: &dyn Fn(&str),
    ) -> Result<PathBuf, ReleaseProblem> {
        let (requirements, temporary, target) =
            (work.join("requirements.txt"), work.join("tmp"), work.join(INSTALLED));
        let hash = request.sha256.map_or_else(String::new, |sha256| format!(" --hash=sha256:{sha256}"));
        fs::write(&requirements, format!("{}{hash}\n", request.package))
            .and_then(|()| fs::create_dir_all(&temporary))
            .map_err(ReleaseProblem::io("cannot write into", work))?;
        let mut command = self.command("install");
        command.args(["--no-deps", "--no-compile"]).arg("--target").arg(&target);
        match request.sha256 {
            Some(_) => command.arg("--require-hashes"),
            None => command.arg("--report").arg(work.join(REPORT)),
        };
        select_wheels(&mut command, request.platform);
        command.arg("--requirement").arg(&requirements);
        // pip unpacks into its temporary folder. On the same file system, it then only has to rename.
        command.env("TMPDIR", &temporary);
        if io::stderr().is_terminal() {
            command.stdout(io::stderr());
        } else {
            command.args(["--progress-bar", "off"]);
        }
        let mut output = self.run(&mut command, &request.package)?;
        if output.status.code() == Some(UNEXPECTED) {
            say(&format!("pip broke off while it got {}; trying once more", request.package));
            output = self.run(&mut command, &request.package)?;
        }
        if output.status.success() {
            return Ok(target);
        }
        Err(self.refused(request, &String::from_utf8_lossy(&output.stderr)))
    }

    /// The SHA-256 that pip reports for a wheel whose hash was not known before.
    pub(super) fn reported_sha256(&self, work: &Path) -> Result<String, ReleaseProblem> {
        let path = work.join(REPORT);
        let text = fs::read(&path).map_err(ReleaseProblem::io("cannot read", &path))?;
        let report: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
        let sha256 = &report["install"][0]["download_info"]["archive_info"]["hashes"]["sha256"];
        sha256.as_str().map(str::to_owned).ok_or_else(|| {
            self.failed("the wheel's SHA-256", "pip's installation report has none. Is it older than pip 23?")
        })
    }

    fn command(&self, verb: &str) -> Command {
        let mut words = self.command.iter();
        let mut command = Command::new(words.next().cloned().unwrap_or_default());
        command.args(words).arg(verb).args(ALWAYS).envs(OVERRIDDEN.iter().copied()).stdin(Stdio::null());
        command
    }

    fn run(&self, command: &mut Command, what: &str) -> Result<Output, ReleaseProblem> {
        command.output().map_err(|error| self.failed(what, &error.to_string()))
    }

    fn refused(&self, request: &Request<'_>, said: &str) -> ReleaseProblem {
        if said.contains("DO NOT MATCH THE HASHES") {
            return ReleaseProblem::OtherBytes { what: request.package.clone(), said: last_lines(said) };
        }
        // pip's exit status is the same for an index without this release and for one that does not answer.
        match self.index_versions(request.tool, request.platform, &["--retries", "0"]) {
            Ok(known) if !known.contains(request.package_version) => ReleaseProblem::UnknownVersion {
                package: request.package.clone(),
                platform: request.platform.to_string(),
                nearest: nearest(&known, request.package_version),
            },
            _ => self.failed(&request.package, said),
        }
    }

    fn failed(&self, what: &str, said: &str) -> ReleaseProblem {
        let words: Vec<_> = self.command.iter().map(|word| word.to_string_lossy()).collect();
        ReleaseProblem::PipFailed { pip: words.join(" "), what: what.to_owned(), said: last_lines(said) }
    }
}

/// Only wheels: a source package would run its own code when it is installed.
fn select_wheels(command: &mut Command, platform: Platform) {
    command.args(["--only-binary=:all:", "--implementation", "cp", "--python-version", PYTHON]);
    for tag in platform.wheel_tags() {
        command.arg("--platform").arg(tag);
    }
}

/// The last lines of what pip said, without anything that could control a terminal.
fn last_lines(said: &str) -> String {
    const LINES: usize = 6;
    const WIDTH: usize = 200;
    let plain = |line: &str| -> String {
        strip_str(line.trim_end()).to_string().chars().filter(|c| !c.is_control()).take(WIDTH).collect()
    };
    let lines: Vec<String> = said.lines().map(plain).filter(|line| !line.is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    last.iter().map(|line| format!("  | {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_short_and_cannot_control_a_terminal() {
        assert_eq!(last_lines("one\n\n\u{1b}[31mERROR: two\u{1b}[0m\u{7}\n"), "  | one\n  | ERROR: two");
        assert_eq!(last_lines(&"é".repeat(300)).chars().count(), "  | ".len() + 200);
        assert_eq!(last_lines("1\n2\n3\n4\n5\n6\n7\n").lines().next(), Some("  | 2"));
    }
}
