//! What the commands for hosts share: which hosts, how many in parallel, the progress, and the summary.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::auth_json::Secret;
use crate::hosts::{Cancel, Event, Hosts, HostsProblem, Pool, PromptTime, RetryFile, Unfinished};
use crate::output::{Group, recap};
use crate::ssh::{Ask, Detail, HostName, TrustAnswer, UnknownKey, printable};
use clap::{Args, ValueEnum};
use clap_complete::engine::ArgValueCompleter;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::caller::Own;
use super::reach::ReachArgs;
use super::verbosity::VerbosityArgs;
use crate::cli::exit::{Unusable, Verdict};
use crate::cli::terminal::Terminal;
use crate::cli::{completions, help, interruption, say, terminal, width};
use crate::message::{Caller, plain_words};

/// How long the work on a host may exceed its time limit before nobody waits for it any more.
const GRACE: Duration = Duration::from_secs(5);

/// The default of `--timeout`, in seconds.
const TIMEOUT: u64 = 120;

#[derive(Debug, Args)]
pub(crate) struct HostArgs {
    /// Hosts: anything `ssh` accepts, or user@host:port
    #[arg(value_name = "HOST", add = ArgValueCompleter::new(completions::hosts))]
    hosts: Vec<String>,
    /// Read hosts from FILE, one per line
    ///
    /// `-` is the standard input. A `#` at the start of a line or after a space begins a comment.
    #[arg(long, help_heading = help::HOSTS, value_name = "FILE")]
    hosts_file: Option<PathBuf>,
    /// Save failed hosts to FILE, and retry them next time
    ///
    /// If no hosts are given, they are read from FILE. A host that is done is removed from FILE.
    #[arg(long, help_heading = help::HOSTS, value_name = "FILE")]
    retry_failed: Option<PathBuf>,
    /// Number of hosts to process in parallel
    #[arg(
        long,
        help_heading = help::HOSTS,
        hide_short_help = true,
        value_name = "N",
        default_value_t = 64,
        value_parser = clap::value_parser!(u16).range(1..=1000)
    )]
    jobs: u16,
    /// Time limit per host, in seconds
    #[arg(
        long,
        help_heading = help::HOSTS,
        hide_short_help = true,
        value_name = "S",
        default_value_t = TIMEOUT,
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    timeout: u64,
    /// Output format
    #[arg(long, help_heading = help::OUTPUT, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    verbosity: VerbosityArgs,
    #[command(flatten)]
    pub(crate) reach: ReachArgs,
}

/// The hosts of a call, and the file for those that fail.
#[derive(Debug)]
pub(crate) struct Chosen {
    hosts: Hosts,
    retry: Option<RetryFile>,
}

fn wrong(problem: HostsProblem) -> Unusable {
    Unusable::of(&problem)
}

/// Output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Human-readable text
    Human,
    /// One JSON object
    Json,
    /// One JSON object per line: hosts as they begin and end, then a summary
    Jsonl,
}

/// The result for one host, as the commands show it.
pub(crate) trait Outcome: Send + 'static {
    /// Whether the host has the expected state.
    fn holds(&self) -> bool;
    /// For a person: one line, and further lines below it if needed.
    fn text(&self) -> String;
    /// The same if it is one of several hosts.
    fn brief(&self) -> String {
        self.text()
    }
    /// For a person: what happened on several hosts, in the order in which they were given.
    fn recap(hosts: &[(&str, &Self)]) -> String
    where
        Self: Sized;
    /// As JSON.
    fn json(&self) -> Value;
}

/// A recap that groups hosts by what happened, and why.
pub(crate) fn grouped<T>(hosts: &[(&str, &T)], group: impl Fn(&T) -> (Group, String)) -> String {
    let lines: Vec<_> = hosts
        .iter()
        .map(|(name, outcome)| {
            let (group, why) = group(outcome);
            (*name, group, why)
        })
        .collect();
    recap(&lines, terminal::colours(), width::list_width())
}

impl HostArgs {
    /// Whether the hosts are read from the standard input.
    pub(crate) fn takes_stdin(&self) -> bool {
        self.hosts_file.as_deref() == Some(Path::new("-"))
    }

    /// Whether a person wants to read only about problems.
    pub(crate) fn is_quiet(&self) -> bool {
        self.verbosity.is_quiet()
    }

