//! `deploy`: copies a Codex login to hosts and verifies it.

use std::time::SystemTime;

use crate::auth_json::{Form, unix_seconds};
use crate::deploy::{DeployOptions, Done, OnSymlink, Receipt};
use crate::hosts::{DeployPlan, HostError, HostReport, PromptTime, Reach, Reached, Standing};
use crate::message::Caller;
use crate::output::{Group, Style, group_of, receipt_json, receipt_text};
use crate::remote::{Guard, Proof, ProofOutcome, RemoteState};
use crate::ssh::Connector;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::Value;

use super::login_file::LoginArgs;
use super::many::{HostArgs, Outcome, grouped};
use crate::cli::caller::caller;
use crate::cli::exit::{Verdict, WrongCall};
use crate::cli::{help, program_name, terminal};

/// Copy your Codex login to hosts and verify that it works
#[derive(Debug, Args)]
#[command(after_help = help::short("deploy"), after_long_help = help::DEPLOY.text())]
pub struct Deploy {
    #[command(flatten)]
    login: LoginArgs,
    /// Show what would be done, and change nothing
    #[arg(short = 'n', long, help_heading = help::SAFETY)]
    dry_run: bool,
    /// Replace a login that is newer or of another account
    ///
    /// Without a name, it overrides what was found on the host: a newer login, another account's login, and a configuration that
    /// would ignore or delete yours. What the host could not say has to be named: unknown-login, unknown-settings, other-home or
    /// open-folder; and saved-login, if a backup would replace a saved login of another account. Several names are separated by commas.
    #[arg(
        long,
        help_heading = help::SAFETY,
        value_name = "GUARD",
        num_args = 0..=1,
        require_equals = true,
        value_delimiter = ',',
        default_missing_value = KNOWN,
        value_parser = guard()
    )]
    force: Vec<Guard>,
    /// Save the old file as auth.json.before
    ///
    /// The command `rollback` restores it.
    #[arg(long, help_heading = help::SAFETY)]
    backup: bool,
    /// If auth.json on the host is a symbolic link, replace it with a file
    #[arg(long, help_heading = help::SAFETY, hide_short_help = true)]
    replace_link: bool,
    /// Fail if there was nothing to do: the login was already there, or the host has a newer one of the same account
    #[arg(long)]
    strict: bool,
    /// Do not run codex to verify the login
    #[arg(long, help_heading = help::CHECK)]
    no_proof: bool,
    /// Prompt to use for the check (default: ask for a fixed word); any answer then passes
    #[arg(long, help_heading = help::CHECK, hide_short_help = true, value_name = "TEXT", conflicts_with = "no_proof")]
    prompt: Option<String>,
    #[command(flatten)]
    hosts: HostArgs,
}

impl Deploy {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        if self.hosts.takes_stdin() && self.login.takes_stdin() {
            let both = "the hosts and the login cannot both come by the standard input";
            return Err(WrongCall(both.to_owned()).into());
        }
        let hosts = self.hosts.hosts(self.dry_run)?;
        let auth = self.login.read()?;
        if !self.hosts.is_quiet() {
            if auth.form() == Form::ChatGpt && !auth.is_unchecked() && !self.dry_run {
                tell_line!("{SHARED}");
                tell_line!("  hint: {} explain rotation-shared-login", program_name());
            }
            let now = unix_seconds(SystemTime::now());
            for warning in auth.warnings(now).iter().map(ToString::to_string).chain(self.login.note()) {
                tell_line!("note: {warning}");
            }
        }
        let prompt_time = PromptTime::default();
        let reached = Reached::default();
        let plan = DeployPlan {
            auth,
            reach: Reach {
                resolver: self.hosts.reach.resolver(),
                connector: Connector::default(),
                limit: self.hosts.limit(),
                reached: reached.clone(),
            },
            options: self.options(),
        };
        let style = terminal::style();
        let strict = self.strict;
        let caller = self.caller();
        let other = caller.clone();
        let limit = self.hosts.limit();
        let state = if self.dry_run { RemoteState::Untouched } else { RemoteState::OldOrNew };
        self.hosts.run(
            hosts,
            &self.caller(),
            prompt_time.clone(),
            move |host, ask| Deployed {
                report: plan.deploy_to(host, ask, &prompt_time),
                strict,
                caller: caller.clone(),
                style,
            },
            move |host, why, elapsed| {
                let error = HostError::of(why, limit, reached.state(host, state));
                Deployed {
                    report: HostReport::without(host, error, elapsed),
                    strict,
                    caller: other.clone(),
                    style,
                }
            },
        )
    }

    /// A dry run is left out: its hints say how to do it.
    fn caller(&self) -> Caller {
        let own = self
            .login
            .own()
            .flag("--backup", self.backup)
            .flag("--replace-link", self.replace_link)
            .flag("--strict", self.strict)
            .flag("--no-proof", self.no_proof)
            .value("--prompt", self.prompt.as_ref());
        let own = match self.force[..] {
            [] => own,
            _ => {
                let names: Vec<_> = self.force.iter().map(|guard| guard.name()).collect();
                own.word(format!("--force={}", names.join(",")))
            }
        };
        caller("deploy", &self.hosts.reach, self.hosts.own(own))
    }

    fn options(&self) -> DeployOptions {
        let mut proof = Proof { time_limit: self.hosts.limit(), ..Proof::default() };
        if let Some(prompt) = &self.prompt {
            proof.prompt.clone_from(prompt);
            proof.answer.clear();
        }
        DeployOptions {
            force: self.force.iter().copied().collect(),
            backup: self.backup,
            dry_run: self.dry_run,
            on_symlink: if self.replace_link { OnSymlink::Replace } else { OnSymlink::Refuse },
            proof: (!self.no_proof).then_some(proof),
        }
    }
}

