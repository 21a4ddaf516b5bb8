//! How much a person wants to read: `-q` and `-v`.

use clap::{ArgAction, Args};

use super::help;
use crate::ssh::Detail;

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct VerbosityArgs {
    /// Show only problems: errors, warnings, and hosts that failed
    #[arg(short, long, help_heading = help::OUTPUT, conflicts_with = "verbose")]
    quiet: bool,
    /// Show how each host is reached; -vv and -vvv show more
    ///
    /// -v shows addresses, host keys and the keys that were offered; -vv also the algorithms; -vvv also what `ssh -G` says. None of
    /// them shows a secret.
    #[arg(short, long, help_heading = help::OUTPUT, action = ArgAction::Count)]
    verbose: u8,
}

impl VerbosityArgs {
    /// Only problems.
    pub(super) fn is_quiet(self) -> bool {
        self.quiet
    }

    /// The details about connections up to this kind.
    pub(super) fn details(self) -> Option<Detail> {
        match self.verbose {
            0 => None,
            1 => Some(Detail::Connection),
            2 => Some(Detail::Algorithms),
            3.. => Some(Detail::Configuration),
        }
    }
}
