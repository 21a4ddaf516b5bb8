//! The verbs for people's own hosts. None of them needs a container engine or the checkout.

mod explain;
mod reach;

use clap::Subcommand;

use crate::exit::Verdict;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Explain(explain::Explain),
}

impl Verb {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        match self {
            Self::Explain(explain) => explain.run(),
        }
    }
}
