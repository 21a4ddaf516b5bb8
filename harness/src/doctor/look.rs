//! What the facts mean, subject by subject, in the order in which a call over there would meet them.

use std::time::{SystemTime, UNIX_EPOCH};

use super::facts::Facts;
use super::{Finding, codex_doctor, disk, login, program};
use crate::auth::AuthFile;
use crate::codex::quote;

/// Whose clocks are further apart than this cannot tell which login is fresher, or expired. In seconds.
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
    findings.extend(login::file(facts));
    findings.extend(login::beside(facts, ours));
    findings.extend(login::strays(facts));
    findings.extend(configuration(facts));
    findings.extend(facts.variables.iter().map(|name| variable(name)));
    findings.extend(disk::disk(facts));
    findings.push(git(facts));
    findings.push(clock(facts, asked_at, heard_at));
    findings.extend(codex_doctor::findings(facts));
    findings
}

fn shell(facts: &Facts) -> Finding {
    let shell = if facts.shell.is_empty() { "an unnamed shell" } else { &facts.shell };
    match facts.noise {
        0 => Finding::good("shell", format!("{shell}; its rc files print nothing where no person looks")),
        bytes => Finding::note(
            "shell",
            format!(
                "{shell}; its rc files print {bytes} bytes at every command, which breaks scp and sftp (a deploy hears \
                 through it)"
            ),
        )
        .there("put this before whatever prints in the rc file: case $- in *i*) ;; *) return ;; esac"),
    }
}

fn home(facts: &Facts) -> Option<Finding> {
    let home = &facts.home;
    let whose = if facts.moved { "CODEX_HOME" } else { "the Codex home" };
    if facts.blocked {
        let what = format!("{whose} {home} is there and is no directory");
        return Some(Finding::bad("codex home", what).there(format!("mv {0} {0}.old", quote(home))));
    }
    let Some(directory) = &facts.directory else {
        if !facts.writable {
            let what = format!("{home} is not there, and may not be made");
            return Some(Finding::bad("codex home", what).there(format!(
                "give the account the right to write to {}, or set CODEX_HOME",
                quote(&facts.nearest)
            )));
        }
        let finding =
            Finding::note("codex home", format!("{whose} {home} is not there yet; a deploy makes it"));
        let lesson = if facts.moved { "codex-home-missing" } else { "deploy-makes-directory" };
        return Some(finding.lesson(lesson).verb("deploy"));
    };
    let us = facts.user.as_ref().map_or(directory.owner, |(_, number)| *number);
    if directory.owner != us {
        let what = format!("{home} belongs to user {}, who can read what is put there", directory.owner);
        let name = facts.user.as_ref().map_or(String::new(), |(name, _)| name.clone());
        return Some(Finding::bad("codex home", what).lesson("file-modes").there(format!(
            "sudo chown {} {}",
            quote(&name),
            quote(home)
        )));
    }
    if !facts.writable {
        let what = format!("{home} cannot be written to: no login can be put there, and none renewed");
        return Some(Finding::bad("codex home", what).there(format!("chmod u+w {}", quote(home))));
    }
    if directory.mode & 0o022 != 0 {
        let what =
            format!("others may write to {home} ({:04o}), and so put another login there", directory.mode);
        return Some(
            Finding::bad("codex home", what)
                .lesson("file-modes")
                .there(format!("chmod go-w {}", quote(home))),
        );
    }
    let elsewhere = if facts.moved { ", by CODEX_HOME; ~/.codex is not read" } else { "" };
    let finding = Finding::good("codex home", format!("{home}, mode {:04o}{elsewhere}", directory.mode));
    Some(if facts.moved { finding.lesson("codex-home-elsewhere") } else { finding })
}

fn configuration(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let file = format!("{}/config.toml", facts.home);
    match facts.store.as_str() {
        "" | "file" => {}
        "auto" => findings.push(
            Finding::note(
                "configuration",
                "cli_auth_credentials_store is \"auto\": where there is a keyring, auth.json is not read",
            )
            .lesson("keyring-store"),
        ),
        store => findings.push(
            Finding::bad(
                "configuration",
                format!("cli_auth_credentials_store is \"{store}\", so auth.json is not read"),
            )
            .lesson("keyring-store")
            .there(format!("set it to \"file\" in {file}")),
        ),
    }
    let deletes =
        matches!((facts.forced.as_str(), facts.form.as_str()), ("api", "chatgpt") | ("chatgpt", "apikey"));
    if deletes {
        let what = format!(
            "forced_login_method is \"{}\": the next call deletes the login that is there",
            facts.forced
        );
        let finding = Finding::bad("configuration", what).lesson("forced-login-method");
        findings.push(
            finding.there(format!("take forced_login_method out of {file}, or bring a login of that form")),
        );
    } else if !facts.forced.is_empty() {
        let what = format!(
            "forced_login_method is \"{}\": a login of the other form would be deleted",
            facts.forced
        );
        findings.push(Finding::note("configuration", what).lesson("forced-login-method"));
    }
    if !facts.legacy.is_empty() {
        let what = format!(
            "config.toml has [profiles.{0}]; codex 0.134 and later refuse `-p {0}` then",
            facts.legacy
        );
        let finding = Finding::note("configuration", what).lesson("profile-legacy");
        findings.push(
            finding
                .there(format!("move the table's settings to {}/{}.config.toml", facts.home, facts.legacy)),
        );
    }
    findings
}

fn variable(name: &str) -> Finding {
    match name {
        "OPENAI_API_KEY" => {
            Finding::note("environment", "OPENAI_API_KEY is set there, and does not log `codex exec` in")
                .lesson("openai-api-key-variable")
        }
        _ => Finding::note("environment", format!("{name} is set there, and goes before auth.json"))
            .lesson("openai-api-key-variable"),
    }
}

fn git(facts: &Facts) -> Finding {
    let call = "codex exec --skip-git-repo-check \"prompt\" </dev/null";
    match facts.git.as_deref() {
        Some("true") => Finding::good("git check", "the home directory is in a git repository"),
        Some(_) => {
            Finding::note("git check", "the home directory is no git repository: exec wants the flag there")
                .lesson("git-check")
                .there(call)
        }
        None => Finding::note("git check", "there is no git: exec wants the flag in every directory")
            .lesson("git-check")
            .there(call),
    }
}

fn clock(facts: &Facts, asked_at: SystemTime, heard_at: SystemTime) -> Finding {
    let seconds = |at: SystemTime| at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
    let Some(clock) = facts.clock else { return Finding::note("clock", "it did not tell its time") };
    let (early, late) = (seconds(asked_at), seconds(heard_at));
    let skew = if clock < early { clock - early } else { (clock - late).max(0) };
    if skew.abs() <= SKEW {
        return Finding::good("clock", "it agrees with the one here to the minute");
    }
    let which = if skew < 0 { "behind" } else { "ahead of" };
    let what = format!("it is {} {which} the one here: logins expire at the wrong moment", span(skew.abs()));
    Finding::bad("clock", what).there("sudo timedatectl set-ntp true")
}

/// A time in the largest unit that fits it.
pub(super) fn span(seconds: i64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
