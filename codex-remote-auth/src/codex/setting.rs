//! A value of a configuration file and its place, and what can be wrong with a file.

use std::fmt;

/// A configuration file of Codex. A later variant takes precedence over an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// `/etc/codex/config.toml`
    System,
    /// `$CODEX_HOME/config.toml`
    Account,
    /// `/etc/codex/managed_config.toml`
    Managed,
}

/// The content of a configuration file, if any. Its bytes can contain secrets: nothing here keeps or shows them.
#[derive(Clone, Copy)]
pub enum Found<'a> {
    /// The file does not exist.
    Absent,
    /// The file exists, but this account cannot read it. The text is the reason.
    Unreadable(&'a str),
    /// The content.
    Bytes(&'a [u8]),
}

/// A configuration file of a host.
#[derive(Clone, Copy)]
pub struct ConfigFile<'a> {
    /// Which one it is.
    pub layer: Layer,
    /// Its path, for messages.
    pub path: &'a str,
    /// Its content, if any.
    pub found: Found<'a>,
}

/// A value and where it was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// The file.
    pub file: String,
    /// The line in it, from 1.
    pub line: usize,
}

impl<T> Setting<T> {
    /// The file and the line.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// A file or a value that cannot be judged. It shows no content of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsProblem {
    /// The file.
    pub file: String,
    /// The line in it, from 1; `None` if the problem is not about one line.
    pub line: Option<usize>,
    /// What is wrong.
    pub fault: SettingsFault,
}

/// What is wrong with a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingsFault {
    /// It exists but cannot be read. The text is the reason.
    Unreadable(String),
    /// It is not UTF-8, so it is not TOML.
    NotUtf8,
    /// It is not TOML.
    NotToml,
    /// A setting has a value that this version does not know.
    UnknownValue(&'static str),
    /// A setting has none of the values that codex knows for it.
    NotAChoice {
        /// Its name.
        setting: &'static str,
        /// The values that codex knows.
        choices: String,
    },
    /// `model_providers` describes a provider that is built into codex. Then codex reads no configuration and ends
    /// (measured on 0.133.0 and 0.163.0).
    BuiltInProvider(&'static str),
    /// `model_provider` names a provider that nothing describes.
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
            SettingsFault::NotAChoice { setting, choices } => {
                write!(f, ": `{setting}` is not {choices}, so codex cannot read the file")
            }
            SettingsFault::BuiltInProvider(name) => {
                write!(
                    f,
                    ": `[model_providers.{name}]` describes a provider that is built into codex, so codex refuses the file; \
                     give it another name"
                )
            }
            SettingsFault::UnknownProvider => {
                f.write_str(": `model_provider` names a provider that no configuration file describes")
            }
        }
    }
}
