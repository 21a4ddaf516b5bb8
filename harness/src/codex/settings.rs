//! What a host's configuration files say about logins, read as Codex reads them.
//!
//! A setting found by a pattern is missed where TOML is spelled in another way, and a missed setting costs a login: Codex
//! deletes one that does not fit. So the files are parsed here, and what cannot be judged is a [`SettingsProblem`].

use std::collections::BTreeMap;
use std::fmt;

use super::layers::{Document, Layers};
use super::provider::Provider;

/// The environment variables that `codex exec` uses in place of auth.json, where they hold more than white space
/// (measured on 0.163.0). `OPENAI_API_KEY` is not one of them.
pub fn variables_that_replace_the_login() -> &'static [&'static str] {
    &["CODEX_API_KEY", "CODEX_ACCESS_TOKEN"]
}

/// One of the files that Codex reads its configuration from; a later one goes before an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// `/etc/codex/config.toml`
    System,
    /// `$CODEX_HOME/config.toml`
    Account,
    /// `/etc/codex/managed_config.toml`
    Managed,
}

/// What was found where a configuration file belongs. Its bytes can hold secrets: nothing here keeps or shows them.
#[derive(Clone, Copy)]
pub enum Found<'a> {
    /// There is none.
    Absent,
    /// There is one, and this account cannot read it, for the reason that the host gave.
    Unreadable(&'a str),
    /// Its content.
    Bytes(&'a [u8]),
}

/// A configuration file of a host.
#[derive(Clone, Copy)]
pub struct ConfigFile<'a> {
    /// Which one it is.
    pub layer: Layer,
    /// Its path, for messages.
    pub path: &'a str,
    /// What was found there.
    pub found: Found<'a>,
}

/// A value, and where it was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// What it is set to.
    pub value: T,
    /// The file.
    pub file: String,
    /// The line in it, from 1.
    pub line: usize,
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
    /// The keyring, or auth.json where there is none.
    Auto,
    /// The memory of one process.
    Ephemeral,
}

impl Store {
    /// As it is written in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Keyring => "keyring",
            Self::Auto => "auto",
            Self::Ephemeral => "ephemeral",
        }
    }
}

/// A file or a value that cannot be judged. It shows nothing of what the file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsProblem {
    /// The file.
    pub file: String,
    /// The line in it, from 1; `None` where it is about the whole file.
    pub line: Option<usize>,
    /// What is wrong.
    pub fault: SettingsFault,
}

/// What is wrong with a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingsFault {
    /// It is there and cannot be read, for the reason that the host gave.
    Unreadable(String),
    /// It is not UTF-8, so it is not TOML.
    NotUtf8,
    /// It is not TOML.
    NotToml,
    /// A setting has a value that this version does not know.
    UnknownValue(&'static str),
    /// `model_provider` names a provider that is described nowhere.
    UnknownProvider,
}

impl fmt::Display for SettingsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        match &self.fault {
            SettingsFault::Unreadable(reason) => write!(f, ": cannot be read: {reason}"),
            SettingsFault::NotUtf8 => f.write_str(": is not UTF-8, so codex cannot read it"),
            SettingsFault::NotToml => f.write_str(": is not TOML, so codex cannot read it"),
            SettingsFault::UnknownValue(setting) => {
                write!(f, ": `{setting}` has a value that this program does not know")
            }
            SettingsFault::UnknownProvider => {
                f.write_str(": `model_provider` names a provider that no configuration file describes")
            }
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
    /// `model_provider`, of the selected profile where that names one. Without it, Codex asks OpenAI.
    pub provider: Option<Setting<String>>,
    /// What `[model_providers.NAME]` says of each.
    pub providers: BTreeMap<String, Provider>,
    /// What could not be judged. Where there is anything, the settings are not known to be complete.
    pub problems: Vec<SettingsProblem>,
}

impl Settings {
    /// Reads the files, in any order.
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
        settings.provider = layers.provider(problems);
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
