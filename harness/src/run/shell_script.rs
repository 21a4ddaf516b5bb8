//! The steps of checks as a person would script them: one `ssh` or `scp` process for each.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::check::{Check, Kind};
use super::plan::Plan;
use crate::target::write_private;
use codex_remote_auth::codex::quote;
use codex_remote_auth::lessons::{Action, StdinKind, Step};

/// The script for checks whose accounts are made already. It runs in `folder`, which gets the logins and has a
/// configuration for `ssh` that is called `config`. Where a check deploys, the script runs the guide's four commands.
pub(super) fn shell_script(checks: &[(Check<'_>, Plan)], address: &str, folder: &Path) -> io::Result<String> {
    let mut text = String::new();
    for (number, (check, plan)) in checks.iter().enumerate() {
        let login = format!("{number}.json");
        write_private(&folder.join(&login), &plan.login.bytes().unwrap_or_default())?;
        let host = |name: &str| format!("{name}@{address}");
        let remote = host(&plan.remote.0.name);
        let local = host(&plan.local.as_ref().unwrap_or(&plan.remote).0.name);
        let places = Places { remote: &remote, local: &local, login: &login };
        let _ = writeln!(text, "\n# {}", check.id());
        match check.kind {
            Kind::Smoke(test) => {
                let _ = writeln!(text, "ls -la {login}");
                if test.id != "smoke-1" {
                    text.push_str(&deploy(places));
                }
                if test.id == "smoke-7" {
                    let hang = quote("codex exec --skip-git-repo-check \"Say: done\"");
                    let _ = writeln!(text, "timeout 0.4 ssh -F config {remote} {hang} < <(sleep 0.5)");
                }
            }
            Kind::Call(call) => text.push_str(&step(&call.step(), places)),
            Kind::Lesson(lesson) => {
                for (_, each) in lesson.steps() {
                    text.push_str(&step(each, places));
                    if let Some(file) = each.expect.iter().flat_map(|expect| &expect.files).next() {
                        let look = quote(&format!("ls -la {0}; sha256sum {0}", file.path));
                        let _ = writeln!(text, "ssh -F config {remote} {look}");
                    }
                }
            }
        }
    }
    // Wrong ways fail, as they are meant to.
    text.push_str("exit 0\n");
    Ok(text)
}

/// Where a check's steps run, as `USER@ADDRESS`, and the file with its login.
#[derive(Clone, Copy)]
struct Places<'a> {
    remote: &'a str,
    local: &'a str,
    login: &'a str,
}

fn step(step: &Step, places: Places<'_>) -> String {
    let (host, line) = match &step.action {
        Action::Deploy(_) => return deploy(places),
        Action::Run(line) => (places.remote, line.clone()),
        Action::Local(line) => {
            let user = places.remote.split('@').next().unwrap_or_default();
            (places.local, line.replace("user@host", &format!("{user}@host")))
        }
    };
    let call = format!("ssh -F config {host} {}", quote(line.trim()));
    match step.stdin {
        StdinKind::Closed => format!("{call} </dev/null\n"),
        StdinKind::Open => format!("timeout {0} {call} < <(sleep {0})\n", step.deadline.min(1.0)),
    }
}

fn deploy(Places { remote, login, .. }: Places<'_>) -> String {
    let ssh = |line: &str| format!("ssh -F config {remote} {} </dev/null\n", quote(line));
    let copy = format!("scp -q -F config {login} {remote}:.codex/auth.json\n");
    let exec = ssh("codex exec --skip-git-repo-check \"Respond: OK\"");
    [ssh("mkdir -p ~/.codex"), copy, ssh("ls -la ~/.codex/auth.json"), exec].concat()
}
