//! `deploy`: copies a Codex login to hosts and verifies it.

use crate::auth_json::Form;
use crate::deploy::{DeployOptions, OnSymlink, Receipt};
use crate::hosts::{DeployPlan, HostError, HostReport, PromptTime, Reach};
use crate::output::{Colours, receipt_json, receipt_text};
use crate::remote::{Guard, Proof, RemoteState};
use clap::Args;
use serde_json::Value;

use super::login_file::LoginArgs;
use super::many::{HostArgs, Outcome};
use crate::cli::exit::{Verdict, WrongCall};
use crate::cli::terminal;

/// Copy your Codex login to hosts and verify that it works
#[derive(Debug, Args)]
pub struct Deploy {
    #[command(flatten)]
    login: LoginArgs,
    /// Show what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Deploy even if the host's login is newer or of another account, or if the host's configuration would ignore or delete
    /// yours. What the host could not say has to be named: unknown-login, unknown-settings, other-home, open-folder
    #[arg(
        long,
        value_name = "GUARD",
        num_args = 0..=1,
        require_equals = true,
        value_delimiter = ',',
        default_missing_value = KNOWN,
        value_parser = guard
    )]
    force: Vec<Guard>,
    /// Save the replaced file as auth.json.before (undo with `rollback`)
    #[arg(long)]
    backup: bool,
    /// If auth.json on the host is a symbolic link, replace it with a file
    #[arg(long)]
    replace_link: bool,
    /// Do not run codex to verify the login
    #[arg(long)]
    no_proof: bool,
    /// Prompt to use for the check (default: ask for a fixed word); any answer then passes
    #[arg(long, value_name = "TEXT", conflicts_with = "no_proof")]
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
        if auth.form() == Form::ChatGpt && !self.dry_run {
            tell_line!("{SHARED}");
        }
        for warning in auth.warnings() {
            tell_line!("note: {warning}");
        }
        let prompt_time = PromptTime::default();
        let plan = DeployPlan {
            auth,
            reach: Reach { resolver: self.hosts.reach.resolver(), limit: self.hosts.limit() },
            options: self.options(),
        };
        let colours = terminal::colours();
        let limit = self.hosts.limit();
        let state = if self.dry_run { RemoteState::Untouched } else { RemoteState::OldOrNew };
        self.hosts.run(
            hosts,
            prompt_time.clone(),
            move |host, ask| Deployed(plan.deploy_to(host, ask, &prompt_time), colours),
            move |host, why, elapsed| {
                Deployed(HostReport::without(host, HostError::of(why, limit, state), elapsed), colours)
            },
        )
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

fn guard(name: &str) -> Result<Guard, String> {
    Guard::ALL.into_iter().find(|guard| guard.name() == name).ok_or_else(|| {
        let names: Vec<_> = Guard::ALL.iter().map(|guard| guard.name()).collect();
        format!("the guards are {}", names.join(", "))
    })
}

/// The note about sharing a login, for everyone who copies a ChatGPT login.
const SHARED: &str = "note: a ChatGPT login that two machines share stops working on one of them at the next token refresh (lesson \
    rotation-shared-login).\n      For a host that keeps running use `login HOST`: it makes a login of its own.";

struct Deployed(HostReport<Receipt>, Colours);

impl Outcome for Deployed {
    fn holds(&self) -> bool {
        self.0.holds()
    }

    fn text(&self) -> String {
        receipt_text(&self.0, self.1)
    }

    fn json(&self) -> Value {
        receipt_json(&self.0)
    }
}
