//! Runs the lessons on real releases and compares the stub and docs/compatibility.json with them: the oldest, one in the
//! middle, the newest.
//!
//! On a change only the newest is tested. `--ignored` tests the others, as CI does once a week.
//!
//! A release that is not in the cache and cannot be downloaded is skipped, with the reason. Under `CI=true` that is a failure.

#[path = "real/login.rs"]
mod login;

use std::fs;
use std::process::ExitCode;

use codex_remote_auth::lessons::{FurtherCall, KnownDifference};
use codex_remote_auth::output::Colours;
use harness::release::{GetOptions, Pins, Tool, Version};
use harness::report;
use harness::report::compatibility::{Compatibility, disagreements};
use harness::run::{
    Check, Compared, ERAS, Quiet, Runner, RunnerOptions, Sources, TestEnvironment, TestEnvironmentOptions,
    compare, drift, newest_release, real, real_calls_in_memory,
};
use harness::target::{CodexUnderTest, RealCodex};
use libtest_mimic::{Arguments, Failed, Trial};
use tests::{assert_page, guide_page, lessons, root};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Each run uses all the cores and memory, and some lessons depend on time.
    arguments.test_threads = Some(1);
    let mut trials = Vec::new();
    for release in &ERAS {
        trials.extend([
            trial(
                &arguments,
                &format!("lessons_hold_and_the_stub_is_equal_to::{release}"),
                Tool::Codex,
                Some(release),
                |codex| lessons_hold_and_the_stub_is_equal(&codex),
            ),
            trial(
                &arguments,
                &format!("the_guide_is_followed_on::{release}"),
                Tool::Codex,
                Some(release),
                |codex| guide_holds(&codex),
            ),
        ]);
    }
    for release in [&ERAS[0], &newest_release()] {
        let name = format!("a_machine_logs_in_by_device_on::{release}");
        trials.push(trial(&arguments, &name, Tool::Codex, Some(release), |codex| {
            login::by_device(&test_environment()?, codex)
        }));
        let name = format!("a_machine_is_led_to_by_a_browser_on::{release}");
        trials.push(trial(&arguments, &name, Tool::Codex, Some(release), |codex| {
            login::by_browser(&test_environment()?, codex)
        }));
    }
    trials.push(trial(&arguments, "lessons_hold_on::claude", Tool::Claude, None, |claude| {
        claude_holds(&claude)
    }));
    trials.push(trial(&arguments, "mutants_are_noticed_on::claude", Tool::Claude, None, |claude| {
        claude_mutants_are_noticed(&claude)
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A test on a release. If the release is not available, the test is ignored and says why; in CI it fails.
fn trial(
    arguments: &Arguments,
    name: &str,
    tool: Tool,
    release: Option<&Version>,
    test: impl FnOnce(RealCodex) -> Result<(), Failed> + Send + 'static,
) -> Trial {
    let is_weekly = release.is_some_and(|release| *release != newest_release());
    // If only a list is wanted, or the test is not to be run, nothing is downloaded.
    let has_name = arguments.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()));
    let is_asked = arguments.include_ignored || arguments.ignored == is_weekly;
    if arguments.list || !has_name || !is_asked {
        return Trial::test(name, || Ok(())).with_ignored_flag(is_weekly);
    }
    match release_of(tool, release) {
        Ok(codex) => Trial::test(name, move || test(codex)).with_ignored_flag(is_weekly),
        Err(why) if std::env::var_os("CI").is_some_and(|value| value == "true") => {
            Trial::test(name, move || {
                Err(format!("the release is not available, and in CI that is a failure: {why}").into())
            })
            .with_ignored_flag(is_weekly)
        }
        Err(why) => {
            eprintln!("skipped: {name}: the release is not available: {why}");
            Trial::test(name, || Ok(())).with_ignored_flag(true)
        }
    }
}

fn release_of(tool: Tool, release: Option<&Version>) -> Result<RealCodex, String> {
    let sources =
        Sources { pins: root().join("fixtures/codex-releases.toml"), options: GetOptions::default() };
    let pins = Pins::read(&sources.pins).map_err(|problem| problem.to_string())?;
    let release = release.cloned().or_else(|| pins.versions(tool).pop()).ok_or("no release is pinned")?;
    real(tool, &release, &sources, &|what| eprintln!("{what}")).map_err(|problem| problem.to_string())
}

fn jobs(codex: &CodexUnderTest) -> usize {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    if codex.is_stub() { cores * 3 } else { (cores * 3).min(real_calls_in_memory()) }
}

fn test_environment() -> Result<TestEnvironment, Failed> {
    Ok(TestEnvironment::open(&TestEnvironmentOptions::default(), &|what| eprintln!("{what}"))?)
}

/// One run shows both, and each failure of either is shown.
fn lessons_hold_and_the_stub_is_equal(codex: &RealCodex) -> Result<(), Failed> {
    let catalogue = lessons();
    let calls = FurtherCall::read(&root().join("fixtures/further-calls.toml"))?;
    let known = KnownDifference::read(&root().join("fixtures/known-differences.toml"))?;
    let compared = Compared { lessons: catalogue.lessons(), calls: &calls, known: &known };
    let test_environment = test_environment()?;
    let both = [CodexUnderTest::Real(codex.clone()), CodexUnderTest::newest_stub()];
    let comparison = compare(&test_environment, compared, codex, both.each_ref().map(jobs), &Quiet)?;
    let drifted: Vec<_> = comparison.cells.iter().filter(|cell| !cell.failures.is_empty()).collect();
    let record = fs::read_to_string(root().join("docs/compatibility.json"))?;
    let apart = disagreements(&Compatibility::from_json(&record)?, &comparison.real, &catalogue)?;
    if drifted.is_empty() && comparison.leaks.is_empty() && comparison.is_equal() && apart.is_empty() {
        return Ok(());
    }
    let mut shown: Vec<String> =
        drifted.iter().map(|cell| format!("{}: {:#?}", cell.id, cell.failures)).collect();
    if !apart.is_empty() {
        shown.push(format!("docs/compatibility.json disagrees with this run:\n{}", apart.join("\n")));
        shown.push(format!("`cargo xtask drift --write {}` writes it", comparison.release));
    }
    let differing = report::differing(std::slice::from_ref(&comparison), Colours::Off);
    Err(format!(
        "{}\n{:?}\n`cargo xtask drift {}` shows it side by side\n{differing}",
        shown.join("\n"),
        comparison.leaks,
        comparison.release
    )
    .into())
}

/// Every block of docs/SKILL.md, as a person types it: over OpenSSH, with the input left open.
fn guide_holds(codex: &RealCodex) -> Result<(), Failed> {
    let (catalogue, release) = (lessons(), &codex.release);
    let blocks = guide_page::blocks(&guide_page::guide());
    let followed: Vec<_> =
        blocks.iter().filter_map(|block| guide_page::as_a_lesson(block, &catalogue, release)).collect();
    let test_environment = test_environment()?;
    let codex = CodexUnderTest::Real(codex.clone());
    let options = RunnerOptions::new(jobs(&codex), test_environment.folder().to_owned());
    let drift = drift(&test_environment, &followed, &codex, &options, &Quiet)?;
    if drift.cells.len() < 30 {
        return Err(format!("only {} blocks were followed", drift.cells.len()).into());
    }
    if drift.holds() { Ok(()) } else { Err(report::drifted(&[drift], &catalogue, Colours::Off).into()) }
}

fn claude_holds(claude: &RealCodex) -> Result<(), Failed> {
    let test_environment = test_environment()?;
    let codex = CodexUnderTest::Claude(claude.clone());
    let options = RunnerOptions::new(jobs(&codex), test_environment.folder().to_owned());
    let catalogue = lessons();
    let drift = drift(&test_environment, catalogue.lessons(), &codex, &options, &Quiet)?;
    if !drift.holds() {
        return Err(report::drifted(&[drift], &catalogue, Colours::Off).into());
    }
    if drift.cells.is_empty() {
        return Err("no lesson is about Claude Code".into());
    }
    for (lesson, cell) in catalogue
        .lessons()
        .iter()
        .filter(|lesson| lesson.tool == codex_remote_auth::lessons::Tool::Claude)
        .zip(&drift.cells)
    {
        let page = cell.result.as_ref().map_or("", |result| result.transcript.as_str());
        assert_page(lesson, page);
    }
    Ok(())
}

fn claude_mutants_are_noticed(claude: &RealCodex) -> Result<(), Failed> {
    let test_environment = test_environment()?;
    let codex = CodexUnderTest::Claude(claude.clone());
    let container = test_environment.container_with(&codex)?;
    let catalogue = lessons();
    let of_claude =
        catalogue.lessons().iter().filter(|lesson| lesson.tool == codex_remote_auth::lessons::Tool::Claude);
    let checks = of_claude
        .flat_map(|lesson| {
            let release = claude.release.clone();
            lesson.mutants.iter().map(move |mutant| Check::mutant(lesson, release.clone(), mutant))
        })
        .collect();
    let verdicts = {
        let runner = Runner::new(
            &container,
            RunnerOptions::new(jobs(&codex), test_environment.folder().to_owned()).with(&codex),
        );
        let batch = runner.prepare(checks)?;
        batch.mutant_verdicts(&runner.run(&batch, &Quiet)?.checks)
    };
    container.stop()?;
    let survived: Vec<_> = verdicts.iter().filter(|verdict| !verdict.killed).collect();
    if verdicts.is_empty() {
        return Err("no mutant was run".into());
    }
    if survived.is_empty() { Ok(()) } else { Err(format!("these survived: {survived:#?}").into()) }
}
