//! The programs of which real releases can be had.

use std::fmt;

use serde::Deserialize;

/// A program of which real releases can be had.
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

    /// What it is called, which is the name of its program too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Codex => "codex",
            Self::Claude => "claude",
        }
    }

    /// The package on the index that brings it.
    pub fn package(self) -> &'static str {
        match self {
            Self::Codex => "openai-codex-cli-bin",
            Self::Claude => "claude-agent-sdk",
        }
    }

    /// The member of the package's wheel that is the program.
    pub(super) fn member(self) -> &'static str {
        match self {
            Self::Codex => "codex_cli_bin/bin/codex",
            Self::Claude => "claude_agent_sdk/_bundled/claude",
        }
    }

    /// The member that holds the program's version, where the package counts its own.
    pub(super) fn version_member(self) -> Option<&'static str> {
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
