//! What a host's configuration files say about logins, read as Codex reads them.
//!
//! A setting found by a pattern is missed where TOML is spelled in another way, and a missed setting costs a login: Codex
//! deletes one that does not fit. So the files are parsed here, and what cannot be judged is a [`SettingsProblem`].

use std::collections::BTreeMap;
use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

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
        documents.sort_by_key(|document| std::cmp::Reverse(document.layer));
        let layers = Layers(documents);

        let problems = &mut settings.problems;
        let methods = [("api", LoginMethod::Api), ("chatgpt", LoginMethod::ChatGpt)];
        settings.forced_login_method = layers.choice("forced_login_method", &methods, problems);
        let stores = [
            ("file", Store::File),
            ("keyring", Store::Keyring),
            ("auto", Store::Auto),
            ("ephemeral", Store::Ephemeral),
        ];
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

/// One file, parsed.
struct Document<'a> {
    layer: Layer,
    path: &'a str,
    text: &'a str,
    table: Spanned<DeTable<'a>>,
}

impl<'a> Document<'a> {
    fn parse(file: &ConfigFile<'a>) -> Result<Option<Self>, SettingsProblem> {
        let problem = |line, fault| SettingsProblem { file: file.path.to_owned(), line, fault };
        let bytes = match file.found {
            Found::Absent => return Ok(None),
            Found::Unreadable(why) => return Err(problem(None, SettingsFault::Unreadable(why.to_owned()))),
            Found::Bytes(bytes) => bytes,
        };
        let text = std::str::from_utf8(bytes).map_err(|_| problem(None, SettingsFault::NotUtf8))?;
        // The parser's own message quotes what it read, so only its position is kept.
        let table = DeTable::parse(text).map_err(|error| {
            problem(error.span().map(|span| line_at(text, span.start)), SettingsFault::NotToml)
        })?;
        Ok(Some(Self { layer: file.layer, path: file.path, text, table }))
    }
}

fn line_at(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// All files, the one that counts most first.
pub(super) struct Layers<'a>(Vec<Document<'a>>);

/// A value in one of the files.
pub(super) struct At<'l> {
    pub(super) value: &'l DeValue<'l>,
    file: &'l str,
    line: usize,
}

impl At<'_> {
    pub(super) fn setting<T>(&self, value: T) -> Setting<T> {
        Setting { value, file: self.file.to_owned(), line: self.line }
    }

    pub(super) fn unknown_value(&self, setting: &'static str) -> SettingsProblem {
        let fault = SettingsFault::UnknownValue(setting);
        SettingsProblem { file: self.file.to_owned(), line: Some(self.line), fault }
    }
}

impl Layers<'_> {
    /// The value at a path of names. Tables of several files are merged by their names, as Codex does it.
    pub(super) fn get(&self, path: &[&str]) -> Option<At<'_>> {
        for document in &self.0 {
            let mut names = path.iter();
            let mut at = document.table.get_ref().get(*names.next()?);
            for name in names {
                at = match at.map(Spanned::get_ref) {
                    Some(DeValue::Table(table)) => table.get(*name),
                    // Something else in the place of a table hides the tables of the files below it.
                    Some(_) => return None,
                    None => None,
                };
            }
            if let Some(value) = at {
                let line = line_at(document.text, value.span().start);
                return Some(At { value: value.get_ref(), file: document.path, line });
            }
        }
        None
    }

    /// A string at a path; another value is a problem, and no value none.
    pub(super) fn text(
        &self,
        path: &[&str],
        setting: &'static str,
        problems: &mut Vec<SettingsProblem>,
    ) -> Option<Setting<String>> {
        let at = self.get(path)?;
        match at.value {
            DeValue::String(text) => Some(at.setting(text.clone().into_owned())),
            _ => {
                problems.push(at.unknown_value(setting));
                None
            }
        }
    }

    fn choice<T: Copy>(
        &self,
        setting: &'static str,
        choices: &[(&str, T)],
        problems: &mut Vec<SettingsProblem>,
    ) -> Option<Setting<T>> {
        let at = self.get(&[setting])?;
        let chosen =
            choices.iter().find(|(name, _)| matches!(at.value, DeValue::String(text) if text == name));
        if chosen.is_none() {
            problems.push(at.unknown_value(setting));
        }
        chosen.map(|(_, value)| at.setting(*value))
    }

    /// A string or a list of them. What is empty restricts nothing, and Codex refuses a comma in a single string.
    fn workspaces(&self, problems: &mut Vec<SettingsProblem>) -> Option<Setting<Vec<String>>> {
        let setting = "forced_chatgpt_workspace_id";
        let at = self.get(&[setting])?;
        let texts: Option<Vec<&str>> = match at.value {
            DeValue::String(text) if !text.contains(',') => Some(vec![text]),
            DeValue::Array(values) => values.iter().map(|value| value.get_ref().as_str()).collect(),
            _ => None,
        };
        let Some(texts) = texts else {
            problems.push(at.unknown_value(setting));
            return None;
        };
        let ids: Vec<String> =
            texts.into_iter().map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
        (!ids.is_empty()).then(|| at.setting(ids))
    }

    /// `model_provider`. Before 0.134 that of the selected profile counts; later releases refuse such a profile.
    fn provider(&self, problems: &mut Vec<SettingsProblem>) -> Option<Setting<String>> {
        let profile = self.text(&["profile"], "profile", problems);
        profile
            .and_then(|profile| {
                self.text(&["profiles", &profile.value, "model_provider"], "model_provider", problems)
            })
            .or_else(|| self.text(&["model_provider"], "model_provider", problems))
    }

    fn provider_names(&self) -> Vec<String> {
        let tables = self.0.iter().filter_map(|document| document.table.get_ref().get("model_providers"));
        let tables = tables.filter_map(|value| match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => None,
        });
        tables.flat_map(|table| table.keys().map(|name| name.get_ref().clone().into_owned())).collect()
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
