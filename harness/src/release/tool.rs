//! The programs whose real releases are tested.

use std::fmt;

use serde::Deserialize;

/// A program whose real releases are tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    /// OpenAI's Codex CLI.
    Codex,
    /// Anthropic's Claude Code.
    Claude,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Codex, Self::Claude];

    /// Its name, which is also the name of its program.
    pub fn name(self) -> &'static str {
        match self {
            Self::Codex => "codex",
            Self::Claude => "claude",
        }
    }

    /// The package on the index that contains it.
    pub fn package(self) -> &'static str {
        match self {
            Self::Codex => "openai-codex-cli-bin",
            Self::Claude => "claude-agent-sdk",
        }
    }

    /// Where the program is in the installed package.
    pub(super) fn program_file(self) -> &'static str {
        match self {
            Self::Codex => "codex_cli_bin/bin/codex",
            Self::Claude => "claude_agent_sdk/_bundled/claude",
        }
    }

    /// The installed file that says which version the program has, if the package has version numbers of its own.
    pub(super) fn version_file(self) -> Option<&'static str> {
        match self {
            Self::Codex => None,
            Self::Claude => Some("claude_agent_sdk/_bundled/claude.version"),
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
