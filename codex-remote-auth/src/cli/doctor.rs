//! `doctor`: checks hosts for known problems without changing anything on them.

use crate::auth_json::AuthFile;
use crate::doctor::{DoctorOptions, Finding, Level, examine};
use crate::hosts::{HostError, HostReport, PromptTime, Reach, Reached};
use crate::message::Caller;
use crate::output::{Colours, examination_json, examination_line, examination_text, examinations_text};
use crate::remote::{Proof, RemoteState};
use crate::ssh::Connector;
use clap::Args;
use serde_json::Value;

use super::login_file;
use super::many::{HostArgs, Outcome};
use crate::cli::caller::{Own, caller};
use crate::cli::exit::Verdict;
use crate::cli::{help, terminal, width};

/// Check hosts for known problems (read-only)
#[derive(Debug, Args)]
#[command(after_help = help::short("doctor"), after_long_help = help::DOCTOR.text())]
pub struct Doctor {
    /// Also run `codex exec` on the host; like every call, it may renew the login
    #[arg(long, help_heading = help::CHECK)]
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
        let reach = Reach {
            resolver: self.hosts.reach.resolver(),
            connector: Connector::default(),
            limit,
            reached: Reached::default(),
        };
        // Only used to compare it with the login on the host. Without one on this machine, there is nothing to compare.
        let ours = login_file::own().ok().and_then(|path| AuthFile::read(&path).ok());
        let live = self.live;
        let caller = caller("doctor", &self.hosts.reach, self.hosts.own(Own::default().flag("--live", live)));
        let (other, told) = (caller.clone(), caller.clone());
        self.hosts.run(
            hosts,
            &told,
            prompt_time.clone(),
            move |host, ask| {
                let report = reach.visit(host, ask, &prompt_time, |session, deadline| {
                    let live = live.then(|| Proof { time_limit: limit, ..Proof::default() });
                    examine(session, &DoctorOptions { ours: ours.clone(), live }, deadline)
                });
                Examined(report, caller.clone(), colours)
            },
            move |host, why, elapsed| {
                Examined(
                    HostReport::without(host, HostError::of(why, limit, RemoteState::NotReached), elapsed),
                    other.clone(),
                    colours,
                )
            },
        )
    }
}

struct Examined(HostReport<Vec<Finding>>, Caller, Colours);

impl Outcome for Examined {
    fn holds(&self) -> bool {
        let bad = |findings: &Vec<Finding>| findings.iter().any(|finding| finding.level == Level::Problem);
        self.0.outcome.as_ref().is_ok_and(|findings| !bad(findings))
    }

    fn text(&self) -> String {
        examination_text(&self.0, &self.1, self.2, width::list_width())
    }

    fn brief(&self) -> String {
        examination_line(&self.0, &self.1, self.2, width::list_width())
    }

    fn recap(hosts: &[(&str, &Self)]) -> String {
        let reports: Vec<_> = hosts.iter().map(|(_, Examined(report, ..))| report).collect();
        let Some((_, Examined(_, caller, colours))) = hosts.first() else { return String::new() };
        examinations_text(&reports, caller, *colours, width::list_width())
    }

    fn json(&self) -> Value {
        examination_json(&self.0, &self.1)
    }
}
