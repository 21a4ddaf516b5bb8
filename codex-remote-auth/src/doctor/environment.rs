//! The variables that change how codex works on the host.

use super::Finding;
use super::facts::Facts;
use crate::codex::{Place, Variable, variables_that_replace_the_login};
use crate::remote::{correct, no_certificates};
use crate::ssh::printable;

const SUBJECT: &str = "environment";

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let environment = facts.look.environment();
    let certificates = environment.certificates.as_ref().map(|named| &named.variable);
    let mut findings: Vec<Finding> = Vec::new();
    for variable in &environment.variables {
        findings.extend(if Some(variable) == certificates {
            Some(match facts.more.unreadable {
                true => Finding::problem(SUBJECT, no_certificates(variable))
                    .lesson("certificate-file")
                    .advice(correct(variable)),
                false => Finding::note(SUBJECT, format!("codex trusts the certificates of {variable}")),
            })
        } else {
            about(variable)
        });
    }
    findings.extend(facts.more.other_variables.iter().map(|(shell, name)| {
        let what = format!(
            "{shell}, {name} is set, and codex uses it in place of auth.json; a command over SSH does not have it"
        );
        Finding::note(SUBJECT, what).lesson("openai-api-key-variable")
    }));
    if let Some(proxy) = environment.proxy() {
        findings.push(Finding::note(SUBJECT, format!("{proxy} sets a proxy for codex")));
    }
    if let Some(folder) = &facts.more.no_tmpdir {
        let what = format!("TMPDIR is {}, which is no folder on the host", printable(folder));
        findings.push(Finding::note(SUBJECT, what).advice("create it, or remove TMPDIR where it is set"));
    }
    findings.extend(environment.ignored.iter().map(|variable| {
        let what = format!("codex ignores {variable}: .env cannot set names that begin with CODEX_");
        Finding::note(SUBJECT, what).advice(format!("set {} in the account's rc file", variable.name))
    }));
    findings
}

fn about(variable: &Variable) -> Option<Finding> {
    let name = variable.name.as_str();
    let place = match &variable.place {
        Place::Environment => String::new(),
        Place::File { path, line } => format!(", by {path}:{line}"),
    };
    let what = if variables_that_replace_the_login().contains(&name) {
        format!("{name} is set on the host, and codex uses it in place of auth.json")
    } else if name == "OPENAI_API_KEY" {
        format!("{name} is set on the host{place}, and does not log `codex exec` in")
    } else if name == "OPENAI_BASE_URL" {
        let seen = "codex 0.133.0 and 0.163.0 do not use it";
        return Some(Finding::note(SUBJECT, format!("{name} is set on the host{place}: {seen}")));
    } else {
        return None;
    };
    Some(Finding::note(SUBJECT, what).lesson("openai-api-key-variable"))
}

/// The variable that the provider needs, if it is not set for a plain command.
pub(super) fn missing_key(facts: &Facts) -> Option<Finding> {
    let (name, setting) = needed_key(&facts.settings)?;
    let is_set = facts.more.key_is_set || facts.look.environment().sets(name);
    (!is_set).then(|| {
        let what = format!("{name} is not set for a plain command, but {setting} needs it");
        let interactive = "an rc file that returns in non-interactive shells has to set it before that line";
        let (what, advice) = match &facts.more.key_lines[..] {
            [] => (what, format!("set {name} in the account's rc file; {interactive}")),
            lines => (
                format!("{what}; {} sets it, but a plain command does not get there", lines.join(", ")),
                format!("move that line to the top of the rc file of the account's shell; {interactive}"),
            ),
        };
        Finding::problem(SUBJECT, what).advice(advice).lesson("env-key-missing")
    })
}

/// The variable with the key of the selected provider, and the setting that names it.
pub(super) fn needed_key(settings: &crate::codex::Settings) -> Option<(&str, String)> {
    let key = settings.providers.get(settings.provider_name())?.env_key.as_ref()?;
    let name = key.value.as_str();
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.starts_with(|first: char| first.is_ascii_digit());
    (is_name && !name.is_empty()).then(|| (name, format!("env_key in {}", key.place())))
}
