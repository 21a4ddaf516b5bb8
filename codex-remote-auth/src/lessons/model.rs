//! One lesson.

use semver::Version;
use serde::Deserialize;

use super::{Expect, Given, LoginKind, Mutant, Releases, Sign, Silent};

/// A documented pitfall. A run shows it by wrong ways and right ways, and what each has to show. One that no run can show is only
/// `reported`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// Its name: lower-case words joined by hyphens, the same as the name of its file.
    pub id: String,
    /// What it teaches, in one line.
    pub title: String,
    /// The guide's section that documents it.
    pub guide: Guide,
    /// Whether the guide's statement holds.
    pub verdict: GuideVerdict,
    /// What a person sees.
    pub symptom: String,
    /// Why it happens.
    pub cause: String,
    /// What to do.
    pub fix: String,
    /// The program it is about.
    #[serde(default)]
    pub tool: Tool,
    /// The releases of that program it applies to.
    #[serde(default)]
    pub codex: Releases,
    /// The signs by which its output is recognized.
    #[serde(default)]
    pub signs: Vec<Sign>,
    /// Outputs that users reported, in their own words: other releases and other systems say it otherwise than a run here.
    #[serde(default)]
    pub outputs: Vec<String>,
    /// The lessons whose signs its own output has, because both have the same output.
    #[serde(default)]
    pub same_output_as: Vec<String>,
    /// Its wrong ways whose output shows nothing.
    #[serde(default)]
    pub silent: Vec<Silent>,
    /// The codes of the diagnoses that it explains.
    #[serde(default)]
    pub diagnoses: Vec<String>,
    /// Where users reported it, and what was read: for a lesson that no run can show. It has no steps and is never run.
    pub reported: Option<String>,
    /// The defects under which it has to fail, each with the step and field that fail; at least one, unless it is reported.
    #[serde(default, deserialize_with = "at_least_one_mutant")]
    pub mutants: Vec<Mutant>,
    /// The state of the accounts before anything runs.
    #[serde(default)]
    pub given: Given,
    /// The wrong ways; at least one, unless it is reported.
    #[serde(default, deserialize_with = "at_least_one_step")]
    pub wrong: Vec<Step>,
    /// The right ways; at least one, unless it is reported.
    #[serde(default, deserialize_with = "at_least_one_step")]
    pub right: Vec<Step>,
}

impl Lesson {
    /// Whether users reported it and no run shows it.
    pub fn is_reported(&self) -> bool {
        self.reported.is_some()
    }

    /// What does not fit together, if anything: a lesson has steps and mutants, or it is reported and has neither.
    pub(super) fn contradiction(&self) -> Option<&'static str> {
        let shown = [self.mutants.is_empty(), self.wrong.is_empty(), self.right.is_empty()];
        let is_reported = self.is_reported();
        if is_reported != (self.verdict == GuideVerdict::Reported) {
            return Some("`verdict = \"reported\"` and the key `reported` belong together");
        }
        match is_reported {
            true if shown.contains(&false) || self.given != Given::default() => {
                Some("a reported lesson is never run: it has no `given`, `mutants`, `wrong` and `right`")
            }
            true if self.outputs.is_empty() => Some("a reported lesson has the `outputs` that were reported"),
            false if shown.contains(&true) => Some(
                "a lesson has at least one of each of `mutants`, `wrong` and `right`; one that no run can show says where it was \
                 `reported`",
            ),
            _ => None,
        }
    }

    /// All its steps in the order in which they run.
    pub fn steps(&self) -> impl Iterator<Item = (Way, &Step)> {
        let wrong = self.wrong.iter().map(|step| (Way::Wrong, step));
        wrong.chain(self.right.iter().map(|step| (Way::Right, step)))
    }

    /// The steps with their headings, as transcripts, failures and `mutants` name them.
    pub fn headed_steps(&self) -> impl Iterator<Item = (String, &Step)> {
        self.steps().map(|(way, step)| match step.name.as_str() {
            "" => (way.as_str().to_owned(), step),
            name => (format!("{}: {name}", way.as_str()), step),
        })
    }

    /// The logins that steps deploy instead of the given one, each once.
    pub fn other_logins(&self) -> Vec<LoginKind> {
        let mut kinds = Vec::new();
        for (_, step) in self.steps() {
            if let Action::Deploy(DeployStep { login: Some(kind), .. }) = &step.action
                && !kinds.contains(kind)
            {
                kinds.push(*kind);
            }
        }
        kinds
    }

    /// Whether some step runs on the machine that deploys.
    pub fn needs_local_machine(&self) -> bool {
        self.steps().any(|(_, step)| matches!(step.action, Action::Local(_)))
    }
}

/// The program that a lesson is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    /// The Codex CLI.
    #[default]
    Codex,
    /// Claude Code, which the guide compares it with.
    Claude,
}

/// Whether a step is one that goes wrong or one that works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It goes wrong, in the documented way.
    Wrong,
    /// It works.
    Right,
}

impl Way {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Right => "right",
        }
    }
}

/// A section of the guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guide {
    /// Quick Start.
    QuickStart,
    /// Critical Knowledge.
    CriticalKnowledge,
    /// File Schema.
    FileSchema,
    /// Remote Deployment Workflow.
    Workflow,
    /// Smoke Test Strategy.
    SmokeTests,
    /// Comparison.
    Comparison,
    /// Troubleshooting.
    Troubleshooting,
    /// Environment Variables.
    Environment,
    /// Not in the guide.
    Beyond,
}

