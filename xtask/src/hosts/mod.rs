//! The verbs for people's own hosts. None of them needs a container engine or the checkout.

mod deploy;
mod doctor;
mod explain;
mod login;
mod login_file;
mod many;
mod reach;
mod rollback;

use clap::Subcommand;

use crate::exit::Verdict;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Deploy(Box<deploy::Deploy>),
    Rollback(Box<rollback::Rollback>),
    Doctor(Box<doctor::Doctor>),
    Login(Box<login::Login>),
    Explain(explain::Explain),
}

impl Verb {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        match self {
            Self::Deploy(deploy) => deploy.run(),
            Self::Rollback(rollback) => rollback.run(),
            Self::Doctor(doctor) => doctor.run(),
            Self::Login(login) => login.run(),
            Self::Explain(explain) => explain.run(),
        }
    }
}
