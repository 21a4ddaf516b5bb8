//! `rollback`: restores the login that the last deploy with a backup replaced.

use crate::hosts::{HostError, HostReport, PromptTime, Reach, Reached};
use crate::message::Caller;
use crate::output::{Group, Style, group_of, rollback_json, rollback_text};
use crate::remote::RemoteState;
use crate::rollback::{Rollback as BroughtBack, rollback};
use crate::ssh::Connector;
use clap::Args;
use serde_json::Value;

use super::many::{HostArgs, Outcome, grouped};
use crate::cli::caller::{Own, caller};
use crate::cli::exit::Verdict;
use crate::cli::{help, terminal};

/// Restore the login that the last `deploy --backup` replaced
#[derive(Debug, Args)]
#[command(after_help = help::short("rollback"), after_long_help = help::ROLLBACK.text())]
pub struct Rollback {
    #[command(flatten)]
    hosts: HostArgs,
}

impl Rollback {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let hosts = self.hosts.hosts(false)?;
        let prompt_time = PromptTime::default();
        let style = terminal::style();
        let reached = Reached::default();
        let limit = self.hosts.limit();
        let caller = caller("rollback", &self.hosts.reach, self.hosts.own(Own::default()));
        let (other, told) = (caller.clone(), caller.clone());
        let reach = Reach {
            resolver: self.hosts.reach.resolver(),
            connector: Connector::default(),
            limit,
            reached: reached.clone(),
        };
        self.hosts.run(
            hosts,
            &told,
            prompt_time.clone(),
            move |host, ask| Undone(reach.visit(host, ask, &prompt_time, rollback), caller.clone(), style),
            move |host, why, elapsed| {
                Undone(
                    HostReport::without(
                        host,
                        HostError::of(why, limit, reached.state(host, RemoteState::OldOrNew)),
                        elapsed,
                    ),
                    other.clone(),
                    style,
                )
            },
        )
    }
}

struct Undone(HostReport<BroughtBack>, Caller, Style);

impl Outcome for Undone {
    fn holds(&self) -> bool {
        self.0.outcome.is_ok()
    }

    fn text(&self) -> String {
        rollback_text(&self.0, &self.1, self.2)
    }

    fn recap(hosts: &[(&str, &Self)]) -> String {
        grouped(hosts, |Self(report, ..)| match &report.outcome {
            Ok(_) => (Group::Done("restored"), String::new()),
            Err(error) => (group_of(error), error.to_string()),
        })
    }

    fn json(&self) -> Value {
        rollback_json(&self.0, &self.1)
    }
}
