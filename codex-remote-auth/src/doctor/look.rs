//! What the facts mean, by subject, in the order in which a call on the host would meet a problem.

use std::time::SystemTime;

use super::facts::Facts;
use super::span::span;
use super::{Finding, codex_doctor, configuration, disk, environment, file_system, login, program};
use crate::auth_json::{AuthFile, unix_seconds};
use crate::codex::{FoundBy, quote};
use crate::message::Command;
use crate::remote::{Force, Kind, Refusal, another_home};
use crate::ssh::printable;

/// If two clocks differ by more than this, it cannot be determined which login is newer, or expired. In seconds.
const SKEW: i64 = 60;

pub(super) fn look(
    facts: &Facts,
    ours: Option<&AuthFile>,
    asked_at: SystemTime,
    heard_at: SystemTime,
) -> Vec<Finding> {
    let mut findings = vec![shell(facts)];
    findings.extend(program::find(facts));
    findings.extend(home(facts));
    if !facts.look.missing.is_empty() || !facts.look.has_null {
        // Without its tools, the script has read no file, and there would be findings about that.
        findings.push(clock(facts, asked_at, heard_at));
        return findings;
    }
    findings.extend(login::file(facts));
    findings.extend(login::beside(facts, ours));
    findings.extend(login::strays(facts));
    findings.extend(configuration::findings(facts, ours));
    findings.extend(environment::findings(facts));
    findings.extend(environment::missing_key(facts));
    findings.extend(disk::disk(facts));
    findings.extend(file_system::findings(facts));
    findings.push(git(facts));
    findings.push(clock(facts, asked_at, heard_at));
    findings.extend(codex_doctor::findings(facts));
    if facts.look.auth.facts().is_some_and(|auth| auth.kind == Kind::Link) {
        // A deploy keeps a link, whatever else it is for.
        for hint in findings.iter_mut().flat_map(|finding| &mut finding.next) {
            if let Some(Command::Ours("deploy", arguments)) = &mut hint.command
                && !arguments.iter().any(|argument| argument == "--replace-link")
            {
                arguments.push("--replace-link".into());
            }
        }
    }
    if deploy_refuses(facts, ours) {
        // Another finding says what stops a deploy. Until that is fixed, no finding may advise one.
        for finding in &mut findings {
            finding.next.retain(|next| !matches!(next.command, Some(Command::Ours("deploy", _))));
        }
    }
    findings
}

/// Whether a deploy without options would stop because of the home or the settings.
fn deploy_refuses(facts: &Facts, ours: Option<&AuthFile>) -> bool {
    let force = Force::default();
    facts.look.check_home(&force).is_err()
        || ours.is_some_and(|ours| facts.look.check_settings(ours, &force).is_err())
}

fn shell(facts: &Facts) -> Finding {
    let shell = if facts.look.shell.is_empty() { "an unnamed shell" } else { &facts.look.shell };
    match facts.look.noise {
        0 => Finding::ok("shell", format!("{shell}; its rc files print nothing in non-interactive shells")),
        bytes => Finding::note(
            "shell",
            format!("{shell}; its rc files print {bytes} bytes at every command, which breaks scp and sftp, but not a deploy"),
        )
        .advice(quiet_rc_file(shell)),
    }
}

/// How an rc file of this shell prints only at a terminal.
fn quiet_rc_file(shell: &str) -> String {
    let before = |file: &str, line: &str| format!("put this before whatever prints in {file}: {line}");
    match shell.rsplit('/').next().unwrap_or_default() {
        "fish" => {
            "in ~/.config/fish/config.fish, put whatever prints between these lines: if status is-interactive \u{2026} end"
                .to_owned()
        }
        "csh" | "tcsh" => before("~/.tcshrc or ~/.cshrc", "if (! $?prompt) exit"),
        "zsh" => before("~/.zshenv", "[[ -o interactive ]] || return"),
        "bash" => before("~/.bashrc", "case $- in *i*) ;; *) return ;; esac"),
        _ => before("the rc file", "case $- in *i*) ;; *) return ;; esac"),
    }
}

