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
    /// In a folder of that PATH that begins with a `~`, which only bash expands.
    TildePath,
    /// Only on the PATH of a login shell.
    LoginPath,
    /// Only on the PATH of an interactive shell, as at a terminal.
    TerminalPath,
    /// Only as an alias of a login shell or of an interactive shell.
    Alias,
    /// In a directory where installers put it, and not on any PATH.
    Place,
}

impl FoundBy {
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "given" => Some(Self::Given),
            "path" => Some(Self::Path),
            "tilde-path" => Some(Self::TildePath),
            "login-path" => Some(Self::LoginPath),
            "terminal-path" => Some(Self::TerminalPath),
            "alias" => Some(Self::Alias),
            "place" => Some(Self::Place),
            _ => None,
        }
    }

    /// One word, for machine-readable output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Path => "path",
            Self::TildePath => "tilde-path",
            Self::LoginPath => "login-path",
            Self::TerminalPath => "terminal-path",
            Self::Alias => "alias",
            Self::Place => "place",
        }
    }
}

/// tcsh reads the second file only if there is no first one.
const TCSHRC: &str = "~/.tcshrc (or ~/.cshrc if there is no ~/.tcshrc)";

/// Something with the name of codex that no command over SSH can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NearMiss {
    /// A link to a file that does not exist; the path of the link.
    BrokenLink(String),
    /// An alias of the account's shell that is not only the path of a program.
    ShellAlias,
    /// A function of the account's shell.
    ShellFunction,
}

impl fmt::Display for NearMiss {
    /// What to add to the message that codex was not found.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::BrokenLink(link) => return write!(f, "; {link} is a link to a file that does not exist"),
            Self::ShellAlias => "an alias",
            Self::ShellFunction => "a function",
        };
        write!(
            f,
            "; in a terminal, codex is {what} of the shell, which a command over SSH does not have: make a script of it, \
             for example ~/.local/bin/codex"
        )
    }
}

impl fmt::Display for FoundBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given => "as you named it",
            Self::Path => "on the PATH",
            Self::TildePath => "on the PATH by a folder that begins with `~`, which only bash expands",
            Self::LoginPath => "only on the PATH of a login shell",
            Self::TerminalPath => "only on the PATH of a terminal",
            Self::Alias => "only as an alias of a terminal",
            Self::Place => "not on the PATH",
        })
    }
}

impl FoundCodex {
    /// Whether every plain command finds it, or the caller named it.
    pub fn is_on_path(&self) -> bool {
        matches!(self.by, FoundBy::Given | FoundBy::Path)
    }

    /// The line that puts codex on the PATH of plain commands, and the file of this login shell that it belongs to (at
    /// the top). `None` if codex is on that PATH, if the caller named it, or if the shell is unknown or reads no file
    /// for a plain command, or if the file has another name than codex, as one that an alias names.
    pub fn path_line(&self) -> Option<(String, &'static str)> {
        if self.is_on_path() {
            return None;
        }
        let (directory, _) = self.path.rsplit_once('/').filter(|(_, name)| *name == "codex")?;
        let directory = quote(directory);
        let posix = || format!("export PATH={directory}:\"$PATH\"");
        match self.shell.rsplit('/').next().unwrap_or_default() {
            "bash" => Some((posix(), "~/.bashrc")),
            "zsh" => Some((posix(), "~/.zshenv")),
            "fish" => Some((format!("fish_add_path {directory}"), "~/.config/fish/config.fish")),
            "csh" => Some((format!("setenv PATH {directory}:\"$PATH\""), "~/.cshrc")),
            "tcsh" => Some((format!("setenv PATH {directory}:\"$PATH\""), TCSHRC)),
            _ => None,
        }
    }

    /// Why there is no such line for a codex that is not on the PATH.
    pub fn why_no_path_line(&self) -> &'static str {
        if self.path.ends_with("/codex") {
            "this shell reads no rc file for a plain command"
        } else {
            "a command over SSH has no aliases"
        }
    }

    /// The command for the host that makes plain commands find codex if the login shell reads no file for them. It needs
    /// an administrator.
    pub fn link_command(&self) -> String {
        format!("sudo ln -s {} /usr/local/bin/codex", quote(&self.path))
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
        for shell in
            ["/bin/dash", "/bin/mksh", "/bin/ksh93", "/usr/bin/elvish", "/usr/bin/xonsh", "/usr/bin/nu"]
        {
            assert!(line(shell, FoundBy::Place).is_none(), "{shell}");
        }
        let fish = line("/usr/bin/fish", FoundBy::TerminalPath).unwrap();
        assert_eq!(fish, ("fish_add_path '/home/me/my bin'".to_owned(), "~/.config/fish/config.fish"));
        let csh = line("/bin/tcsh", FoundBy::TildePath).unwrap();
        assert_eq!(csh, ("setenv PATH '/home/me/my bin':\"$PATH\"".to_owned(), TCSHRC));
        assert!(line("/bin/bash", FoundBy::Path).is_none());
        assert_eq!(line("/bin/bash", FoundBy::Alias).unwrap().1, "~/.bashrc");
        let path = "/opt/codex-linux".to_owned();
        let other = FoundCodex { path, by: FoundBy::Alias, release: None, shell: "bash".to_owned() };
        assert!(other.path_line().is_none(), "the folder on the PATH would not help");
        assert_eq!(other.why_no_path_line(), "a command over SSH has no aliases");
    }
}