    /// Time limit per host, in seconds.
    pub(crate) fn limit(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }

    /// Those of these options that a call for one host needs too, after the options of the command itself.
    pub(super) fn own(&self, own: Own) -> Own {
        own.value("--timeout", (self.timeout != TIMEOUT).then_some(self.timeout))
    }

    /// The hosts that were named, in any of the possible ways. A dry run does not write the file of failed hosts.
    pub(crate) fn hosts(&self, dry_run: bool) -> anyhow::Result<Chosen> {
        let mut hosts = Hosts::default();
        let retry = match &self.retry_failed {
            Some(file) => Some(RetryFile::open(file, !dry_run).map_err(wrong)?),
            None => None,
        };
        self.reach.check()?;
        for host in &self.hosts {
            HostName::parse(host).map_err(|problem| Unusable::of(&problem))?;
            hosts.add(host);
        }
        match &self.hosts_file {
            Some(_) if self.takes_stdin() => {
                let mut text = String::new();
                let read = std::io::stdin().read_to_string(&mut text);
                read.map_err(|error| HostsProblem::Unreadable {
                    path: "the standard input".into(),
                    reason: plain_words(&error),
                })
                .map_err(wrong)?;
                hosts.add_lines(&text, Path::new("the standard input")).map_err(wrong)?;
            }
            Some(file) if retry.as_ref().is_some_and(|retry| retry.is(file)) => {
                let one = format!("{}: --hosts-file and --retry-failed name the same file", file.display());
                let why = "leave out --hosts-file: then the hosts are read from this file, and those that are done are removed from it";
                return Err(Unusable::new(one, &[why]).into());
            }
            Some(file) => hosts.add_file(file).map_err(wrong)?,
            None => {}
        }
        if hosts.names().is_empty()
            && let Some(file) = retry.as_ref().filter(|retry| retry.path().exists())
        {
            hosts = file.hosts().map_err(wrong)?;
            if hosts.names().is_empty() {
                return Err(Unusable::new(
                    format!("{}: no host failed", file.path().display()),
                    &["name hosts"],
                )
                .into());
            }
        }
        if hosts.names().is_empty() {
            return Err(Unusable::new("no hosts given", &["name at least one, or use --hosts-file"]).into());
        }
        Ok(Chosen { hosts, retry })
    }

    /// Runs `work` on every host, shows each result, and saves the hosts that failed. `lost` makes the result for a
    /// host whose work did not end normally.
    pub(crate) fn run<T: Outcome>(
        &self,
        Chosen { hosts, retry }: Chosen,
        caller: &Caller,
        prompt_time: PromptTime,
        work: impl Fn(&str, &dyn Ask) -> T + Send + Sync + 'static,
        lost: impl Fn(&str, Unfinished, Duration) -> T,
    ) -> anyhow::Result<Verdict> {
        let names = hosts.names().to_vec();
        let quiet = self.is_quiet();
        let live = Live::new(quiet);
        let ask = BetweenLines { bars: live.bars.clone(), ask: Terminal::showing(self.verbosity.details()) };
        let mut not_begun = 0;
        let mut outcomes: Vec<Option<T>> = names.iter().map(|_| None).collect();
        let stop = Cancel::default();
        interruption::stops(&stop);
        let pool = Pool {
            jobs: self.jobs.into(),
            limit: self.limit(),
            grace: GRACE,
            prompt_time,
            stop: stop.clone(),
        };
        pool.run(
            names.len(),
            move |index| work(&hosts.names()[index], &ask),
            |event| match event {
                Event::Began(index) => {
                    if self.format == Format::Jsonl {
                        live.say_event("began", &json!({ "host": names[index] }));
                    }
                    live.begin(index, &names[index]);
                }
                Event::Ended(index, ended) => {
                    let is_begun = !matches!(ended.outcome, Err(Unfinished::NotBegun));
                    not_begun += usize::from(!is_begun);
                    let outcome = ended.outcome.unwrap_or_else(|why| lost(&names[index], why, ended.elapsed));
                    let is_shown = self.format == Format::Human && is_begun && !(quiet && outcome.holds());
                    live.end(
                        index,
                        is_shown.then(|| match names.len() {
                            1 => outcome.text(),
                            _ => outcome.brief(),
                        }),
                    );
                    if self.format == Format::Jsonl {
                        live.say_event("ended", &outcome.json());
                    }
                    outcomes[index] = Some(outcome);
                }
            },
        );
        live.finish();
        let outcomes: Vec<T> = outcomes.into_iter().flatten().collect();
        let with_outcomes = names.iter().map(String::as_str).zip(&outcomes);
        let (done, failed): (Vec<_>, Vec<_>) = with_outcomes.partition(|(_, outcome)| outcome.holds());
        let [done, failed] =
            [done, failed].map(|some| some.into_iter().map(|(name, _)| name).collect::<Vec<_>>());
        // First, since there may be nobody left to print to.
        let written = retry.as_ref().map_or(Ok(()), |file| file.update(&done, &failed));
        if self.format == Format::Json {
            let hosts: Vec<Value> = outcomes.iter().map(Outcome::json).collect();
            say::say_json(&json!({ "version": 2, "hosts": hosts }));
        }
        if self.format == Format::Jsonl {
            let (all, failed) = (names.len(), failed.len());
            say::say_event(
                "summary",
                &json!({ "hosts": all, "done": all - failed, "failed": failed - not_begun, "not_started": not_begun }),
            );
        }
        if self.format == Format::Human && names.len() > 1 && !(quiet && failed.is_empty()) {
            let hosts: Vec<_> = names.iter().map(String::as_str).zip(&outcomes).collect();
            say_line!("{}", T::recap(&hosts));
        }
        written?;
        match &retry {
            Some(file) if !file.writes() && !quiet => {
                let path = printable(&file.path().display().to_string());
                tell_line!("note: a dry run does not change {path}");
            }
            Some(file) if file.writes() && !failed.is_empty() => {
                let path = file.path().display().to_string();
                tell_line!("note: hosts that failed are saved in {}", printable(&path));
                tell_line!("  hint: to retry them:\n      {}", printable(&caller.retry(&path)));
            }
            _ => {}
        }
        Ok(match failed.is_empty() {
            true => Verdict::Holds,
            false if stop.is_asked() => Verdict::Interrupted,
            false => Verdict::Fails,
        })
    }
}