fn home(facts: &Facts) -> Vec<Finding> {
    let look = &facts.look;
    let home = &look.codex_home;
    let moved = !look.codex_home_variable.is_empty();
    let whose = if moved { "CODEX_HOME" } else { "the Codex home" };
    let mut findings = Vec::new();
    if look.has_relative_home() {
        let what = format!(
            "CODEX_HOME is `{}`, which is another folder wherever codex is called",
            printable(&look.codex_home_variable)
        );
        findings.push(
            Finding::problem("codex home", what)
                .advice("write the whole path, from / or $HOME on, where the rc file sets it"),
        );
    }
    findings.extend(facts.more.other_homes.iter().map(|(shell, set)| {
        let there = if set.is_empty() { "is not set".to_owned() } else { format!("is {set}") };
        let what = format!("{shell}, CODEX_HOME {there}; a command over SSH reads {home}");
        Finding::note("codex home", what).lesson("codex-home-elsewhere").advice(
            "set CODEX_HOME at the top of the rc file of the account's shell, before any line that ends it",
        )
    }));
    if let Err(refusal) = look.check_home(&Force::default()) {
        let finding = Finding::problem("codex home", refusal.to_string()).advised_by(&refusal);
        match refusal {
            Refusal::HomeNotADirectory { .. } => {
                let what = format!("{whose} {home} exists and is not a directory");
                return vec![
                    Finding::problem("codex home", what).on_host(format!("mv {0} {0}.old", quote(home))),
                ];
            }
            Refusal::HomeNotOurs { owner, .. } => {
                let what = format!("{home} belongs to user {owner}, who can read what is put there");
                let finding = Finding::problem("codex home", what).lesson("file-modes");
                // A home that CODEX_HOME names may be that of a service, which needs it.
                return vec![match moved {
                    true => finding.advised_by(&refusal),
                    false => {
                        let command = format!("chown {} {}", quote(&look.user), quote(home));
                        finding.then(facts.as_administrator(command))
                    }
                }];
            }
            Refusal::OtherHome { .. }
            | Refusal::TildeInCodexHome { .. }
            | Refusal::FolderOpenToOthers { .. } => {
                findings.push(finding);
            }
            _ => return vec![finding],
        }
    }
    let Some(directory) = look.directory.facts() else {
        findings.push(if facts.more.writable {
            let finding =
                Finding::note("codex home", format!("{whose} {home} does not exist yet; a deploy makes it"));
            finding.lesson(if moved { "codex-home-missing" } else { "deploy-makes-directory" }).deploy(&[])
        } else {
            let what = format!("{home} does not exist, and the account cannot create it");
            let nearest = &facts.more.nearest;
            Finding::problem("codex home", what)
                .advice(format!("let the account write to {nearest}, or set CODEX_HOME to another folder"))
        });
        return findings;
    };
    if let Some(wrapper) = &facts.more.wrapper {
        let finding = Finding::problem("codex home", wrapper.to_string()).advice(another_home(wrapper));
        findings.push(if wrapper.moves_home() { finding.lesson("wrapper-moves-home") } else { finding });
    }
    findings.push(if !facts.more.writable && facts.more.is_read_only() {
        let what = format!("the file system of {home} is read-only: a login can be neither copied there nor renewed");
        Finding::problem("codex home", what)
            .advice("set CODEX_HOME on the host to a folder that can be written, or have the file system mounted writable")
    } else if !facts.more.writable {
        let what = format!("{home} is not writable: a login can be neither copied there nor renewed");
        Finding::problem("codex home", what).on_host(format!("chmod u+w {}", quote(home)))
    } else if directory.is_open() {
        let what =
            format!("others can write to {home} (mode {:04o}), and so replace the login", directory.mode);
        Finding::problem("codex home", what)
            .lesson("file-modes")
            .on_host(format!("chmod go-w {}", quote(home)))
    } else {
        let elsewhere = if moved { ", by CODEX_HOME; ~/.codex is not read" } else { "" };
        let finding = Finding::ok("codex home", format!("{home}, mode {:04o}{elsewhere}", directory.mode));
        if moved { finding.lesson("codex-home-elsewhere") } else { finding }
    });
    findings
}

fn git(facts: &Facts) -> Finding {
    let what = match facts.more.git.as_deref() {
        Some("true") => return Finding::ok("git check", "the home directory is in a git repository"),
        Some(_) => "the home directory is not a git repository: codex exec needs --skip-git-repo-check there",
        None => "git is not installed: codex exec needs --skip-git-repo-check everywhere",
    };
    let finding = Finding::note("git check", what).lesson("git-check");
    match facts.codex.as_ref().is_some_and(|codex| codex.by == FoundBy::Path) {
        true => finding.on_host("codex exec --skip-git-repo-check \"prompt\" </dev/null"),
        false => finding,
    }
}

fn clock(facts: &Facts, asked_at: SystemTime, heard_at: SystemTime) -> Finding {
    let Some(clock) = facts.more.clock else {
        return Finding::note("clock", "could not read the clock of the host");
    };
    let (early, late) = (unix_seconds(asked_at), unix_seconds(heard_at));
    let skew = if clock < early { clock - early } else { (clock - late).max(0) };
    if skew.abs() <= SKEW {
        return Finding::ok("clock", "in sync with this machine, to the minute");
    }
    let which = if skew < 0 { "behind" } else { "ahead of" };
    let what = format!("{} {which} this machine's clock: logins expire at the wrong time", span(skew.abs()));
    let finding = Finding::problem("clock", what);
    match facts.has("timedatectl") {
        true => finding.then(facts.as_administrator("timedatectl set-ntp true".to_owned())),
        false => finding.advice("set the clock of the host"),
    }
}
