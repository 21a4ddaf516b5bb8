//! The verbs for people's own hosts. None of them needs a container engine or the checkout.

mod deploy;
mod explain;
mod login;
mod login_file;
mod many;
mod reach;

use clap::Subcommand;

use crate::exit::Verdict;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Deploy(Box<deploy::Deploy>),
    Login(Box<login::Login>),
    Explain(explain::Explain),
}

impl Verb {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        match self {
            Self::Deploy(deploy) => deploy.run(),
            Self::Login(login) => login.run(),
            Self::Explain(explain) => explain.run(),
        }
    }
}