/// On a terminal, one live line per host in progress. Results are printed above these lines, on the standard output.
struct Live {
    bars: MultiProgress,
    running: RefCell<BTreeMap<usize, ProgressBar>>,
}

impl Live {
    fn new(quiet: bool) -> Self {
        let target = match std::io::stderr().is_terminal() && !quiet {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        Self { bars: MultiProgress::with_draw_target(target), running: RefCell::default() }
    }

    fn begin(&self, index: usize, host: &str) {
        if self.bars.is_hidden() {
            return;
        }
        let bar = self.bars.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
            bar.set_style(style);
        }
        bar.set_message(printable(host));
        bar.enable_steady_tick(Duration::from_millis(100));
        self.running.borrow_mut().insert(index, bar);
    }

    fn end(&self, index: usize, text: Option<String>) {
        if let Some(bar) = self.running.borrow_mut().remove(&index) {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
        if let Some(text) = text {
            self.bars.suspend(|| say_line!("{text}"));
        }
    }

    /// Prints an event of `--format jsonl` above the live lines.
    fn say_event(&self, event: &str, object: &Value) {
        self.bars.suspend(|| say::say_event(event, object));
    }

    fn finish(&self) {
        let _ = self.bars.clear();
    }
}

/// Asks questions while the live lines are hidden.
struct BetweenLines<A> {
    bars: MultiProgress,
    ask: A,
}

impl<A: Ask> BetweenLines<A> {
    fn between<T>(&self, question: impl FnOnce(&A) -> T) -> T {
        let answer = self.bars.suspend(|| question(&self.ask));
        if interruption::came() {
            interruption::be_silent();
        }
        answer
    }
}

impl<A: Ask> Ask for BetweenLines<A> {
    fn tell(&self, host: &str, line: &str) {
        self.bars.suspend(|| self.ask.tell(host, line));
    }

    fn detail(&self, kind: Detail, host: &str, line: &str) {
        self.bars.suspend(|| self.ask.detail(kind, host, line));
    }

    fn trust(&self, key: &UnknownKey<'_>) -> TrustAnswer {
        self.between(|ask| ask.trust(key))
    }

    fn secret(&self, question: &str, echo: bool) -> Option<Secret> {
        self.between(|ask| ask.secret(question, echo))
    }
}
