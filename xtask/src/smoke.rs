//! `cargo xtask smoke`: runs the guide's smoke tests and the lessons in a container.

use std::time::Instant;

use clap::{Args, ValueEnum};
use codex_remote_auth::cli::say::say_json;
use codex_remote_auth::lessons::{Catalogue, Tool};
use codex_remote_auth::{say, say_line};
use harness::report::{self, Target};
use harness::run::{
    Check, Runner, RunnerOptions, SMOKE_TESTS, TestEnvironment, TestEnvironmentOptions, catalogue, choose,
    newest_release,
};
use harness::target::image::ImageOptions;
use harness::target::{CodexChoice, CodexUnderTest, Container};
use semver::Version;

use crate::progress::Live;
use crate::session;
use crate::sources::SourceArgs;
use crate::workspace;
use codex_remote_auth::cli::exit::{Verdict, WrongCall};
use codex_remote_auth::cli::terminal::colours;

/// Run the guide's seven smoke tests and every lesson on a real sshd container
#[derive(Debug, Args)]
pub(crate) struct Smoke {
    /// Checks to run (default: all)
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Number of checks in parallel (default: based on CPU count and memory)
    #[arg(long, value_name = "N", value_parser = session::jobs)]
    jobs: Option<usize>,
    /// Keep the container, and show how to connect to it
    #[arg(long)]
    keep: bool,
    /// The codex to test: `stub`, `stub:RELEASE`, `real:RELEASE`, `claude:RELEASE`, or the path of a program
    #[arg(long, value_name = "CODEX", default_value = "stub")]
    codex: String,
    /// Base image (default: debian:bookworm-slim, or one made with mmdebstrap)
    #[arg(long, value_name = "IMAGE")]
    base_image: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// List the checks without running them
    #[arg(long)]
    list: bool,
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
        let began = Instant::now();
        let choice: CodexChoice = self.codex.parse().map_err(WrongCall)?;
        let catalogue = catalogue(&self.files.folder())?;
        let human = self.format == Format::Human;
        if self.list {
            for check in self.checks(&catalogue, &choice, &listed(&choice))? {
                say_line!("{:<28} {}", check.id(), check.title());
            }
            return Ok(Verdict::Holds);
        }
        // Check the names before anything is downloaded or started.
        self.checks(&catalogue, &choice, &listed(&choice))?;

        let image = ImageOptions { base: self.base_image.clone(), ..ImageOptions::default() };
        let live = Live::new(catalogue.lessons().len() + SMOKE_TESTS.len(), WIDTH, colours(), human);
        let test_environment =
            session::open(&TestEnvironmentOptions { image, keep: self.keep }, &|what| live.say(what))?;
        let codex = choose(&choice, &test_environment, &self.sources.sources(), &|what| live.say(what))?;
        let checks = self.checks(&catalogue, &choice, codex.release())?;
        live.expect(checks.len());
        let container = test_environment.container_with(&codex)?;
        let result = {
            let runner = Runner::new(
                &container,
                RunnerOptions::new(self.jobs(&codex), test_environment.folder().to_owned()).with(&codex),
            );
            let batch = runner.prepare(checks)?;
            runner.run(&batch, &live)?
        };
        live.finish();
        let way_in = if self.keep {
            Some(kept(&test_environment, container)?)
        } else {
            container.stop().map(|()| None)?
        };

        let seconds = began.elapsed().as_secs_f64();
        if human {
            say!("{}", report::failures(&result, colours()));
            say_line!("\n{}", report::summary(&result, seconds, colours()));
            if let ([id], true, true) = (self.ids.as_slice(), codex.is_stub(), result.holds()) {
                say_line!(
                    "only release {} was run; for every era: cargo xtask lessons --accept {id}",
                    codex.release()
                );
            }
            if let Some(way_in) = way_in {
                say_line!("{way_in}");
            }
        } else {
            let target = Target { kind: "docker", image: test_environment.image().to_string() };
            say_json(&report::run_json(&result, &codex, &target, seconds));
        }
        Ok(result.holds().into())
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
        let unknown: Vec<&str> = self
            .ids
            .iter()
            .filter(|id| !all.iter().any(|check| check.id() == *id))
            .map(String::as_str)
            .collect();
        if let Some(lesson) = unknown.iter().find_map(|id| catalogue.get(id)) {
            let (program, example) = match lesson.tool {
                Tool::Codex => ("Codex", "stub:RELEASE"),
                Tool::Claude => ("Claude Code", "claude:RELEASE"),
            };
            let (id, range) = (&lesson.id, &lesson.codex);
            let message =
                format!("the lesson {id} is only about {program} {range}\n  hint: add --codex {example}");
            return Err(WrongCall(message).into());
        }
        if !unknown.is_empty() {
            let message = format!("unknown check {}; see `cargo xtask smoke --list`", unknown.join(", "));
            return Err(WrongCall(message).into());
        }
        Ok(all.into_iter().filter(|check| self.ids.iter().any(|id| id == check.id())).collect())
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

/// Width of the column with the names of the checks.
const WIDTH: usize = 30;

/// Keeps the container. Returns a message that says how to connect to it and how to remove it.
fn kept(test_environment: &TestEnvironment, container: Container<'_>) -> anyhow::Result<String> {
    let accounts = container.as_root("ls /home | wc -l", b"")?;
    let count = String::from_utf8_lossy(&accounts.stdout).trim().to_owned();
    let id: String = container.id().chars().take(12).collect();
    let config = test_environment.write_way_in(&container)?;
    let text = format!(
        "\nkept: container {id} with the accounts u1 to u{count}\n  \
         as an account:  ssh -F {} u1@box\n  \
         as root:        docker exec -it {id} bash\n  \
         remove it:      cargo xtask clean",
        config.display()
    );
    container.leave();
    Ok(text)
}
