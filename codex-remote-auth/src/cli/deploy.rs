//! `cargo xtask deploy`: brings a Codex login to hosts, and proves it there.

use crate::auth_json::Form;
use crate::deploy::{DeployOptions, OnSymlink, Proof, Receipt, RemoteState};
use crate::hosts::{DeployPlan, HostError, HostReport, Patience, Reach};
use crate::output::{Colours, receipt_json, receipt_text};
use crate::remote::Guard;
use clap::Args;
use serde_json::Value;

use super::login_file::LoginArgs;
use super::many::{HostArgs, Outcome};
use crate::cli::exit::{Verdict, WrongCall};
use crate::cli::terminal;

/// Bring my Codex login to hosts, and prove that it works there
#[derive(Debug, Args)]
pub struct Deploy {
    #[command(flatten)]
    login: LoginArgs,
    /// Say what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Deploy over a newer login, over another account's, or where the configuration would ignore or delete it.
    /// What the host could not tell has to be named: unknown-login, unknown-settings, other-home, open-folder
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
    /// Keep the file that is replaced as auth.json.before; the verb `rollback` brings it back
    #[arg(long)]
    backup: bool,
    /// Put a file in its place where auth.json there is a symbolic link
    #[arg(long)]
    replace_link: bool,
    /// Leave the call of codex out that proves the login
    #[arg(long)]
    no_proof: bool,
    /// What codex is asked there, in place of a word that it has to answer with; any answer then counts
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
        let patience = Patience::default();
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
            patience.clone(),
            move |host, ask| Deployed(plan.deploy_to(host, ask, &patience), colours),
            move |host, why, elapsed| {
                Deployed(HostReport::without(host, HostError::of(why, limit, state), elapsed), colours)
            },
        )
    }

    fn options(&self) -> DeployOptions {
        let mut proof = Proof { deadline: self.hosts.limit(), ..Proof::default() };
        if let Some(prompt) = &self.prompt {
            proof.prompt.clone_from(prompt);
            proof.answer.clear();
        }
        DeployOptions {
            force: self.force.iter().copied().collect(),
            backup: self.backup,
            dry_run: self.dry_run,
            on_symlink: if self.replace_link { OnSymlink::Replace } else { OnSymlink::Refuse },
            deadline: self.hosts.limit(),
            proof: (!self.no_proof).then_some(proof),
        }
    }
}

/// What `--force` alone overrides.
const KNOWN: &str = "newer-login,another-login,settings";

fn guard(name: &str) -> Result<Guard, String> {
    Guard::ALL.into_iter().find(|guard| guard.name() == name).ok_or_else(|| {
        let names: Vec<_> = Guard::ALL.iter().map(|guard| guard.name()).collect();
        format!("the guards are {}", names.join(", "))
    })
}

/// The lesson on sharing, which everybody meets who copies a ChatGPT login.
const SHARED: &str = "note: two machines that share one ChatGPT login break each other at the next refresh (lesson \
    rotation-shared-login).\n      A machine that keeps running wants a login of its own: the verb `login` gives it one.";

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
