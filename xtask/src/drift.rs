//! `cargo xtask drift`: runs the lessons on real releases, and shows which lesson holds on which release.

use std::time::Instant;

use clap::{Args, ValueEnum};
use codex_remote_auth::cli::say::say_json;
use codex_remote_auth::lessons::{Catalogue, FurtherCall, KnownDifference, Lesson, Tool as About, is_glob};
use codex_remote_auth::{say, say_line};
use harness::release::{Cache, Pins, Platform, Tool};
use harness::report::{self, Planned, Subject, Suite};
use harness::run::{
    Acceptance, Compared, Comparison, Progress, ReleaseDrift, RunnerOptions, SMOKE_TESTS, TestEnvironment,
    TestEnvironmentOptions, accept, catalogue, check_choice, choose, compare, drift,
};
use harness::target::{CodexChoice, CodexUnderTest, version};
use serde_json::Value;

use crate::compatibility::{self, CompatibilityPage};
use crate::progress::{Count, Lines, Live};
use crate::reports::{ReportArgs, Reports};
use crate::selection::Part;
use crate::smoke::Format;
use crate::sources::{self, SourceArgs};
use crate::{help, interruption, names, session, workspace};
use codex_remote_auth::cli::exit::{Verdict, WrongCall};
use codex_remote_auth::cli::terminal::colours;

/// Run every lesson on real releases of Codex and Claude Code, and show where it holds and what a release says instead
#[derive(Debug, Args)]
#[command(after_help = help::DRIFT)]
pub(crate) struct Drift {
    /// Releases to run, by number or glob, as in '0.15*' or 'claude:*' (default: all pinned ones)
    #[arg(value_name = "RELEASE")]
    releases: Vec<String>,
    /// Run the newest release on the package index (with --unpinned, even if it is not pinned)
    #[arg(long, conflicts_with = "releases")]
    latest: bool,
    /// Compare each release with the stub, in the lessons and in the calls of fixtures/further-calls.toml
    #[arg(long, value_enum, value_name = "WHAT", conflicts_with = "report")]
    against: Option<Against>,
    /// Write docs/compatibility.md and its record from the run; if releases or lessons are named, all other results are kept
    #[arg(long, conflicts_with_all = ["check", "against", "latest", "lessons", "partition"])]
    write: bool,
    /// Write docs/compatibility.md from its record and the guide's statements, without running anything
    #[arg(long, conflicts_with_all = ["releases", "check", "write", "against", "ids", "latest", "lessons", "partition", "report"])]
    page: bool,
    /// Check that docs/compatibility.md is up to date, and that its record agrees with the run
    #[arg(long, conflicts_with_all = ["against", "latest", "lessons", "partition"])]
    check: bool,
    /// Run only this lesson, or those of a glob, as in 'path-*', or of a section, as in @troubleshooting; can be repeated
    #[arg(long = "lesson", value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    part: Part,
    /// Write what the releases show into the files of the lessons that drifted; review the change with git diff
    #[arg(long, conflicts_with = "against")]
    accept: bool,
    /// Number of lessons in parallel (default: based on CPU count and memory)
    #[arg(long, value_name = "N", value_parser = session::jobs)]
    jobs: Option<usize>,
    /// Output format
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[command(flatten)]
    files: workspace::LessonFiles,
    #[command(flatten)]
    sources: SourceArgs,
    #[command(flatten)]
    reports: ReportArgs,
}

/// What to compare a release with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Against {
    /// The stub of the same release
    Stub,
}

