//! A value of a configuration file with its place, and what is wrong with a file.

use std::fmt;

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
