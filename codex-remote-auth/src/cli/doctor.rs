//! `cargo xtask doctor`: checks hosts for known problems without changing anything on them.

use crate::auth_json::AuthFile;
use crate::doctor::{DoctorOptions, Finding, Level, examine};
use crate::hosts::{HostError, HostReport, PromptTime, Reach};
use crate::output::{Colours, examination_json, examination_text};
use crate::remote::{Proof, RemoteState};
use clap::Args;
use serde_json::Value;

use super::login_file;
use super::many::{HostArgs, Outcome};
use crate::cli::exit::Verdict;
use crate::cli::{program_name, terminal};

/// Check hosts for known problems (read-only)
#[derive(Debug, Args)]
pub struct Doctor {
    /// Also run `codex exec` on the host; like every call, it may renew the login
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    hosts: HostArgs,
}

impl Doctor {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let hosts = self.hosts.hosts(false)?;
        let prompt_time = PromptTime::default();
        let colours = terminal::colours();
        let limit = self.hosts.limit();
        let reach = Reach { resolver: self.hosts.reach.resolver(), limit };
        // Only used to compare it with the login on the host. Without one on this machine, there is nothing to compare.
        let ours = login_file::own().ok().and_then(|path| AuthFile::read(&path).ok());
        let live = self.live;
        self.hosts.run(
            hosts,
            prompt_time.clone(),
            move |host, ask| {
                let report = reach.visit(host, ask, &prompt_time, |session, deadline| {
                    let live = live.then(|| Proof { time_limit: limit, ..Proof::default() });
                    examine(session, &DoctorOptions { ours: ours.clone(), live }, deadline)
                });
                Examined(report, colours)
            },
            move |host, why, elapsed| {
                Examined(
                    HostReport::without(host, HostError::of(why, limit, RemoteState::Untouched), elapsed),
                    colours,
                )
            },
        )
    }
}

struct Examined(HostReport<Vec<Finding>>, Colours);

impl Outcome for Examined {
    fn holds(&self) -> bool {
        let bad = |findings: &Vec<Finding>| findings.iter().any(|finding| finding.level == Level::Bad);
        self.0.outcome.as_ref().is_ok_and(|findings| !bad(findings))
    }

    fn text(&self) -> String {
        examination_text(&self.0, program_name(), self.1)
    }

    fn json(&self) -> Value {
        examination_json(&self.0, program_name())
    }
}
