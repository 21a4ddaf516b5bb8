//! What OpenSSH itself makes of a configuration: `ssh -G`.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::fields::Fields;
use super::{HostName, SshOptions};

/// What `ssh -G` said.
pub(super) struct Asked {
    pub(super) fields: Fields,
    /// What it says where nothing is configured.
    pub(super) defaults: Fields,
}

/// Asks `ssh`; `None` where it is not here.
pub(super) fn ask(program: &Path, host: &HostName, options: &SshOptions) -> Result<Option<Asked>, String> {
    let Some(fields) = run(program, &arguments(host, options))? else { return Ok(None) };
    static DEFAULTS: OnceLock<Fields> = OnceLock::new();
    let defaults = match DEFAULTS.get() {
        Some(defaults) => defaults.clone(),
        None => {
            let nothing = ["-F", "none", "--", "host"].map(str::to_owned);
            let defaults = run(program, &nothing)?.unwrap_or_default();
            DEFAULTS.get_or_init(|| defaults).clone()
        }
    };
    Ok(Some(Asked { fields, defaults }))
}

/// The host's own account and port stand before those of the command line: of several the first counts, and the host's are
/// about it alone.
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

fn run(program: &Path, arguments: &[String]) -> Result<Option<Fields>, String> {
    let output = Command::new(program).arg("-G").args(arguments).stdin(Stdio::null()).output();
    let output = match output {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|error| format!("{}: {error}", program.display()))?,
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        return Err(format!("ssh says: {}", said.join("; ")));
    }
    Ok(Some(Fields::from_lines(&String::from_utf8_lossy(&output.stdout))))
}
