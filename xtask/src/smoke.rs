//! `cargo xtask smoke`: runs the guide's smoke tests and the lessons in a container.

use std::time::Instant;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use codex_remote_auth::cli::say::say_json;
use codex_remote_auth::lessons::{Catalogue, Lesson, Tool};
use codex_remote_auth::{say, say_line};
use harness::report::{self, Planned, Suite, Target};
use harness::run::{
    Check, Runner, RunnerOptions, SMOKE_TESTS, TestEnvironmentOptions, catalogue, check_choice, choose,
    newest_release,
};
use harness::target::image::ImageOptions;
use harness::target::{CodexChoice, CodexUnderTest, Flavour};
use semver::Version;

use crate::flavours::Flavours;
use crate::kept::Kept;
use crate::last_run::LastRun;
use crate::names::NothingSelected;
use crate::progress::{Count, Lines, Live};
use crate::reports::{ReportArgs, Reports};
use crate::selection::{Pace, Part};
use crate::sources::SourceArgs;
use crate::status::Refused;
use crate::{help, names, session, terminal, workspace};
use codex_remote_auth::cli::exit::{Verdict, WrongCall};
use codex_remote_auth::cli::terminal::colours;

/// The kind of a check that is a lesson.
const LESSON: &str = "lesson";

/// The codex to test unless told otherwise.
pub(crate) const STUB: &str = "stub";

/// The command that lists the checks.
const LIST: &str = "cargo xtask smoke --list";

/// Run the guide's seven smoke tests and every lesson on a real sshd container
#[derive(Debug, Args)]
#[command(after_help = help::SMOKE)]
pub(crate) struct Smoke {
    /// Checks to run, by name, by glob, as in 'path-*', or by section, as in @troubleshooting (default: all)
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Run only the checks that failed in the last run, or were not run in it
    #[arg(long)]
    failed: bool,
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    pace: Pace,
    /// Number of checks in parallel (default: based on CPU count and memory)
    #[arg(long, value_name = "N", value_parser = session::jobs)]
    jobs: Option<usize>,
    /// Keep the container, and print the command of each check, ready to be tried by hand
    #[arg(long, conflicts_with = "repeat")]
    keep: bool,
    /// Use a container that stays up for five minutes, or start one
    #[arg(long, conflicts_with = "keep")]
    warm: bool,
    /// The codex to test: `stub`, `stub:RELEASE`, `real:RELEASE`, `claude:RELEASE`, or the path of a program
    #[arg(long, value_name = "CODEX", default_value = STUB)]
    codex: String,
    /// The server to test on: a folder under docker/, or `all` (default: openssh-bookworm)
    #[arg(long, value_name = "NAME", default_value_t, hide_default_value = true)]
    flavour: Flavours,
    /// Base image (default: debian:bookworm-slim, or one made with mmdebstrap)
    #[arg(long, value_name = "IMAGE")]
    base_image: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// List the checks without running them
    #[arg(long, conflicts_with = "report")]
    list: bool,
    /// Print what each check showed
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    files: workspace::LessonFiles,
    #[command(flatten)]
    sources: SourceArgs,
    #[command(flatten)]
    reports: ReportArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Human-readable text
    Human,
    /// One JSON object
    Json,
}