/// The guards that a plain `--force` overrides.
const KNOWN: &str = "newer-login,another-login,settings";

/// The names of the guards. Clap lists them in the help, and suggests the nearest one for a misspelt name.
fn guard() -> impl TypedValueParser<Value = Guard> {
    PossibleValuesParser::new(Guard::ALL.map(|guard| guard.name())).try_map(|name| {
        Guard::ALL.into_iter().find(|guard| guard.name() == name).ok_or("no guard has this name")
    })
}

/// The note about sharing a login, for everyone who copies a ChatGPT login.
const SHARED: &str =
    "note: of two machines that share a ChatGPT login, the first to refresh it locks the other out";

struct Deployed {
    report: HostReport<Receipt>,
    strict: bool,
    caller: Caller,
    style: Style,
}

impl Deployed {
    /// What happened, and why.
    fn group(&self) -> (Group, String) {
        let receipt = match &self.report.outcome {
            Err(error) if self.report.standing() == Standing::NothingToDo => {
                return match self.strict {
                    true => (Group::Refused, error.to_string()),
                    false => (Group::NothingToDo("newer on the host"), String::new()),
                };
            }
            Err(error) => return (group_of(error), error.to_string()),
            Ok(receipt) => receipt,
        };
        if self.strict && receipt.done == Done::AlreadyThere {
            return (Group::Partly("already up to date"), "--strict".to_owned());
        }
        let group = match (receipt.done, &receipt.proof) {
            (Done::WouldPlace, _) => Group::Done("would be copied"),
            (Done::AlreadyThere, ProofOutcome::NotAsked) => Group::NothingToDo("already up to date"),
            (Done::AlreadyThere, proof) if proof.holds() => {
                Group::NothingToDo("already up to date and verified")
            }
            (Done::AlreadyThere, _) => Group::Partly("already up to date but not verified"),
            (Done::Placed, ProofOutcome::NotAsked) => Group::Done("copied"),
            (Done::Placed, proof) if proof.holds() => Group::Done("copied and verified"),
            (Done::Placed, _) => Group::Partly("copied but not verified"),
        };
        let why = match &receipt.proof {
            ProofOutcome::NoCodex { .. } => "codex was not found",
            ProofOutcome::Ran { not_this_login: Some(_), .. } => "nothing shows that codex used this login",
            ProofOutcome::Ran { diagnosis, .. } if !receipt.proof.holds() => diagnosis.code(),
            _ => "",
        };
        (group, why.to_owned())
    }
}

impl Outcome for Deployed {
    fn holds(&self) -> bool {
        self.report.holds(self.strict)
    }

    fn text(&self) -> String {
        receipt_text(&self.report, self.strict, &self.caller, self.style)
    }

    fn json(&self) -> Value {
        receipt_json(&self.report, self.strict, &self.caller)
    }

    fn recap(hosts: &[(&str, &Self)]) -> String {
        grouped(hosts, Self::group)
    }
}
