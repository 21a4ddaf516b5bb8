//! The accounts of a run that outlive it, and the command of each check, ready to be tried by hand.

use std::path::Path;

use super::batch::Batch;
use super::check::{Check, CheckResult, Kind};
use super::plan::Plan;
use codex_remote_auth::codex::quote;
use codex_remote_auth::lessons::{Action, Lesson, StdinKind, Step};

/// A check whose account is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCheck {
    /// The check.
    pub check: String,
    /// The account on the host.
    pub account: String,
    /// The call of `ssh` that runs the check's first failed command again, or else its first one. `None` if no step is a command.
    pub command: Option<String>,
}

impl Batch<'_> {
    /// The checks of the batch with their accounts. `config` is the configuration for `ssh` that names the container `box`.
    pub fn kept(&self, results: &[CheckResult], config: &Path) -> Vec<KeptCheck> {
        let result = |check: &Check<'_>| results.iter().find(|result| result.id == check.id());
        let checks = self.checks.iter();
        checks.filter_map(|(check, plan)| Some(kept(check, plan, result(check)?, config))).collect()
    }
}

fn kept(check: &Check<'_>, plan: &Plan, result: &CheckResult, config: &Path) -> KeptCheck {
    let command = match check.kind {
        Kind::Lesson(lesson) => telling(lesson, result).and_then(|step| by_hand(step, plan, config)),
        Kind::Smoke(_) | Kind::Call(_) => None,
    };
    KeptCheck { check: check.id().to_owned(), account: plan.remote.0.name.clone(), command }
}

/// The first step that failed, or else the first one, of those that are commands.
fn telling<'l>(lesson: &'l Lesson, result: &CheckResult) -> Option<&'l Step> {
    let commands = || lesson.headed_steps().filter(|(_, step)| !matches!(step.action, Action::Deploy(_)));
    let failed = |heading: &str| result.failures.iter().any(|failure| failure.step == heading);
    let step = commands().find(|(heading, _)| failed(heading)).or_else(|| commands().next());
    step.map(|(_, step)| step)
}

fn by_hand(step: &Step, plan: &Plan, config: &Path) -> Option<String> {
    let account = match &step.action {
        Action::Local(_) => &plan.local.as_ref()?.0.name,
        Action::Run(_) | Action::Deploy(_) => &plan.remote.0.name,
    };
    // A terminal leaves the standard input open, and codex waits for its end.
    let closed = match step.stdin {
        StdinKind::Closed => " -n",
        StdinKind::Open => "",
    };
    let config = quote(&config.to_string_lossy());
    Some(format!("ssh{closed} -F {config} {account}@box {}", quoted(&line(step, plan)?)))
}

/// The line that a step runs in the shell of its account. `None` if it is a deploy.
fn line(step: &Step, plan: &Plan) -> Option<String> {
    let line = match &step.action {
        Action::Run(line) => line.clone(),
        Action::Local(line) => line.replace("user@host", &format!("{}@host", plan.remote.0.name)),
        Action::Deploy(_) => return None,
    };
    Some(line.trim().to_owned())
}

/// What a person types in a terminal for a step. There, the standard input has no end, unless it is closed.
pub(super) fn typed(step: &Step, plan: &Plan) -> Option<String> {
    let line = line(step, plan)?;
    let is_simple = !line.contains(['\n', '|', ';', '&', '<']);
    Some(match step.stdin {
        StdinKind::Closed if is_simple => format!("{line} </dev/null"),
        _ => line,
    })
}

/// The line as one word of a shell, in double quotes if that is easier to read and means the same.
fn quoted(line: &str) -> String {
    let is_plain = !line.contains(['"', '$', '`', '\\', '!']);
    if line.contains('\'') && is_plain { format!("\"{line}\"") } else { quote(line) }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_quoted_line_is_one_word_for_a_shell() {
        for line in ["codex -p 'my prompt'", "echo \"$HOME\" '`x`'", "a\nb 'c'", "true", "echo 'a!b\\'"] {
            let script = format!("printf %s {}", quoted(line));
            let output = Command::new("bash").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), line, "{script}");
        }
        assert_eq!(quoted("codex -p 'my prompt'"), "\"codex -p 'my prompt'\"");
    }
}