impl Smoke {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let one_object = self.format == Format::Json || self.reports.is_asked();
        self.flavour.each(self.list, one_object, |flavour| self.run_on(flavour))
    }

    fn run_on(&self, flavour: Flavour) -> anyhow::Result<Verdict> {
        let reports = self.reports.open()?;
        reports.around(|| self.reported(flavour, &reports))
    }

    fn reported(&self, flavour: Flavour, reports: &Reports) -> anyhow::Result<Verdict> {
        let began = Instant::now();
        let choice: CodexChoice = self.codex.parse().map_err(WrongCall)?;
        let catalogue = catalogue(&self.files.folder())?;
        let human = self.format == Format::Human;
        // Check release and names before anything is downloaded or started.
        check_choice(&choice, &self.sources.sources())?;
        let named = self.checks(&catalogue, &choice, &listed(&choice))?;
        if self.list {
            say!("{}", report::check_list(&named, terminal::width()));
            return Ok(Verdict::Holds);
        }

        let planned = named.iter().map(Planned::from).collect();
        reports.begin("smoke", &catalogue, vec![Suite::new((&choice).into(), planned)]);
        let image = ImageOptions { flavour, base: self.base_image.clone(), ..ImageOptions::default() };
        let lines = if human { Lines::Checks { verbose: self.verbose } } else { Lines::None };
        let live = Live::new(lines, Count::Checks, colours());
        let test_environment =
            session::open(&TestEnvironmentOptions { image, keep: self.keep }, &|what| live.say(what))?;
        let codex = choose(&choice, &test_environment, &self.sources.sources(), &|what| live.say(what))?;
        let checks = self.checks(&catalogue, &choice, codex.release())?;
        self.record(&checks.iter().map(Check::id).collect::<Vec<_>>())?;
        let checks = self.pace.repeated(&checks);
        let seed = self.pace.seed();
        live.expect(checks.len(), checks.iter().map(|check| check.id().len()).max().unwrap_or_default());
        let suite = Suite::new((&codex).into(), checks.iter().map(Planned::from).collect());
        reports.suite(0, suite, test_environment.image());
        let container = match self.warm {
            true => test_environment.warm_container(&codex)?,
            false => test_environment.container_with(&codex)?,
        };
        let config = if self.keep { Some(test_environment.write_way_in(&container)?) } else { None };
        let (result, kept) = {
            let options = RunnerOptions {
                flavour,
                ..RunnerOptions::new(self.jobs(&codex, flavour), test_environment.folder().to_owned())
            };
            let runner = Runner::new(&container, self.pace.applied(seed, options.with(&codex)));
            let batch = runner.prepare(checks)?;
            let result = runner.run(&batch, &reports.watch(0, &live))?;
            let kept = config.map(|config| Kept {
                container: container.id().chars().take(12).collect(),
                checks: batch.kept(&result.checks, &config),
                config,
            });
            (result, kept)
        };
        live.finish();
        match kept {
            Some(_) => container.leave(),
            None => container.stop()?,
        }
        self.record(&result.open())?;

        let seconds = began.elapsed().as_secs_f64();
        let target = Target { kind: "docker", image: test_environment.image().to_string() };
        let mut run = report::run_json(&result, &catalogue, &codex, &target, seconds);
        if let Some(kept) = &kept {
            run["kept"] = kept.json();
        }
        if let Some(seed) = seed {
            run["seed"] = seed.into();
        }
        if human {
            say!(
                "{}",
                report::failures(
                    &result,
                    &catalogue,
                    &|check| self.again(&check.id, flavour),
                    &|check, step| self.by_hand(&check.id, step, flavour),
                    colours()
                )
            );
            if self.pace.timings {
                say!("\n{}", report::timings(&result, colours()));
            }
            say_line!("\n{}", report::summary(&result, &codex, seconds, colours()));
            if let Some(seed) = seed {
                say_line!("the order was random; to repeat it: --order random --seed {seed}");
            }
            if let ([check], true, true) = (result.checks.as_slice(), codex.is_stub(), result.holds())
                && check.kind == LESSON
            {
                say_line!(
                    "only release {} was run; for every era: cargo xtask lessons --accept {}{}",
                    codex.release(),
                    check.id,
                    self.files.again()
                );
            }
            if let Some(kept) = kept {
                say_line!("{}", kept.text());
            }
        } else {
            say_json(&run);
        }
        reports.end(run)?;
        Ok(result.holds().into())
    }

    /// Records what did not pass, for `--failed`.
    fn record(&self, open: &[&str]) -> anyhow::Result<()> {
        LastRun::record(&self.files.folder(), open)
            .context("the checks that failed cannot be recorded for --failed")
    }

    /// The command that opens a shell before a step, with the codex of this run.
    fn by_hand(&self, id: &str, step: usize, flavour: Flavour) -> String {
        format!("cargo xtask repro {id} --step {step}{}{}", Flavours::One(flavour).again(), self.same_codex())
    }

    /// The options for the codex and the lessons of this run.
    fn same_codex(&self) -> String {
        let codex = if self.codex == STUB { String::new() } else { workspace::option("codex", &self.codex) };
        codex + &self.files.again() + &self.sources.again()
    }

    /// The command that runs a check again as in this run, and keeps its account.
    fn again(&self, id: &str, flavour: Flavour) -> String {
        let base = self.base_image.as_deref().map(|image| workspace::option("base-image", image));
        let server = Flavours::One(flavour).again() + &base.unwrap_or_default();
        format!("cargo xtask smoke {id} --keep{server}{}", self.same_codex())
    }

    fn jobs(&self, codex: &CodexUnderTest, flavour: Flavour) -> usize {
        self.jobs.unwrap_or_else(|| session::default_jobs(codex).min(flavour.most_jobs()))
    }

    fn checks<'c>(
        &self,
        catalogue: &'c Catalogue,
        choice: &CodexChoice,
        release: &Version,
    ) -> anyhow::Result<Vec<Check<'c>>> {
        let all = all_checks(catalogue, tool(choice), release);
        let known: Vec<&str> = all.iter().map(Check::id).collect();
        let is_elsewhere = |id: &&String| !known.contains(&id.as_str());
        if let Some(lesson) = self.ids.iter().filter(is_elsewhere).find_map(|id| catalogue.get(id)) {
            return Err(only_elsewhere(lesson).into());
        }
        let named = names::select_checks("check", &self.ids, &known, catalogue, LIST)?;
        let last = if self.failed { Some(LastRun::read(&self.files.folder())?) } else { None };
        let is_wanted = |id: &str| {
            let is_named = self.ids.is_empty() || named.contains(&id);
            is_named && last.as_ref().is_none_or(|last| last.has(id))
        };
        let wanted: Vec<Check<'c>> = all.into_iter().filter(|check| is_wanted(check.id())).collect();
        if wanted.is_empty() {
            let what = "none of these checks failed in the last run";
            return Err(NothingSelected::new(what, "cargo xtask smoke --failed --list").into());
        }
        Ok(self.part.of(wanted, |check| check.id())?)
    }
}

