//! `cargo xtask rollback`: restores the login that the last deploy with a backup replaced.

use crate::hosts::{HostError, HostReport, PromptTime, Reach};
use crate::output::{Colours, rollback_json, rollback_text};
use crate::remote::RemoteState;
use crate::rollback::{Rollback as BroughtBack, rollback};
use clap::Args;
use serde_json::Value;

use super::many::{HostArgs, Outcome};
use crate::cli::exit::Verdict;
use crate::cli::terminal;

/// Restore the login that the last `deploy --backup` replaced
#[derive(Debug, Args)]
pub struct Rollback {
    #[command(flatten)]
    hosts: HostArgs,
}

impl Rollback {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let hosts = self.hosts.hosts(false)?;
        let prompt_time = PromptTime::default();
        let colours = terminal::colours();
        let limit = self.hosts.limit();
        let reach = Reach { resolver: self.hosts.reach.resolver(), limit };
        self.hosts.run(
            hosts,
            prompt_time.clone(),
            move |host, ask| Undone(reach.visit(host, ask, &prompt_time, rollback), colours),
            move |host, why, elapsed| {
                Undone(
                    HostReport::without(host, HostError::of(why, limit, RemoteState::OldOrNew), elapsed),
                    colours,
                )
            },
        )
    }
}

struct Undone(HostReport<BroughtBack>, Colours);

impl Outcome for Undone {
    fn holds(&self) -> bool {
        self.0.outcome.is_ok()
    }

    fn text(&self) -> String {
        rollback_text(&self.0, self.1)
    }

    fn json(&self) -> Value {
        rollback_json(&self.0)
    }
}
