//! `completions`: prints the script that completes command lines in a shell. This module also answers that script.

use std::ffi::{OsStr, OsString};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Command, ValueEnum};
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::{EnvCompleter, Shells};

use super::exit::Verdict;
use super::{help, host_names, name, say};
use crate::lessons::Catalogue;

/// By this variable the script asks the program. Its value is the name of the shell.
const VARIABLE: &str = "CODEX_REMOTE_AUTH_COMPLETE";

/// Print the script that completes command lines in a shell
#[derive(Debug, Args)]
#[command(after_help = help::short("completions"), after_long_help = help::COMPLETIONS.text())]
pub(super) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell", alias = "pwsh")]
    Pwsh,
}

impl Completions {
    pub(super) fn run(&self) -> anyhow::Result<Verdict> {
        let name = match self.shell {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
            Shell::Pwsh => "powershell",
        };
        let mut script = Vec::new();
        let shells = Shells::builtins();
        let shell = shells.completer(name).context("this shell has no completions")?;
        // The shell looks for the program on its PATH, like a person.
        shell
            .write_registration(VARIABLE, name::INSTALLED, name::INSTALLED, name::INSTALLED, &mut script)
            .context("the script could not be written")?;
        say::say_as_it_is(&script);
        Ok(Verdict::Holds)
    }
}

/// Answers the script of a shell; `None` if this is an ordinary call.
pub(super) fn answer(command: impl FnOnce() -> Command) -> Option<ExitCode> {
    let name = std::env::var(VARIABLE).ok().filter(|name| !name.is_empty())?;
    let shells = Shells::builtins();
    // No command may run because a person pressed a key.
    let Some(shell) = shells.completer(&name) else { return Some(ExitCode::from(2)) };
    let words: Vec<OsString> = std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
    Some(match candidates(shell, command(), words) {
        Ok(bytes) => {
            say::say_as_it_is(&bytes);
            ExitCode::SUCCESS
        }
        Err(_) => ExitCode::FAILURE,
    })
}

fn candidates(
    shell: &dyn EnvCompleter,
    mut command: Command,
    words: Vec<OsString>,
) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if words.is_empty() {
        return Ok(bytes);
    }
    command.build();
    shell.write_complete(&mut command, words, std::env::current_dir().ok().as_deref(), &mut bytes)?;
    Ok(bytes)
}

/// The hosts that this machine knows. An account before the host, and hosts before the last comma, stay as they are.
pub(super) fn hosts(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else { return Vec::new() };
    let at = typed.rfind(['@', ',']).map_or(0, |at| at + 1);
    let (before, name) = typed.split_at(at);
    let known = host_names::known(None).into_iter().filter(|known| known.starts_with(name));
    known.map(|known| CompletionCandidate::new(format!("{before}{known}"))).collect()
}

/// The lessons, each with its title.
pub(super) fn lessons(typed: &OsStr) -> Vec<CompletionCandidate> {
    let (Some(typed), Ok(catalogue)) = (typed.to_str(), Catalogue::embedded()) else { return Vec::new() };
    let matching = catalogue.all().filter(|lesson| lesson.id.starts_with(typed));
    matching
        .map(|lesson| CompletionCandidate::new(lesson.id.to_string()).help(Some(lesson.title.clone().into())))
        .collect()
}
