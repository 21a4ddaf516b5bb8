//! The login on the host: whether codex can use it, and how it compares with the caller's own.

use super::facts::Facts;
use super::span::span;
use super::{Finding, Level};
use crate::auth_json::{AuthFile, AuthProblem, Ownership, Warning};
use crate::codex::{LoginMethod, Store, quote, too_old_for};
use crate::message::Hint;
use crate::remote::{Force, Kind};

pub(super) fn file(facts: &Facts) -> Vec<Finding> {
    let path = facts.look.auth_path();
    let quoted = quote(&path);
    let seen = facts.look.auth.facts();
    if facts.look.auth.is_there() && seen.is_none() {
        return vec![Finding::problem("login", format!("the host could not say what {path} is"))];
    }
    let is_link = seen.is_some_and(|seen| seen.kind == Kind::Link);
    let Some(file) = facts.file() else {
        let finding = if is_link {
            let to = &facts.more.leads_to;
            Finding::problem("login", format!("{path} is a link to {to}, which does not exist"))
                .lesson("symbolic-link")
        } else {
            Finding::problem("login", format!("there is no {path}")).lesson("no-login-in-this-account")
        };
        return vec![finding.deploy(&[])];
    };
    if file.kind != Kind::File {
        let finding = Finding::problem("login", format!("{path} is not a file"));
        return vec![finding.on_host(format!("mv {quoted} {quoted}.old"))];
    }
    let mut findings = Vec::new();
    if is_link {
        let to = &facts.more.leads_to;
        let what = format!("{path} is a symbolic link to {to}; codex writes through it, a deploy leaves it");
        findings.push(Finding::note("login", what).lesson("symbolic-link").deploy(&["--replace-link"]));
    }
    let Some(bytes) = facts.look.auth.bytes() else {
        let what = format!("{path} cannot be read: mode {:04o}, of user {}", file.mode, file.owner);
        let finding = Finding::problem("login", what).lesson("file-modes");
        // It may be a good login, so it is not to be replaced.
        findings.push(match facts.look.uid == Some(file.owner) {
            true => finding.on_host(format!("chmod 600 {quoted}")),
            false => {
                let command = format!("chown {} {quoted}", quote(&facts.look.user));
                finding.then(facts.as_administrator(command))
            }
        });
        return findings;
    };
    if facts.look.uid.is_some_and(|uid| uid != file.owner) {
        let what = format!("{path} belongs to user {}: codex cannot renew it in place", file.owner);
        findings.push(Finding::problem("login", what).lesson("file-modes").deploy(&[]));
    }
    // Only the owner may change the mode; a deploy replaces the file.
    let is_ours = facts.look.uid.is_none_or(|uid| uid == file.owner);
    let closed = |finding: Finding| match is_ours {
        true => finding.on_host(format!("chmod 600 {quoted}")),
        false => finding.deploy(&[]),
    };
    if file.mode & 0o077 != 0 {
        let what = format!("others can read {path}: mode {:04o}", file.mode);
        findings.push(closed(Finding::problem("login", what).lesson("file-modes")));
    } else if file.mode & 0o200 == 0 {
        let what = format!(
            "{path} is not writable (mode {:04o}): codex would lose the login when it renews it",
            file.mode
        );
        findings.push(closed(Finding::problem("login", what).lesson("file-modes")));
    }
    let warnings = facts.login().map(|login| login.warnings(facts.more.clock.unwrap_or_default()));
    let kept = |warning: &Warning| {
        matches!(warning, Warning::TokensUnused(_) | Warning::KeyUnused | Warning::NeedsBedrock)
    };
    findings.extend(
        warnings
            .unwrap_or_default()
            .iter()
            .filter(|one| kept(one))
            .map(|warning| Finding::note("login", warning.to_string())),
    );
    if let (Some(login), Some(release)) =
        (facts.login(), facts.codex.as_ref().and_then(|codex| codex.release.as_ref()))
        && let Some(why) = too_old_for(login.form(), release)
    {
        findings.push(Finding::problem("login", why).advice("update codex on the host"));
    }
    findings.push(match (facts.login(), facts.problem()) {
        (Some(login), _) => match content(facts, login, &path) {
            // It is dead, so nothing is lost with it.
            dead if dead.level == Level::Problem => with_a_login_of_its_own(facts, dead),
            finding => finding,
        },
        (None, problem) => broken(problem, &path, bytes.len()),
    });
    findings
}

/// A file that is not a login, with the lesson about it.
fn broken(problem: Option<&AuthProblem>, path: &str, size: usize) -> Finding {
    let (lesson, what) = match problem {
        Some(AuthProblem::Empty) => ("schema-empty", format!("{path} is empty")),
        Some(problem @ AuthProblem::NotJson { .. }) => {
            let what = format!("{path} ({size} bytes) is cut short or changed: {}", problem.what());
            ("unauthorized-cut-short", what)
        }
        Some(
            problem @ (AuthProblem::NotAnObject | AuthProblem::NoCredential | AuthProblem::UnknownCredential),
        ) => ("schema-no-json", format!("{path} ({size} bytes) is not a login: {}", problem.what())),
        // Its message says it all.
        Some(problem) => {
            let what = format!("{path} ({size} bytes) is not a login: {}", problem.what());
            return Finding::problem("login", what).deploy(&[]);
        }
        None => ("schema-no-json", format!("{path} ({size} bytes) is not a login")),
    };
    Finding::problem("login", what).lesson(lesson).deploy(&[])
}