/// The smoke tests, which are about Codex, and the lessons of a tool that apply to a release.
pub(crate) fn all_checks<'c>(catalogue: &'c Catalogue, tool: Tool, release: &Version) -> Vec<Check<'c>> {
    let smoke = SMOKE_TESTS.iter().filter(|_| tool == Tool::Codex);
    let smoke = smoke.map(|test| Check::smoke(test, release.clone()));
    let lessons = catalogue.lessons().iter();
    let lessons = lessons.filter(|lesson| lesson.tool == tool && lesson.codex.contains(release));
    smoke.chain(lessons.map(|lesson| Check::lesson(lesson, release.clone()))).collect()
}

/// A lesson that says nothing about the program or the release of a run.
pub(crate) fn only_elsewhere(lesson: &Lesson) -> Refused {
    let (program, example) = match lesson.tool {
        Tool::Codex => ("Codex", "stub:RELEASE"),
        Tool::Claude => ("Claude Code", "claude:RELEASE"),
    };
    let what = format!("the lesson {} is only about {program} {}", lesson.id, lesson.codex);
    Refused::new(what).hint(format!("add --codex {example}"))
}

/// The program that a codex under test is.
pub(crate) fn tool(choice: &CodexChoice) -> Tool {
    match choice {
        CodexChoice::Claude(_) => Tool::Claude,
        _ => Tool::Codex,
    }
}

/// The release to list checks for, before the version of a local program is known.
pub(crate) fn listed(choice: &CodexChoice) -> Version {
    match choice {
        CodexChoice::Stub(release) | CodexChoice::Real(release) | CodexChoice::Claude(release) => {
            release.clone()
        }
        CodexChoice::File(_) => newest_release(),
    }
}
