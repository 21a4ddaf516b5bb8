//! What the configuration on the host does to a login.

use super::Finding;
use super::facts::Facts;
use crate::auth_json::{AuthFile, Form};
use crate::codex::{Effect, EffectKind, LoginMethod, LoginUse, Store};
use crate::remote::{Force, Refusal};

const SUBJECT: &str = "configuration";

/// What it does to the login on the host. If there is none, to the login that a deploy would send.
pub(super) fn findings(facts: &Facts, ours: Option<&AuthFile>) -> Vec<Finding> {
    let settings = &facts.settings;
    let mut findings: Vec<Finding> =
        settings.problems.iter().map(|problem| Finding::problem(SUBJECT, problem.to_string())).collect();
    if let Err(refusal @ Refusal::FileOpenToOthers { path }) = &facts.look.check_files(&Force::default()) {
        let what = format!("others can change {path}, which decides where codex sends the login");
        findings.push(Finding::problem(SUBJECT, what).lesson("file-modes").advised_by(refusal));
    }
    let effects = facts.login().or(ours).map(|login| settings.effects_on(login)).unwrap_or_default();
    findings.extend(effects.iter().map(effect));
    let said = |setting: &str| effects.iter().any(|effect| effect.setting == setting);
    // If there is no login to judge, the settings themselves are still worth reporting.
    if let Some(store) = &settings.store
        && store.value != Store::File
        && !said("cli_auth_credentials_store")
    {
        let what = format!(
            "cli_auth_credentials_store is {:?} ({}:{}): codex {} auth.json",
            store.value.as_str(),
            store.file,
            store.line,
            if store.value == Store::Auto { "may not read" } else { "does not read" }
        );
        let finding = if store.value == Store::Auto {
            Finding::note(SUBJECT, what)
        } else {
            Finding::problem(SUBJECT, what)
        };
        findings
            .push(finding.lesson("keyring-store").advice(format!("set it to \"file\" in {}", store.file)));
    }
    if let Some(forced) = &settings.forced_login_method
        && !said("forced_login_method")
    {
        let value = match forced.value {
            LoginMethod::Api => "api",
            LoginMethod::ChatGpt => "chatgpt",
        };
        let what = format!(
            "forced_login_method is {value:?} ({}:{}): codex deletes a login of the other form",
            forced.file, forced.line
        );
        findings.push(Finding::note(SUBJECT, what).lesson("forced-login-method"));
    }
    if let Some(forced) = &settings.forced_workspaces
        && !said("forced_chatgpt_workspace_id")
        && facts.login().or(ours).is_none()
    {
        let what = format!(
            "forced_chatgpt_workspace_id is {} ({}): codex deletes a login of another workspace",
            forced.value.join(", "),
            forced.place()
        );
        findings.push(Finding::note(SUBJECT, what).lesson("forced-workspace"));
    }
    if let Some(provider) = &settings.provider
        && facts.login().or(ours).is_none()
        && settings.login_use(&provider.value, Form::ChatGpt, None) == LoginUse::NotUsed
    {
        let what = format!("the provider {:?} ({}) does not use auth.json", provider.value, provider.place());
        findings.push(Finding::note(SUBJECT, what).lesson("provider-missing-key"));
    }
    findings.extend(selected_profile(facts).or_else(|| legacy_profile(facts)));
    findings
}

fn effect(effect: &Effect) -> Finding {
    let what = effect.to_string();
    let finding = match effect.kind {
        EffectKind::Deletes | EffectKind::Ignores => Finding::problem(SUBJECT, what),
        EffectKind::MayDelete | EffectKind::MayIgnore | EffectKind::SendsElsewhere => {
            Finding::note(SUBJECT, what)
        }
    };
    let (setting, file) = (&effect.setting, &effect.file);
    match setting.as_str() {
        "forced_login_method" => finding
            .lesson("forced-login-method")
            .advice(format!("remove {setting} from {file}, or deploy a login of that form")),
        "cli_auth_credentials_store" => {
            finding.lesson("keyring-store").advice(format!("set it to \"file\" in {file}"))
        }
        _ if effect.kind == EffectKind::SendsElsewhere => {
            finding.advice(format!("check that you trust that address, or remove {setting} from {file}"))
        }
        _ => finding.advice(format!("change {setting} in {file}")),
    }
}

/// A selected profile, with which codex 0.134 and later do not work at all.
fn selected_profile(facts: &Facts) -> Option<Finding> {
    let profile = facts.settings.profile.as_ref()?;
    let release = facts.codex.as_ref().and_then(|codex| codex.release.as_deref());
    let is_older = release
        .and_then(|release| semver::Version::parse(release).ok())
        .is_some_and(|release| release < PROFILES_ARE_FILES);
    let what = format!(
        "{} sets profile = {:?}: codex 0.134 and later then end at every call",
        profile.place(),
        profile.value
    );
    let finding = if is_older { Finding::note(SUBJECT, what) } else { Finding::problem(SUBJECT, what) };
    let file = format!("{}/{}.config.toml", facts.look.codex_home, profile.value);
    let advice = format!(
        "remove that line; if you need the profile, move its settings to {file} and give --profile {}",
        profile.value
    );
    Some(finding.lesson("profile-legacy").advice(advice))
}

/// The first release in which a profile is a file of its own.
const PROFILES_ARE_FILES: semver::Version = semver::Version::new(0, 134, 0);

/// The first profile in the form used before 0.134.
fn legacy_profile(facts: &Facts) -> Option<Finding> {
    let text = std::str::from_utf8(facts.look.config.bytes()?.expose()).ok()?;
    let table: toml::Table = toml::from_str(text).ok()?;
    let name = table.get("profiles")?.as_table()?.keys().next()?;
    let what = format!("config.toml has [profiles.{name}]; codex 0.134 and later refuse `-p {name}` then");
    let finding = Finding::note(SUBJECT, what).lesson("profile-legacy");
    Some(finding.advice(format!("move the table's settings to {}/{name}.config.toml", facts.look.codex_home)))
}
