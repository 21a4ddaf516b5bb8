//! Where codex was found on the host, and how to put it on the PATH of every command.

use std::fmt;

use super::quote;

/// A codex on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCodex {
    /// Its path on the host.
    pub path: String,
    /// How it was found.
    pub by: FoundBy,
    /// The release that it prints; `None` if it was not asked, or did not say.
    pub release: Option<String>,
    /// The account's login shell, as a name or a path.
    pub shell: String,
}

/// How a codex was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// The caller named it.
    Given,
    /// On the PATH of a plain command.
    Path,
    /// Only on the PATH of a login shell.
    LoginPath,
    /// In a directory where installers put it, and not on any PATH.
    Place,
}

impl FoundBy {
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "given" => Some(Self::Given),
            "path" => Some(Self::Path),
            "login-path" => Some(Self::LoginPath),
            "place" => Some(Self::Place),
            _ => None,
        }
    }

    /// One word, for machine-readable output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Path => "path",
            Self::LoginPath => "login-path",
            Self::Place => "place",
        }
    }
}

impl fmt::Display for FoundBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given => "as you named it",
            Self::Path => "on the PATH",
            Self::LoginPath => "only on the PATH of a login shell",
            Self::Place => "not on the PATH",
        })
    }
}

impl FoundCodex {
    /// The line that puts codex on the PATH of plain commands, and the file of this login shell that it belongs to (at
    /// the top). `None` if codex is on that PATH, if the caller named it, or if the shell is unknown or reads no file
    /// for a plain command.
    pub fn path_line(&self) -> Option<(String, &'static str)> {
        if !matches!(self.by, FoundBy::LoginPath | FoundBy::Place) {
            return None;
        }
        let (directory, _) = self.path.rsplit_once('/')?;
        let posix = || format!("export PATH={}:\"$PATH\"", quote(directory));
        match self.shell.rsplit('/').next().unwrap_or_default() {
            "bash" => Some((posix(), "~/.bashrc")),
            "zsh" => Some((posix(), "~/.zshenv")),
            "fish" => Some((format!("fish_add_path {}", quote(directory)), "~/.config/fish/config.fish")),
            "csh" | "tcsh" => Some((format!("setenv PATH {}:$PATH", quote(directory)), "~/.cshrc")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shell_has_its_own_file_and_some_have_none() {
        let line = |shell: &str, by| {
            let path = "/home/me/my bin/codex".to_owned();
            FoundCodex { path, by, release: None, shell: shell.to_owned() }.path_line()
        };
        let zsh = line("/usr/bin/zsh", FoundBy::Place).unwrap();
        assert_eq!(zsh, ("export PATH='/home/me/my bin':\"$PATH\"".to_owned(), "~/.zshenv"));
        assert_eq!(line("/bin/bash", FoundBy::LoginPath).unwrap().1, "~/.bashrc");
        assert!(line("/bin/dash", FoundBy::Place).is_none());
        assert!(line("/bin/bash", FoundBy::Path).is_none());
    }
}
