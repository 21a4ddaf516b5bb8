//! `login`: gives a host its own login.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use crate::login::{Doubt, LoginError, LoginOptions, LoginReceipt, LoginState, Tell, log_in};
use crate::message::Caller;
use crate::output::{login_json, login_text};
use crate::remote::{Proof, ProofOutcome};
use crate::ssh::{Deadline, HostName, SshProblem, TrustAnswer, connect, printable, resolve};
use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use serde_json::json;

use super::caller::{Own, caller};
use super::many::Format;
use super::reach::ReachArgs;
use super::verbosity::VerbosityArgs;
use crate::cli::completions;
use crate::cli::exit::{Unusable, Verdict};
use crate::cli::help;
use crate::cli::terminal::{self, Terminal};
use crate::cli::{interruption, say};

/// How long connecting and SSH authentication may take. Time during which a person is asked does not count.
const CONNECT: Duration = Duration::from_secs(60);

/// The heading of the options about your approval.
const APPROVAL: &str = "Your approval";
/// The default of `--timeout`, in seconds: the lifetime of a device code.
const TIMEOUT: u64 = 900;

/// Log in on a host separately, instead of sharing your login
#[derive(Debug, Args)]
#[command(after_help = help::short("login"), after_long_help = help::LOGIN.text())]
pub struct Login {
    /// The host: anything `ssh` accepts, or user@host:port
    #[arg(value_name = "HOST", add = ArgValueCompleter::new(completions::hosts))]
    host: String,
    /// Replace an existing login, once the new one has succeeded
    ///
    /// The old login is not revoked: copies of it on other machines keep working.
    #[arg(long, help_heading = help::SAFETY)]
    force: bool,
    /// Log in with a browser on this machine, without a code
    ///
    /// This is used anyway if codex on the host does not support device codes.
    #[arg(long, help_heading = APPROVAL)]
    browser: bool,
    /// Open the link in a browser on this machine
    #[arg(long, help_heading = APPROVAL)]
    open: bool,
    /// Do not run codex to verify the login
    #[arg(long, help_heading = help::CHECK)]
    no_proof: bool,
    /// How long to wait for your approval, in seconds
    ///
    /// A device code expires after 900 seconds.
    #[arg(
        long,
        help_heading = APPROVAL,
        value_name = "S",
        default_value_t = TIMEOUT,
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    timeout: u64,
    /// Use another issuer than Codex's own
    #[arg(long, value_name = "URL", hide = true)]
    issuer: Option<String>,
    /// Output format
    #[arg(long, help_heading = help::OUTPUT, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    verbosity: VerbosityArgs,
    #[command(flatten)]
    reach: ReachArgs,
}