/// Whether a statement of the guide holds, as the lesson shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuideVerdict {
    /// It holds.
    Holds,
    /// It was true, but newer releases behave differently.
    Stale,
    /// It does not hold.
    Wrong,
    /// The guide does not mention it.
    Silent,
    /// Users reported it, and no run shows it.
    Reported,
}

/// An action, and what it has to show.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "RawStep")]
pub struct Step {
    /// Its name, if the lesson has several.
    pub name: String,
    /// The action.
    pub action: Action,
    /// What the command gets on its standard input.
    pub stdin: StdinKind,
    /// The time limit in seconds; the default is ten.
    pub deadline: f64,
    /// What it has to show, by release.
    pub expect: Vec<Expect>,
}

impl Step {
    /// What it has to show on a release: on this flavour of server if an expectation names it, and otherwise on every server.
    pub fn expected(&self, release: &Version, flavour: &str) -> Vec<&Expect> {
        let on = |expect: &&Expect| expect.codex.contains(release);
        let named = |expect: &&Expect| expect.flavours.iter().any(|other| other == flavour);
        let special: Vec<&Expect> = self.expect.iter().filter(on).filter(named).collect();
        if special.is_empty() { self.usual().filter(on).collect() } else { special }
    }

    /// What it has to show on every server that no other expectation names.
    pub fn usual(&self) -> impl Iterator<Item = &Expect> {
        self.expect.iter().filter(|expect| expect.flavours.is_empty())
    }
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// A command over SSH, as the remote account.
    Run(String),
    /// A command on the machine that deploys, where `remote` is the remote account.
    Local(String),
    /// The deploy logic.
    Deploy(DeployStep),
}

/// What a command gets on its standard input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StdinKind {
    /// End of file at once.
    #[default]
    Closed,
    /// Nothing, but it stays open.
    Open,
}

/// How a lesson calls the deploy logic.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeployStep {
    /// A login other than the given one.
    pub login: Option<LoginKind>,
    /// Replace a newer remote login.
    pub force: bool,
    /// Replace a symbolic link.
    pub replace_link: bool,
    /// Leave the proof out.
    pub no_proof: bool,
    /// The codex program to prove it with.
    pub program: Option<String>,
    /// Seconds until the proof is killed.
    pub proof_deadline: Option<f64>,
}

/// A `deploy` key: `true`, or a table of options.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Choice {
    /// `deploy = true`.
    Plain(bool),
    /// `deploy = { force = true }`.
    With(DeployStep),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep {
    #[serde(default)]
    name: String,
    run: Option<String>,
    local: Option<String>,
    deploy: Option<Choice>,
    #[serde(default)]
    stdin: StdinKind,
    deadline: Option<f64>,
    expect: Vec<Expect>,
}

const DEFAULT_DEADLINE: f64 = 10.0;

impl TryFrom<RawStep> for Step {
    type Error = String;

    fn try_from(raw: RawStep) -> Result<Self, String> {
        let action = match (raw.run, raw.local, raw.deploy) {
            (Some(run), None, None) => Action::Run(run),
            (None, Some(local), None) => Action::Local(local),
            (None, None, Some(Choice::Plain(true))) => Action::Deploy(DeployStep::default()),
            (None, None, Some(Choice::With(options))) => Action::Deploy(options),
            _ => return Err("a step has exactly one of `run`, `local` and `deploy`".to_owned()),
        };
        if raw.expect.is_empty() {
            return Err("a step that expects nothing cannot fail; give it an `expect`".to_owned());
        }
        let deadline = raw.deadline.unwrap_or(DEFAULT_DEADLINE);
        if !(0.05..=120.0).contains(&deadline) {
            return Err(format!("a deadline is 0.05 to 120 seconds, not {deadline}"));
        }
        Ok(Self { name: raw.name, action, stdin: raw.stdin, deadline, expect: raw.expect })
    }
}

fn at_least_one_mutant<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Mutant>, D::Error> {
    at_least_one(from, "a lesson names at least one mutant under which it fails")
}

fn at_least_one_step<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Step>, D::Error> {
    at_least_one(from, "a lesson has at least one wrong way and one right way")
}

fn at_least_one<'de, D, T>(from: D, otherwise: &str) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    let items = Vec::<T>::deserialize(from)?;
    if items.is_empty() { Err(serde::de::Error::custom(otherwise)) } else { Ok(items) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_named_has_only_what_is_expected_on_it() {
        let step: Step = toml::from_str(
            "run = \"a\"\nexpect = [{ codex = \"<0.134\", exit = 1 }, { codex = \">=0.134\", exit = 2 }, \
             { codex = \">=0.134\", flavours = [\"busybox\"], exit = 3 }]",
        )
        .unwrap_or_else(|error| panic!("{error}"));
        let exits = |release: Version, flavour: &str| -> Vec<Option<i32>> {
            step.expected(&release, flavour).iter().map(|expect| expect.exit).collect()
        };
        assert_eq!(exits(Version::new(0, 163, 0), "dropbear"), [Some(2)]);
        assert_eq!(exits(Version::new(0, 163, 0), "busybox"), [Some(3)]);
        // It names no expectation for this release.
        assert_eq!(exits(Version::new(0, 133, 0), "busybox"), [Some(1)]);
    }
}
