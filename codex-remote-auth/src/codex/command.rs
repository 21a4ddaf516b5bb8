//! Writes a call of codex for a remote shell.

use crate::message::quote;

/// A non-interactive call: `codex exec --skip-git-repo-check PROMPT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodexCommand {
    /// The program as the shell finds it: a name on the PATH, or a path. A leading `~/` stands for the home directory.
    pub program: String,
    /// The prompt.
    pub prompt: String,
    /// A line that the shell runs first, for example if only an rc file sets the PATH.
    pub init: Option<String>,
}

impl CodexCommand {
    /// A call of the codex on the PATH.
    pub fn new(prompt: impl Into<String>) -> Self {
        Self { program: "codex".to_owned(), prompt: prompt.into(), init: None }
    }

    /// The call as one line for a POSIX shell.
    pub fn to_shell(&self) -> String {
        let program = match self.program.strip_prefix("~/") {
            Some(rest) => format!("~/{}", quote(rest)),
            None => quote(&self.program),
        };
        let init = self.init.as_ref().map(|line| format!("{line}; ")).unwrap_or_default();
        format!("{init}{program} exec --skip-git-repo-check {}", quote(&self.prompt))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_path_stays_expandable_and_the_prompt_is_one_word() {
        let mut command = CodexCommand::new("it's 5 o'clock");
        command.program = "~/symlinks/codex".to_owned();
        assert_eq!(command.to_shell(), r"~/symlinks/codex exec --skip-git-repo-check 'it'\''s 5 o'\''clock'");
    }
}