impl Login {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        self.reach.check()?;
        HostName::parse(&self.host).map_err(|problem| Unusable::of(&problem))?;
        let began = Instant::now();
        if self.format == Format::Jsonl {
            say::say_event("began", &json!({ "host": self.host }));
        }
        interruption::ends_with("cancelled; nothing on the host was changed");
        let mut warnings = Vec::new();
        let outcome = self.log_in(&mut warnings);
        let json = |outcome| login_json(&self.host, outcome, &warnings, began.elapsed(), &self.caller());
        let holds = outcome
            .as_ref()
            .is_ok_and(|receipt| matches!(receipt.proof, ProofOutcome::NotAsked) || receipt.proof.holds());
        match self.format {
            Format::Human if holds && self.verbosity.is_quiet() => {}
            Format::Human => {
                say_line!(
                    "{}",
                    login_text(&self.host, &outcome, began.elapsed(), &self.caller(), terminal::style())
                );
            }
            Format::Json => {
                say::say_json(&json!({ "version": 2, "hosts": [json(&outcome)] }));
            }
            Format::Jsonl => {
                say::say_event("ended", &json(&outcome));
                let done = u8::from(holds);
                let summary = json!({ "hosts": 1, "done": done, "failed": 1 - done, "not_started": 0 });
                say::say_event("summary", &summary);
            }
        }
        Ok(holds.into())
    }

    fn caller(&self) -> Caller {
        let own = Own::default()
            .flag("--force", self.force)
            .flag("--browser", self.browser)
            .flag("--open", self.open)
            .flag("--no-proof", self.no_proof)
            .value("--timeout", (self.timeout != TIMEOUT).then_some(self.timeout))
            .value("--issuer", self.issuer.as_ref());
        caller("login", &self.reach, own)
    }

    fn log_in(&self, warnings: &mut Vec<String>) -> Result<LoginReceipt, LoginError> {
        let untouched = |problem: SshProblem| LoginError::Ssh { problem, state: LoginState::Untouched };
        let destination = resolve(&self.host, &self.reach.options()).map_err(untouched)?;
        warnings.clone_from(&destination.warnings);
        let terminal = Terminal::showing(self.verbosity.details());
        let session = connect(&destination, &terminal, Deadline::after(CONNECT)).map_err(untouched)?;
        interruption::ends_with(&format!("cancelled; {}", LoginState::Stopped.in_words()));
        let options = LoginOptions {
            force: self.force,
            browser: self.browser,
            issuer: self.issuer.clone(),
            deadline: Duration::from_secs(self.timeout),
            proof: (!self.no_proof).then(Proof::default),
            ..LoginOptions::default()
        };
        log_in(
            &session,
            &options,
            &Person {
                host: &printable(&self.host),
                caller: &self.caller(),
                open: self.open,
                quiet: self.verbosity.is_quiet(),
                terminal: &terminal,
            },
        )
    }
}

/// The person at this machine. They are addressed on the standard error, which a pipeline does not keep.
struct Person<'a> {
    host: &'a str,
    caller: &'a Caller,
    open: bool,
    quiet: bool,
    terminal: &'a Terminal,
}

impl Person<'_> {
    fn open(&self, link: &str) {
        if self.open
            && let Err(error) = open::that_detached(link)
        {
            // The error message repeats the link, which was already shown.
            let why = match error.kind() {
                ErrorKind::NotFound => "no program that opens links, such as xdg-open, is on the PATH",
                _ => "the program that opens links failed",
            };
            tell_line!("no browser could be opened on this machine: {why}\n  hint: open the link yourself");
        }
    }
}

impl Tell for Person<'_> {
    fn device(&self, link: &str, code: &str) {
        tell_line!(
            "To log {} in, open this link in any browser\n\n    {link}\n\nand enter this code there:\n\n    {code}\n\n\
             Whoever enters it gives that machine their login. Waiting for approval. Ctrl-C cancels it, on the host too.\n\
             If the page does not accept the code, device codes have to be allowed first: in ChatGPT under Settings, Security; in a \
             workspace, by its admin.\nhint: {}   # without a code",
            self.host,
            self.caller.again(&["--browser"], self.host)
        );
        self.open(link);
    }

    fn browser(&self, link: &str, port: u16) {
        tell_line!(
            "To log {} in, open this link in a browser on this machine:\n\n    {link}\n\n\
             Port {port} of this machine is forwarded to the host until the login ends. Waiting for approval. Ctrl-C cancels \
             it, on the host too.",
            self.host
        );
        self.open(link);
    }

    fn allows(&self, doubt: Doubt<'_>) -> TrustAnswer {
        let host = self.host;
        match doubt {
            Doubt::Page(link) => self.terminal.agrees(&format!(
                "Codex on {host} asks you to log in at a page that is not at auth.openai.com or chatgpt.com:\n\n    {link}\n\n\
                 If somebody else put it there, they get your login. Go on with this page"
            )),
            Doubt::Port(port) => self.terminal.agrees(&format!(
                "Codex on {host} asks this machine to listen on port {port} and forward it to the host. Codex itself uses 1455 and \
                 1457.\nGo on with this port"
            )),
        }
    }

    fn proving(&self) {
        if self.quiet {
            return;
        }
        tell_line!("The login has arrived; asking codex on the host whether it works.");
    }
}