fn content(facts: &Facts, login: &AuthFile, path: &str) -> Finding {
    let now = facts.more.clock.unwrap_or_default();
    let size = login.bytes().len();
    if !login.form().rotates() {
        let (form, lesson) = (login.form().as_str(), "schema-api-key");
        let article = if form.starts_with(['A', 'a']) { "an" } else { "a" };
        return Finding::ok("login", format!("{path}: {article} {form}, {size} bytes")).lesson(lesson);
    }
    let refreshed = match login.last_refresh() {
        Some(at) if at.is_in_the_future(now) => format!("last renewed in the future ({})", at.to_minute()),
        Some(at) => format!("last renewed {} ago", span((now - at.unix_seconds()).max(0))),
        None => "it does not say when it was renewed".to_owned(),
    };
    let what = format!("{path}: a ChatGPT login, {size} bytes, {refreshed}");
    match login.expires_at().map(|at| at - now) {
        Some(left) if left <= 0 && login.can_renew() => {
            let old = login.last_refresh().is_some_and(|at| at.is_long_ago(now));
            let if_good = if old { ", unless its refresh token has expired too" } else { "" };
            let ended = span(-left);
            let what =
                format!("{what}; its access token expired {ended} ago: the next call renews it{if_good}");
            Finding::note("login", what).lesson("rotation-shared-login")
        }
        Some(left) if left <= 0 => Finding::problem(
            "login",
            format!("{what}; its access token expired {} ago, and nothing renews it", span(-left)),
        )
        .lesson("unauthorized-expired"),
        Some(left) if !login.can_renew() => Finding::note(
            "login",
            format!("{what}; it has no refresh token, so it ends with its access token in {}", span(left)),
        )
        .lesson("unauthorized-expired"),
        Some(left) => Finding::ok("login", format!("{what}; its access token is good for {}", span(left)))
            .lesson("schema-oauth"),
        None => Finding::note("login", format!("{what}; its access token does not say when it expires"))
            .lesson("schema-oauth"),
    }
}

/// Adds how to give the host a login of its own in place of this copy, which is also on this machine. It does
/// not revoke this one, and keeps it until there is a new one.
fn with_a_login_of_its_own(facts: &Facts, finding: Finding) -> Finding {
    if login_refuses(facts) {
        return finding;
    }
    finding.then(Hint::ours("", "login", &["--force"]))
}

/// Whether the command `login` would refuse the host even without an auth.json.
fn login_refuses(facts: &Facts) -> bool {
    let settings = &facts.settings;
    let store = settings.store.as_ref().map(|store| store.value);
    facts.look.check_home(&Force::default()).is_err()
        || !settings.problems.is_empty()
        || matches!(store, Some(Store::Keyring | Store::Ephemeral))
        || settings.forced_login_method.as_ref().is_some_and(|forced| forced.value == LoginMethod::Api)
        || !facts.codex.as_ref().is_some_and(|codex| facts.look.may_run(codex))
}

/// How it compares with the caller's own login.
pub(super) fn beside(facts: &Facts, ours: Option<&AuthFile>) -> Option<Finding> {
    let ours = ours?;
    let there = facts.login()?;
    if there.bytes().expose() == ours.bytes().expose() {
        if !there.form().rotates() {
            return Some(Finding::ok("compared", "same key as yours"));
        }
        let what = "same login as yours: whichever machine renews it first locks the other out";
        let finding = Finding::note("compared", what).lesson("rotation-shared-login");
        return Some(with_a_login_of_its_own(facts, finding));
    }
    match ours.owner_compared_with(there) {
        Ownership::Another { .. } => {
            return Some(Finding::note("compared", "a different account than yours"));
        }
        Ownership::Unknown { why } => {
            return Some(Finding::note("compared", format!("cannot tell whose it is: {why}")));
        }
        Ownership::Same => {}
    }
    Some(match (there.last_refresh(), ours.last_refresh()) {
        (Some(there), Some(here)) if there > here => {
            Finding::note("compared", "newer than yours; a deploy keeps it").lesson("fresher-remote")
        }
        (Some(there), Some(here)) if there < here => {
            Finding::note("compared", "older than yours").lesson("rotation-stale-copy-back").deploy(&[])
        }
        _ => Finding::note("compared", "a different file than yours; cannot tell which is newer"),
    })
}

pub(super) fn strays(facts: &Facts) -> Vec<Finding> {
    let mut findings: Vec<Finding> = facts.more.strays.iter().map(|path| stray(facts, path)).collect();
    if !facts.more.rests.is_empty() {
        let (count, home) = (facts.more.rests.len(), &facts.look.codex_home);
        let what =
            format!("{count} temporary copies of a login, left by deploys that were cut off, are in {home}");
        findings
            .push(Finding::problem("login", what).on_host(format!("rm -r {}/.auth.json.cra-*", quote(home))));
    }
    findings
}

fn stray(facts: &Facts, path: &str) -> Finding {
    let lesson = if path.ends_with("/.auth.json") { "leading-dot" } else { "codex-home-elsewhere" };
    let finding =
        Finding::note("login", format!("{path} is a login that codex does not read")).lesson(lesson);
    let target = quote(&facts.look.auth_path());
    match facts.file() {
        // It may be a login that is in use elsewhere, so there is no command that deletes it.
        Some(_) => finding.advice("remove it if nothing else uses it"),
        None => Finding { level: Level::Problem, ..finding }
            .on_host(format!("mv {} {target} && chmod 600 {target}", quote(path))),
    }
}