impl Drift {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let reports = self.reports.open()?;
        reports.around(|| self.reported(&reports))
    }

    fn reported(&self, reports: &Reports) -> anyhow::Result<Verdict> {
        let began = Instant::now();
        let catalogue = catalogue(&self.files.folder())?;
        if self.page {
            CompatibilityPage::open(&catalogue)?.write_page()?;
            return Ok(Verdict::Holds);
        }
        let lessons = self.lessons(&catalogue)?;
        let page = if self.write || self.check { Some(CompatibilityPage::open(&catalogue)?) } else { None };
        let releases = self.releases(&lessons)?;
        if page.is_some() && releases.iter().any(|release| matches!(release, CodexChoice::Stub(_))) {
            let message = "--write and --check need real releases, not stubs";
            return Err(WrongCall(message.to_owned()).into());
        }
        let human = self.format == Format::Human;
        for release in &releases {
            check_choice(release, &self.sources.sources())?;
        }
        let suites: Vec<Suite> =
            releases.iter().map(|release| self.suite(&lessons, release.into())).collect();
        let count = suites.iter().map(|suite| suite.planned.len()).sum();
        if self.against.is_none() {
            reports.begin("drift", &catalogue, suites);
        }
        let live = Live::new(if human { Lines::Own } else { Lines::None }, Count::Checks, colours());
        live.expect(count, 0);
        let test_environment = session::open(&TestEnvironmentOptions::default(), &|what| live.say(what))?;

        if self.against == Some(Against::Stub) {
            return self.compare(&test_environment, &lessons, &releases, &live, began);
        }
        let mut drifts = Vec::with_capacity(releases.len());
        for (at, release) in releases.iter().enumerate() {
            let codex = choose(release, &test_environment, &self.sources.sources(), &|what| live.say(what))?;
            reports.suite(at, self.suite(&lessons, (&codex).into()), test_environment.image());
            let drift = self.one(&test_environment, &lessons, &codex, &reports.watch(at, &live))?;
            if human {
                live.print(&report::release_line(&drift, colours()));
            }
            drifts.push(drift);
        }
        live.finish();

        let seconds = began.elapsed().as_secs_f64();
        if human {
            say!("{}", report::matrices(&drifts, colours()));
            say!("{}", report::drifted(&drifts, &catalogue, colours()));
        }
        let known = if self.accept {
            Pins::read(&self.sources.sources().pins)?.versions(Tool::Codex)
        } else {
            Vec::new()
        };
        let accepted = self.accept.then(|| accept(&drifts, &lessons, &known, &self.files.folder()));
        let run = self.conclude(&drifts, accepted.as_ref(), seconds);
        reports.end(run)?;
        if let Some(page) = page.filter(|_| !interruption::came()) {
            if self.write {
                page.write(&drifts, self.releases.is_empty() && self.ids.is_empty())?;
            } else if page.check(&drifts)? == Verdict::Fails {
                return Ok(Verdict::Fails);
            }
        }
        Ok(drifts.iter().all(ReleaseDrift::holds).into())
    }

    /// Prints the result. Returns it as one object.
    fn conclude(&self, drifts: &[ReleaseDrift], accepted: Option<&Acceptance>, seconds: f64) -> Value {
        let mut run = report::drift_json(drifts, seconds);
        if let Some(accepted) = accepted {
            run["acceptance"] = report::acceptance_json(accepted);
        }
        match self.format {
            Format::Human => {
                if let Some(accepted) = accepted {
                    say!("{}", report::acceptance(accepted, colours()));
                }
                say_line!("\n{}", report::drift_summary(drifts, seconds, colours()));
            }
            Format::Json => say_json(&run),
        }
        run
    }

    fn compare(
        &self,
        test_environment: &TestEnvironment,
        lessons: &[Lesson],
        releases: &[CodexChoice],
        live: &Live,
        began: Instant,
    ) -> anyhow::Result<Verdict> {
        let fixtures = workspace::root().join("fixtures");
        // If lessons are named, only they are compared, not the further calls.
        let calls = match self.ids.is_empty() {
            true => FurtherCall::read(&fixtures.join("further-calls.toml"))?,
            false => Vec::new(),
        };
        let known = KnownDifference::read(&fixtures.join("known-differences.toml"))?;
        let compared = Compared { lessons, calls: &calls, known: &known };
        let mut comparisons = Vec::new();
        for release in releases {
            let codex = choose(release, test_environment, &self.sources.sources(), &|what| live.say(what))?;
            let CodexUnderTest::Real(real) = &codex else { continue };
            let jobs = [&codex, &CodexUnderTest::newest_stub()]
                .map(|codex| self.jobs.unwrap_or_else(|| session::default_jobs(codex)));
            let comparison = compare(test_environment, compared, real, jobs, live)?;
            if self.format == Format::Human {
                live.print(&report::comparison_line(&comparison, colours()));
            }
            comparisons.push(comparison);
        }
        live.finish();
        match self.format {
            Format::Human => say!("{}", report::differing(&comparisons, colours())),
            Format::Json => {
                say_json(&report::comparison_json(&comparisons, began.elapsed().as_secs_f64()));
            }
        }
        Ok(comparisons.iter().all(Comparison::is_equal).into())
    }

    fn one(
        &self,
        test_environment: &TestEnvironment,
        lessons: &[Lesson],
        codex: &CodexUnderTest,
        live: &dyn Progress,
    ) -> anyhow::Result<ReleaseDrift> {
        let jobs = self.jobs.unwrap_or_else(|| session::default_jobs(codex));
        let drift = drift(
            test_environment,
            lessons,
            codex,
            &RunnerOptions::new(jobs, test_environment.folder().to_owned()),
            live,
        )?;
        if self.has_smoke_tests() {
            compatibility::with_smoke_tests(drift, test_environment, jobs, live)
        } else {
            Ok(drift)
        }
    }

    fn lessons(&self, catalogue: &Catalogue) -> anyhow::Result<Vec<Lesson>> {
        let known: Vec<&str> = catalogue.lessons().iter().map(|lesson| lesson.id.as_str()).collect();
        let chosen = names::select_checks("lesson", &self.ids, &known, catalogue, "cargo xtask lessons")?;
        let wanted = |lesson: &&Lesson| self.ids.is_empty() || chosen.contains(&lesson.id.as_str());
        let wanted: Vec<Lesson> = catalogue.lessons().iter().filter(wanted).cloned().collect();
        Ok(self.part.of(wanted, |lesson| &lesson.id)?)
    }

    fn releases(&self, lessons: &[Lesson]) -> anyhow::Result<Vec<CodexChoice>> {
        if self.latest {
            let newest = Cache::open()?.pip()?.versions(Tool::Codex, Platform::of_containers()?)?.pop();
            return newest
                .map(|release| vec![CodexChoice::Real(release)])
                .ok_or_else(|| WrongCall("the package index lists no release of Codex".to_owned()).into());
        }
        if self.releases.is_empty() {
            let pins = Pins::read(&self.sources.sources().pins)?;
            let codex = pins.versions(Tool::Codex).into_iter().map(CodexChoice::Real);
            let claude = pins.versions(Tool::Claude).into_iter().map(CodexChoice::Claude);
            // A release that no lesson applies to would be an empty column.
            return Ok(codex.chain(claude).filter(|release| concerns(lessons, release)).collect());
        }
        let mut choices = Vec::new();
        for text in &self.releases {
            choices.extend(self.named(text)?);
        }
        Ok(choices)
    }

    /// The release of this name, or the pinned ones that match a glob.
    fn named(&self, text: &str) -> anyhow::Result<Vec<CodexChoice>> {
        if !is_glob(text) {
            return Ok(vec![named(text).map_err(WrongCall)?]);
        }
        let pins = Pins::read(&self.sources.sources().pins)?;
        let pinned = sources::matching(text, &pins)?;
        let choice = |(tool, release)| match tool {
            Tool::Codex => CodexChoice::Real(release),
            Tool::Claude => CodexChoice::Claude(release),
        };
        Ok(pinned.into_iter().map(choice).collect())
    }

    /// What a run of these lessons on this codex consists of.
    fn suite(&self, lessons: &[Lesson], codex: Subject) -> Suite {
        let about = if codex.kind == "claude" { About::Claude } else { About::Codex };
        let of_tool = lessons.iter().filter(|lesson| lesson.tool == about);
        let applies = |lesson: &&Lesson| codex.release.as_ref().is_none_or(|it| lesson.codex.contains(it));
        let (run, not_applicable): (Vec<&Lesson>, Vec<&Lesson>) = of_tool.partition(applies);
        let smoke_tests = SMOKE_TESTS.iter().filter(|_| self.has_smoke_tests() && about == About::Codex);
        let planned = run.into_iter().map(Planned::from).chain(smoke_tests.map(Planned::from)).collect();
        let not_applicable = not_applicable.into_iter().map(|lesson| lesson.id.clone()).collect();
        Suite { not_applicable, ..Suite::new(codex, planned) }
    }

    fn has_smoke_tests(&self) -> bool {
        (self.write || self.check) && self.ids.is_empty()
    }
}

fn concerns(lessons: &[Lesson], release: &CodexChoice) -> bool {
    let tool = if matches!(release, CodexChoice::Claude(_)) { About::Claude } else { About::Codex };
    lessons.iter().any(|lesson| lesson.tool == tool)
}

/// Reads a Codex release given as a number only, or anything that `smoke --codex` accepts.
fn named(text: &str) -> Result<CodexChoice, String> {
    match version(text) {
        Some(release) => Ok(CodexChoice::Real(release)),
        None => text.parse(),
    }
}
