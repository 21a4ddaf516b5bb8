//! `--flavour NAME|all`: the servers that a command runs on.

use std::fmt;
use std::str::FromStr;

use codex_remote_auth::cli::exit::Verdict;
use codex_remote_auth::say_line;
use harness::target::Flavour;

use crate::status::Refused;
use crate::workspace;

/// The word for all flavours.
const ALL: &str = "all";

/// One flavour, or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavours {
    One(Flavour),
    All,
}

impl Default for Flavours {
    fn default() -> Self {
        Self::One(Flavour::default())
    }
}

impl fmt::Display for Flavours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(flavour) => flavour.fmt(f),
            Self::All => f.write_str(ALL),
        }
    }
}

impl FromStr for Flavours {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if name == ALL {
            return Ok(Self::All);
        }
        name.parse().map(Self::One).map_err(|unknown: String| format!("{unknown}, or `{ALL}`"))
    }
}

impl Flavours {
    /// Runs a command on each flavour, with a heading if there are several. It holds if it holds on each. A list does not
    /// depend on the flavour.
    ///
    /// # Errors
    /// [`Refused`] if several would each print an object, and the first error of a run.
    pub(crate) fn each(
        self,
        list: bool,
        json: bool,
        run: impl Fn(Flavour) -> anyhow::Result<Verdict>,
    ) -> anyhow::Result<Verdict> {
        match self {
            Self::One(flavour) => run(flavour),
            Self::All if list => run(Flavour::default()),
            Self::All if json => {
                let what = "--format json and --report are about one run, and `--flavour all` has one for each flavour";
                Err(Refused::new(what).hint("call it once for each, as in --flavour openssh-trixie").into())
            }
            Self::All => {
                let mut holds = true;
                for flavour in Flavour::ALL {
                    say_line!("== {flavour}");
                    holds &= run(flavour)? == Verdict::Holds;
                }
                Ok(holds.into())
            }
        }
    }

    /// What a command that runs a check again has to say, after a blank.
    pub(crate) fn again(self) -> String {
        if self == Self::default() { String::new() } else { workspace::option("flavour", self.to_string()) }
    }
}
