//! Asks OpenSSH what a configuration means: `ssh -G`.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::fields::Fields;
use super::{HostName, SshOptions};
use crate::message::plain_words;

/// OpenSSH's program.
#[derive(Debug)]
pub(super) struct OpenSsh {
    program: PathBuf,
    defaults: OnceLock<Fields>,
}

/// The output of `ssh -G`.
pub(super) struct Asked {
    pub(super) fields: Fields,
    /// The output without a configuration.
    pub(super) defaults: Fields,
}

impl OpenSsh {
    pub(super) fn at(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), defaults: OnceLock::new() }
    }

    /// Asks about a host; `None` if OpenSSH is not installed. Names have been checked before, since `ssh` may put them into
    /// commands of the configuration (`Match exec`).
    pub(super) fn ask(&self, host: &HostName, options: &SshOptions) -> Result<Option<Asked>, String> {
        let Some(fields) = self.run(&arguments(host, options))? else { return Ok(None) };
        Ok(Some(Asked { fields, defaults: self.defaults()?.clone() }))
    }

    /// Whether `ssh` takes this option of a command line, without any configuration. If OpenSSH is not installed, nothing is
    /// known against it.
    pub(super) fn knows(&self, option: &str) -> Result<(), String> {
        let said = self.run(&["-F", "/dev/null", "-o", option, "--", "host"].map(str::to_owned));
        said.map(|_| ()).map_err(|said| PLACES.iter().fold(said, |said, place| said.replace(place, "")))
    }

    /// The same for all hosts, so `ssh` is asked once.
    fn defaults(&self) -> Result<&Fields, String> {
        if let Some(defaults) = self.defaults.get() {
            return Ok(defaults);
        }
        let said = self.run(&["-F", "/dev/null", "--", "host"].map(str::to_owned))?;
        Ok(self.defaults.get_or_init(|| said.unwrap_or_default()))
    }

    fn run(&self, arguments: &[String]) -> Result<Option<Fields>, String> {
        let output = Command::new(&self.program).arg("-G").args(arguments).stdin(Stdio::null()).output();
        let output = match output {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|error| format!("{}: {}", self.program.display(), plain_words(&error)))?,
        };
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            // ForkAfterAuthentication needs a command, which -G does not have.
            let no_fork = "-oForkAfterAuthentication=no".to_owned();
            if said.contains("Cannot fork into background") && arguments.first() != Some(&no_fork) {
                return self.run(&[&[no_fork], arguments].concat());
            }
            let said: Vec<&str> = said.lines().map(str::trim).filter(|line| is_for_people(line)).collect();
            return Err(format!("ssh says: {}", said.join("; ")));
        }
        Ok(Some(Fields::from_lines(&String::from_utf8_lossy(&output.stdout))))
    }
}

/// How `ssh` names the command line as the place of an error.
const PLACES: [&str; 2] = ["command-line: line 0: ", "command-line line 0: "];

/// Leaves out the message that there is no terminal.
fn is_for_people(line: &str) -> bool {
    !line.is_empty() && !line.starts_with("Pseudo-terminal")
}

/// The account and port in the host's name come before those of the command line: the first value counts, and these are about this
/// host only.
fn arguments(host: &HostName, options: &SshOptions) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut option = |letter: &str, value: String| arguments.extend([letter.to_owned(), value]);
    if let Some(user) = host.user.as_ref().or(options.user.as_ref()) {
        option("-l", user.clone());
    }
    if let Some(port) = host.port.or(options.port) {
        option("-p", port.to_string());
    }
    for file in &options.identities {
        option("-i", file.display().to_string());
    }
    if let Some(file) = &options.config {
        option("-F", file.display().to_string());
    }
    if let Some(jump) = &options.jump {
        option("-J", jump.clone());
    }
    for text in &options.options {
        option("-o", text.clone());
    }
    arguments.extend(["--".to_owned(), host.host.clone()]);
    arguments
}
