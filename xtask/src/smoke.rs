//! `cargo xtask smoke`: runs the guide's smoke tests and the lessons in a container.

use std::time::Instant;

use clap::{Args, ValueEnum};
use codex_remote_auth::cli::say::say_json;
use codex_remote_auth::lessons::{Catalogue, Tool};
use codex_remote_auth::{say, say_line};
use harness::report::{self, Target};
use harness::run::{
    Check, Runner, RunnerOptions, SMOKE_TESTS, TestEnvironmentOptions, catalogue, check_choice, choose,
    newest_release,
};
use harness::target::image::ImageOptions;
use harness::target::{CodexChoice, CodexUnderTest, Flavour};
use semver::Version;

use crate::flavours::Flavours;
use crate::kept::Kept;
use crate::progress::{Count, Lines, Live};
use crate::sources::SourceArgs;
use crate::status::Refused;
use crate::{flavours, help, names, session, terminal, workspace};
use codex_remote_auth::cli::exit::{Verdict, WrongCall};
use codex_remote_auth::cli::terminal::colours;

/// The kind of a check that is a lesson.
const LESSON: &str = "lesson";

/// The codex to test unless told otherwise.
const STUB: &str = "stub";

/// Run the guide's seven smoke tests and every lesson on a real sshd container
#[derive(Debug, Args)]
#[command(after_help = help::SMOKE)]
pub(crate) struct Smoke {
    /// Checks to run, by name or glob, as in 'path-*' (default: all)
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Number of checks in parallel (default: based on CPU count and memory)
    #[arg(long, value_name = "N", value_parser = session::jobs)]
    jobs: Option<usize>,
    /// Keep the container, and print the command of each check, ready to be tried by hand
    #[arg(long)]
    keep: bool,
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
    #[arg(long)]
    list: bool,
    /// Print what each check showed
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    files: workspace::LessonFiles,
    #[command(flatten)]
    sources: SourceArgs,
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
        self.flavour.each(self.list, self.format == Format::Json, |flavour| self.run_on(flavour))
    }

    fn run_on(&self, flavour: Flavour) -> anyhow::Result<Verdict> {
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

        let image = ImageOptions { flavour, base: self.base_image.clone(), ..ImageOptions::default() };
        let lines = if human { Lines::Checks { verbose: self.verbose } } else { Lines::None };
        let live = Live::new(lines, Count::Checks, colours());
        let test_environment =
            session::open(&TestEnvironmentOptions { image, keep: self.keep }, &|what| live.say(what))?;
        let codex = choose(&choice, &test_environment, &self.sources.sources(), &|what| live.say(what))?;
        let mut checks = self.checks(&catalogue, &choice, codex.release())?;
        let skipped = flavours::take_out(flavour, &mut checks);
        live.expect(checks.len(), checks.iter().map(|check| check.id().len()).max().unwrap_or_default());
        let container = test_environment.container_with(&codex)?;
        let config = if self.keep { Some(test_environment.write_way_in(&container)?) } else { None };
        let (result, kept) = {
            let runner = Runner::new(
                &container,
                RunnerOptions::new(self.jobs(&codex), test_environment.folder().to_owned()).with(&codex),
            );
            let batch = runner.prepare(checks)?;
            let result = runner.run(&batch, &live)?;
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

        let seconds = began.elapsed().as_secs_f64();
        if human {
            say!("{}", report::failures(&result, &catalogue, &|check| self.again(&check.id), colours()));
            skipped.iter().for_each(|line| say_line!("{line}"));
            if !skipped.is_empty() {
                say_line!("{} skipped", skipped.len());
            }
            say_line!("\n{}", report::summary(&result, &codex, seconds, colours()));
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
            let target = Target { kind: "docker", image: test_environment.image().to_string() };
            let mut run = report::run_json(&result, &catalogue, &codex, &target, seconds);
            if let Some(kept) = kept {
                run["kept"] = kept.json();
            }
            say_json(&run);
        }
        Ok(result.holds().into())
    }

    /// The command that runs a check again as in this run, and keeps its account.
    fn again(&self, id: &str) -> String {
        let mut text = format!("cargo xtask smoke {id} --keep");
        if self.codex != STUB {
            text.push_str(&workspace::option("codex", &self.codex));
        }
        text += &self.flavour.again();
        text.extend(self.base_image.as_deref().map(|image| workspace::option("base-image", image)));
        text + &self.files.again() + &self.sources.again()
    }

    fn jobs(&self, codex: &CodexUnderTest) -> usize {
        self.jobs.unwrap_or_else(|| session::default_jobs(codex))
    }

    fn checks<'c>(
        &self,
        catalogue: &'c Catalogue,
        choice: &CodexChoice,
        release: &Version,
    ) -> anyhow::Result<Vec<Check<'c>>> {
        let tool = match choice {
            CodexChoice::Claude(_) => Tool::Claude,
            _ => Tool::Codex,
        };
        let all = all_checks(catalogue, tool, release);
        if self.ids.is_empty() {
            return Ok(all);
        }
        let known: Vec<&str> = all.iter().map(Check::id).collect();
        let is_elsewhere = |id: &&String| !known.contains(&id.as_str());
        if let Some(lesson) = self.ids.iter().filter(is_elsewhere).find_map(|id| catalogue.get(id)) {
            let (program, example) = match lesson.tool {
                Tool::Codex => ("Codex", "stub:RELEASE"),
                Tool::Claude => ("Claude Code", "claude:RELEASE"),
            };
            let what = format!("the lesson {} is only about {program} {}", lesson.id, lesson.codex);
            return Err(Refused::new(what).hint(format!("add --codex {example}")).into());
        }
        let wanted = names::select("check", &self.ids, &known, "cargo xtask smoke --list")?;
        Ok(all.into_iter().filter(|check| wanted.contains(&check.id())).collect())
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

/// The release to list checks for, before the version of a local program is known.
fn listed(choice: &CodexChoice) -> Version {
    match choice {
        CodexChoice::Stub(release) | CodexChoice::Real(release) | CodexChoice::Claude(release) => {
            release.clone()
        }
        CodexChoice::File(_) => newest_release(),
    }
}
