//! The login over there: whether it can be used, and how it stands to the one here.

use super::facts::Facts;
use super::look::span;
use super::{Finding, Level};
use crate::auth::{AuthFile, LastRefresh};
use crate::codex::quote;

pub(super) fn file(facts: &Facts) -> Vec<Finding> {
    let path = format!("{}/auth.json", facts.home);
    if facts.odd {
        return vec![
            Finding::bad("login", format!("{path} is no file"))
                .there(format!("mv {0} {0}.old", quote(&path))),
        ];
    }
    let Some(file) = &facts.file else {
        let finding = match &facts.link {
            Some(to) => Finding::bad("login", format!("{path} is a link to {to}, which is not there"))
                .lesson("symbolic-link"),
            None => Finding::bad("login", format!("there is no {path}")).lesson("trouble-auth-file-missing"),
        };
        return vec![finding.verb("deploy")];
    };
    let mut findings = Vec::new();
    if let Some(to) = &facts.link {
        let what = format!("{path} is a symbolic link to {to}; codex writes through it, a deploy leaves it");
        findings
            .push(Finding::note("login", what).lesson("symbolic-link").verb_with("deploy", "--replace-link"));
    }
    let us = facts.user.as_ref().map_or(file.owner, |(_, number)| *number);
    if !facts.readable {
        let what = format!("{path} cannot be read: mode {:04o}, of user {}", file.mode, file.owner);
        findings.push(Finding::bad("login", what).lesson("file-modes").verb("deploy"));
        return findings;
    }
    if file.owner != us {
        let what = format!("{path} belongs to user {}: codex cannot renew it in place", file.owner);
        findings.push(Finding::bad("login", what).lesson("file-modes").verb("deploy"));
    }
    if file.mode & 0o077 != 0 {
        let what = format!("others can read {path}: mode {:04o}", file.mode);
        findings.push(
            Finding::bad("login", what).lesson("file-modes").there(format!("chmod 600 {}", quote(&path))),
        );
    } else if file.mode & 0o200 == 0 {
        let what =
            format!("{path} may not be written (mode {:04o}): the call that renews it loses it", file.mode);
        findings.push(
            Finding::bad("login", what).lesson("file-modes").there(format!("chmod 600 {}", quote(&path))),
        );
    }
    findings.push(content(facts, &path, file.size));
    findings
}

fn content(facts: &Facts, path: &str, size: u64) -> Finding {
    let now = facts.clock.unwrap_or_default();
    if size == 0 {
        return Finding::bad("login", format!("{path} is empty")).lesson("schema-empty").verb("deploy");
    }
    if facts.ends != "}" {
        return Finding::bad(
            "login",
            format!("{path} ({size} bytes) does not end as JSON does: it is cut short"),
        )
        .lesson("unauthorized-cut-short")
        .verb("deploy");
    }
    match facts.form.as_str() {
        "apikey" => {
            Finding::good("login", format!("{path}: an API key, {size} bytes")).lesson("schema-api-key")
        }
        "chatgpt" => {
            let refreshed = match age(&facts.refreshed, now) {
                Some(age) => format!("last renewed {} ago", span(age.max(0))),
                None => "it does not say when it was renewed".to_owned(),
            };
            let what = format!("{path}: a ChatGPT login, {size} bytes, {refreshed}");
            match facts.expires.map(|at| at - now) {
                Some(left) if left <= 0 && facts.renewable => Finding::note(
                    "login",
                    format!("{what}; its access token expired {} ago: the next call renews it", span(-left)),
                )
                .lesson("rotation-shared-login"),
                Some(left) if left <= 0 => Finding::bad(
                    "login",
                    format!("{what}; its access token expired {} ago, and nothing renews it", span(-left)),
                )
                .lesson("unauthorized-expired")
                .verb("login"),
                Some(left) => {
                    Finding::good("login", format!("{what}; its access token is good for {}", span(left)))
                        .lesson("schema-oauth")
                }
                None => Finding::note("login", format!("{what}; when its access token expires was not told"))
                    .lesson("schema-oauth"),
            }
        }
        _ => Finding::bad("login", format!("{path} ({size} bytes) has neither tokens nor a key"))
            .lesson("schema-no-json")
            .verb("deploy"),
    }
}

/// Seconds between an ISO 8601 moment and now.
fn age(text: &str, now: i64) -> Option<i64> {
    let at = humantime::parse_rfc3339(text).ok()?;
    let at = at.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    Some(now - i64::try_from(at).ok()?)
}

/// How it stands to the login here.
pub(super) fn beside(facts: &Facts, ours: Option<&AuthFile>) -> Option<Finding> {
    let ours = ours?;
    facts.file.as_ref().filter(|_| facts.readable)?;
    if facts.digest == ours.bytes().sha256() {
        let finding = Finding::note(
            "beside ours",
            "it is the same login as here: whichever machine renews it first locks the other out",
        );
        return Some(match facts.form.as_str() {
            "chatgpt" => finding.lesson("rotation-shared-login").verb("login"),
            _ => Finding::good("beside ours", "it is the same key as here"),
        });
    }
    if ours.account().is_some_and(|account| account.is_another(&facts.account, &facts.person)) {
        return Some(Finding::note("beside ours", "it is another account's than the one here"));
    }
    let there = LastRefresh::parse(&facts.refreshed);
    Some(match (there.as_ref(), ours.last_refresh()) {
        (Some(there), Some(here)) if there > here => {
            Finding::note("beside ours", "it is fresher than the one here; a deploy keeps it")
                .lesson("fresher-remote")
        }
        (Some(there), Some(here)) if there < here => {
            Finding::note("beside ours", "it is staler than the one here")
                .lesson("rotation-stale-copy-back")
                .verb("deploy")
        }
        _ => {
            Finding::note("beside ours", "it is another file than the one here; which is fresher is not told")
        }
    })
}

pub(super) fn strays(facts: &Facts) -> Vec<Finding> {
    let mut findings: Vec<Finding> = facts.strays.iter().map(|path| stray(facts, path)).collect();
    if facts.rests > 0 {
        let what =
            format!("{} temporary files of deploys that were cut off lie in {}", facts.rests, facts.home);
        findings
            .push(Finding::bad("login", what).there(format!("rm {}/.auth.json.cra-*", quote(&facts.home))));
    }
    findings
}

fn stray(facts: &Facts, path: &str) -> Finding {
    let lesson = if path.ends_with("/.auth.json") { "leading-dot" } else { "codex-home-elsewhere" };
    let finding =
        Finding::note("login", format!("{path} is a login that codex does not read")).lesson(lesson);
    let target = quote(&format!("{}/auth.json", facts.home));
    match facts.file {
        Some(_) => finding.there(format!("rm {}", quote(path))),
        None => Finding { level: Level::Bad, ..finding }
            .there(format!("mv {} {target} && chmod 600 {target}", quote(path))),
    }
}
