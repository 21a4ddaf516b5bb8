//! What the configuration files of a host say about logins, read as Codex reads them.
//!
//! TOML can spell one setting in many ways, so a text search could miss it. A missed setting costs a login, because
//! Codex deletes a login that does not fit. So the files are parsed here, and anything that cannot be judged is a
//! [`SettingsProblem`].

use std::collections::BTreeMap;

use super::layers::{Document, Layers};
use super::provider::Provider;
use super::setting::{ConfigFile, Setting, SettingsFault, SettingsProblem};

/// The environment variables that `codex exec` uses instead of auth.json, if they contain more than white space
/// (measured on 0.163.0). `OPENAI_API_KEY` is not one of them.
pub fn variables_that_replace_the_login() -> &'static [&'static str] {
    &["CODEX_API_KEY", "CODEX_ACCESS_TOKEN"]
}

/// `forced_login_method`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginMethod {
    /// An API key.
    Api,
    /// A login of a ChatGPT account.
    ChatGpt,
}

/// `cli_auth_credentials_store`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// auth.json.
    File,
    /// The keyring of the desktop.
    Keyring,
    /// The keyring, or auth.json if there is no keyring.
    Auto,
    /// The memory of one process.
    Ephemeral,
}

impl Store {
    /// The value as the configuration spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Keyring => "keyring",
            Self::Auto => "auto",
            Self::Ephemeral => "ephemeral",
        }
    }
}

/// The settings of a host that concern logins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// `forced_login_method`: Codex deletes a login of the other kind.
    pub forced_login_method: Option<Setting<LoginMethod>>,
    /// `forced_chatgpt_workspace_id`: Codex deletes a ChatGPT login of another workspace. Never empty.
    pub forced_workspaces: Option<Setting<Vec<String>>>,
    /// `cli_auth_credentials_store`
    pub store: Option<Setting<Store>>,
    /// `profile`: the selected profile. Codex 0.134 and later end at every call if it is set.
    pub profile: Option<Setting<String>>,
    /// `model_provider`, from the selected profile if that names one. Without it, Codex uses OpenAI.
    pub provider: Option<Setting<String>>,
    /// What each `[model_providers.NAME]` says.
    pub providers: BTreeMap<String, Provider>,
    /// Where `openai_base_url` is set: codex asks that address instead of OpenAI's. The address itself is not kept: it may
    /// contain a secret.
    pub address: Option<Setting<()>>,
    /// Where the account sets `openai_base_url` to an address that is not OpenAI's.
    pub own_address: Option<Setting<()>>,
    /// The same of `chatgpt_base_url`, which gets the login of a ChatGPT account.
    pub own_chatgpt_address: Option<Setting<()>>,
    /// The same of `base_url` of the selected provider, if it is not codex's own.
    pub own_provider_address: Option<Setting<()>>,
    /// What could not be judged. If this is not empty, the settings may be incomplete.
    pub problems: Vec<SettingsProblem>,
}

impl Settings {
    /// Reads the files. Their order does not matter.
    pub fn read(files: &[ConfigFile<'_>]) -> Self {
        let mut settings = Self::default();
        let mut documents = Vec::new();
        for file in files {
            match Document::parse(file) {
                Ok(document) => documents.extend(document),
                Err(problem) => settings.problems.push(problem),
            }
        }
        let layers = Layers::new(documents);

        let problems = &mut settings.problems;
        layers.check_tables(problems);
        let methods = [("api", LoginMethod::Api), ("chatgpt", LoginMethod::ChatGpt)];
        settings.forced_login_method = layers.choice("forced_login_method", &methods, problems);
        let stores =
            [Store::File, Store::Keyring, Store::Auto, Store::Ephemeral].map(|store| (store.as_str(), store));
        settings.store = layers.choice("cli_auth_credentials_store", &stores, problems);
        settings.forced_workspaces = layers.workspaces(problems);
        settings.profile = layers.text(&["profile"], "profile", problems);
        settings.provider = layers.provider(settings.profile.as_ref(), problems);
        settings.address = layers.get(&["openai_base_url"]).map(|at| at.setting(()));
        settings.own_address = layers.other_address(&["openai_base_url"]);
        settings.own_chatgpt_address = layers.other_address(&["chatgpt_base_url"]);
        settings.own_provider_address = settings
            .provider
            .as_ref()
            .and_then(|named| layers.other_address(&["model_providers", &named.value, "base_url"]));
        for name in layers.provider_names() {
            let provider = Provider::read(&layers, &name, problems);
            settings.providers.insert(name, provider);
        }
        if let Some(named) = &settings.provider
            && !settings.describes(&named.value)
        {
            let (file, line) = (named.file.clone(), Some(named.line));
            settings.problems.push(SettingsProblem { file, line, fault: SettingsFault::UnknownProvider });
        }
        settings
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
