//! What the settings of a host will do to a login, known before the login is sent.

use std::fmt;

use super::login_use::{LoginUse, OPENAI};
use super::setting::Setting;
use super::settings::{LoginMethod, Settings, Store};
use crate::auth_json::{AuthFile, Form};

/// What a setting does to a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// What happens to the login.
    pub kind: EffectKind,
    /// The name of the setting, as the file spells it.
    pub setting: String,
    /// The value, as shown to a person.
    pub value: String,
    /// The file that sets it.
    pub file: String,
    /// The line in that file, from 1.
    pub line: usize,
}

/// What happens to a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EffectKind {
    /// Codex deletes auth.json on its first call.
    Deletes,
    /// Codex may delete auth.json on its first call, depending on what the service says about the login.
    MayDelete,
    /// Codex does not use auth.json.
    Ignores,
    /// Codex possibly does not use auth.json.
    MayIgnore,
    /// Codex sends the login to another address than OpenAI's.
    SendsElsewhere,
}

impl Effect {
    /// The file and the line.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            EffectKind::Deletes => "codex deletes this login at its first call",
            EffectKind::MayDelete => "codex may delete this login at its first call",
            EffectKind::Ignores => "codex does not use this login",
            EffectKind::MayIgnore => "codex may not use this login",
            // The address may contain a secret.
            EffectKind::SendsElsewhere => {
                let place = self.place();
                return write!(
                    f,
                    "codex sends this login to the address in {place} ({}), not to OpenAI",
                    self.setting
                );
            }
        };
        write!(f, "{what}: {} sets {} = {}", self.place(), self.setting, self.value)
    }
}

fn effect<T>(kind: EffectKind, name: &str, setting: &Setting<T>, value: impl fmt::Debug) -> Effect {
    Effect {
        kind,
        setting: name.to_owned(),
        value: format!("{value:?}"),
        file: setting.file.clone(),
        line: setting.line,
    }
}

impl Settings {
    /// What these settings do to this login, the worst effect first. Empty if they do nothing to it. Settings that
    /// could not be judged are in [`problems`](Self::problems).
    pub fn effects_on(&self, auth: &AuthFile) -> Vec<Effect> {
        let mut effects: Vec<Effect> = [
            self.forced_method_on(auth.form()),
            self.forced_workspace_on(auth),
            self.store_on(),
            self.provider_on(auth.form()),
            self.address_for(auth.form()),
        ]
        .into_iter()
        .flatten()
        .collect();
        effects.sort_by_key(|effect| effect.kind);
        effects
    }

    fn forced_method_on(&self, form: Form) -> Option<Effect> {
        let forced = self.forced_login_method.as_ref()?;
        let (name, fits) = match forced.value {
            LoginMethod::Api => ("api", is_key(form)),
            LoginMethod::ChatGpt => ("chatgpt", !is_key(form)),
        };
        (!fits).then(|| effect(EffectKind::Deletes, "forced_login_method", forced, name))
    }

    /// A ChatGPT login that was never refreshed counts as one without a workspace (measured on 0.163.0).
    fn forced_workspace_on(&self, auth: &AuthFile) -> Option<Effect> {
        let forced = self.forced_workspaces.as_ref()?;
        let kind = match auth.form() {
            form if is_key(form) => return None,
            Form::ChatGpt => {
                let ours = auth.workspace().filter(|_| auth.last_refresh().is_some());
                let fits = |ours: &[u8]| forced.value.iter().any(|id| id.as_bytes() == ours);
                if ours.is_some_and(|ours| fits(ours.expose())) {
                    return None;
                }
                EffectKind::Deletes
            }
            // Only the service knows the workspace of the other forms.
            _ => EffectKind::MayDelete,
        };
        Some(match &forced.value[..] {
            [one] => effect(kind, "forced_chatgpt_workspace_id", forced, one),
            several => effect(kind, "forced_chatgpt_workspace_id", forced, several),
        })
    }

    fn address_for(&self, form: Form) -> Option<Effect> {
        let of_provider = self
            .own_provider_address
            .as_ref()
            .filter(|_| self.login_use(self.provider_name(), form, None) == LoginUse::Used);
        let of_openai = self.own_address.as_ref().filter(|_| self.provider_name() == OPENAI);
        let of_chatgpt = self.own_chatgpt_address.as_ref().filter(|_| !is_key(form));
        let (name, setting) = of_openai
            .map(|set| ("openai_base_url", set))
            .or_else(|| of_provider.map(|set| ("base_url", set)))
            .or_else(|| of_chatgpt.map(|set| ("chatgpt_base_url", set)))?;
        Some(effect(EffectKind::SendsElsewhere, name, setting, ""))
    }

    fn store_on(&self) -> Option<Effect> {
        let store = self.store.as_ref()?;
        let kind = match store.value {
            Store::File => return None,
            Store::Keyring | Store::Ephemeral => EffectKind::Ignores,
            Store::Auto => EffectKind::MayIgnore,
        };
        Some(effect(kind, "cli_auth_credentials_store", store, store.value.as_str()))
    }

    fn provider_on(&self, form: Form) -> Option<Effect> {
        let named = self.provider.as_ref()?;
        let kind = match self.login_use(&named.value, form, None) {
            LoginUse::Used => return None,
            LoginUse::NotUsed => EffectKind::Ignores,
            LoginUse::Unknown => EffectKind::MayIgnore,
        };
        let provider = self.providers.get(&named.value);
        if let Some(key) = provider.and_then(|provider| provider.env_key.as_ref()) {
            return Some(effect(kind, "env_key", key, &key.value));
        }
        Some(effect(kind, "model_provider", named, &named.value))
    }
}

/// Whether `forced_login_method` counts this form as an API key.
fn is_key(form: Form) -> bool {
    matches!(form, Form::ApiKey | Form::BedrockApiKey | Form::BedrockAccessKeys)
}
