//! Parses the configuration files of Codex and merges them as Codex does.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::setting::{ConfigFile, Found, Layer, Setting, SettingsFault, SettingsProblem};

/// One file, parsed.
pub(super) struct Document<'a> {
    layer: Layer,
    path: &'a str,
    text: &'a str,
    table: Spanned<DeTable<'a>>,
}

impl<'a> Document<'a> {
    pub(super) fn parse(file: &ConfigFile<'a>) -> Result<Option<Self>, SettingsProblem> {
        let problem = |line, fault| SettingsProblem { file: file.path.to_owned(), line, fault };
        let bytes = match file.found {
            Found::Absent => return Ok(None),
            Found::Unreadable(why) => return Err(problem(None, SettingsFault::Unreadable(why.to_owned()))),
            Found::Bytes(bytes) => bytes,
        };
        let text = std::str::from_utf8(bytes).map_err(|_| problem(None, SettingsFault::NotUtf8))?;
        // The parser's message quotes its input, so only the position is kept.
        let table = DeTable::parse(text).map_err(|error| {
            problem(error.span().map(|span| line_at(text, span.start)), SettingsFault::NotToml)
        })?;
        Ok(Some(Self { layer: file.layer, path: file.path, text, table }))
    }

    fn at<'l>(&'l self, value: &'l Spanned<DeValue<'a>>) -> At<'l> {
        let line = line_at(self.text, value.span().start);
        At { value: value.get_ref(), file: self.path, line, layer: self.layer }
    }
}

fn line_at(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// All files, highest precedence first.
pub(super) struct Layers<'a>(Vec<Document<'a>>);

/// The tables of tables that settings are read from.
const TABLES: [&str; 2] = ["model_providers", "profiles"];

/// The providers that codex does not let a configuration describe.
const BUILT_IN: [&str; 3] = ["openai", "ollama", "lmstudio"];

/// A value in one of the files.
pub(super) struct At<'l> {
    pub(super) value: &'l DeValue<'l>,
    file: &'l str,
    line: usize,
    layer: Layer,
}

impl At<'_> {
    pub(super) fn setting<T>(&self, value: T) -> Setting<T> {
        Setting { value, file: self.file.to_owned(), line: self.line }
    }

    pub(super) fn unknown_value(&self, setting: &'static str) -> SettingsProblem {
        self.problem(SettingsFault::UnknownValue(setting))
    }

    fn problem(&self, fault: SettingsFault) -> SettingsProblem {
        SettingsProblem { file: self.file.to_owned(), line: Some(self.line), fault }
    }
}

impl<'a> Layers<'a> {
    pub(super) fn new(mut documents: Vec<Document<'a>>) -> Self {
        documents.sort_by_key(|document| std::cmp::Reverse(document.layer));
        Self(documents)
    }
}

impl Layers<'_> {
    /// Any other value instead of a table cannot be judged: it may hide the tables of the other files.
    pub(super) fn check_tables(&self, problems: &mut Vec<SettingsProblem>) {
        for document in &self.0 {
            for name in TABLES {
                let Some(outer) = document.table.get_ref().get(name) else { continue };
                let inner = outer.get_ref().as_table().into_iter().flat_map(|table| table.values());
                if let Some(value) =
                    std::iter::once(outer).chain(inner).find(|value| !value.get_ref().is_table())
                {
                    problems.push(document.at(value).unknown_value(name));
                }
            }
            let described = document.table.get_ref().get("model_providers");
            for name in BUILT_IN {
                if let Some(value) = described.and_then(|outer| outer.get_ref().as_table()?.get(name)) {
                    problems.push(document.at(value).problem(SettingsFault::BuiltInProvider(name)));
                }
            }
        }
    }

    /// The value at a path of names. Codex merges tables of several files by name, and so does this.
    pub(super) fn get(&self, path: &[&str]) -> Option<At<'_>> {
        for document in &self.0 {
            let mut names = path.iter();
            let mut at = document.table.get_ref().get(*names.next()?);
            for name in names {
                at = at.and_then(|value| value.get_ref().as_table()?.get(*name));
            }
            if let Some(value) = at {
                return Some(document.at(value));
            }
        }
        None
    }

    /// A string at a path. A value of another type is added to `problems`; a missing value is not a problem.
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

    pub(super) fn choice<T: Copy>(
        &self,
        setting: &'static str,
        choices: &[(&str, T)],
        problems: &mut Vec<SettingsProblem>,
    ) -> Option<Setting<T>> {
        let at = self.get(&[setting])?;
        let chosen =
            choices.iter().find(|(name, _)| matches!(at.value, DeValue::String(text) if text == name));
        if chosen.is_none() {
            let names: Vec<String> = choices.iter().map(|(name, _)| format!("{name:?}")).collect();
            let choices = match &names[..] {
                [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
                all => all.concat(),
            };
            problems.push(at.problem(SettingsFault::NotAChoice { setting, choices }));
        }
        chosen.map(|(_, value)| at.setting(*value))
    }

    /// A string or a list of strings. Empty values restrict nothing, and Codex refuses a comma in a single string.
    pub(super) fn workspaces(&self, problems: &mut Vec<SettingsProblem>) -> Option<Setting<Vec<String>>> {
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

    /// `model_provider`. Before 0.134, the value in the selected profile takes precedence; later releases refuse such a
    /// profile.
    pub(super) fn provider(
        &self,
        profile: Option<&Setting<String>>,
        problems: &mut Vec<SettingsProblem>,
    ) -> Option<Setting<String>> {
        profile
            .and_then(|profile| {
                self.text(&["profiles", &profile.value, "model_provider"], "model_provider", problems)
            })
            .or_else(|| self.text(&["model_provider"], "model_provider", problems))
    }

    /// Where the account's own file sets an address, if it is not one of OpenAI's by https. An administrator, who writes the
    /// other files, can read every login of the host anyway.
    pub(super) fn other_address(&self, path: &[&str]) -> Option<Setting<()>> {
        let at = self.get(path).filter(|at| at.layer == Layer::Account)?;
        let is_openais =
            at.value.as_str().and_then(|address| address.strip_prefix("https://")).is_some_and(|rest| {
                let host = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
                ["openai.com", "chatgpt.com"]
                    .iter()
                    .any(|own| host == *own || host.ends_with(&format!(".{own}")))
            });
        (!is_openais).then(|| at.setting(()))
    }

    pub(super) fn provider_names(&self) -> Vec<String> {
        let tables = self.0.iter().filter_map(|document| {
            document.table.get_ref().get("model_providers").and_then(|value| value.get_ref().as_table())
        });
        tables.flat_map(|table| table.keys().map(|name| name.get_ref().clone().into_owned())).collect()
    }
}
