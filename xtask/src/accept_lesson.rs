//! `cargo xtask lessons --accept`: runs one lesson in every era and under its mutants, writes its snapshot, and lists what is
//! still missing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use codex_remote_auth::cli::exit::Verdict;
use codex_remote_auth::cli::terminal::colours;
use codex_remote_auth::lessons::{Catalogue, GuideVerdict, Lesson, Statements, Tool};
use codex_remote_auth::{say, say_line};
use harness::report;
use harness::report::compatibility::{Compatibility, Mark};
use harness::run::{
    Check, CheckResult, ERAS, MutantVerdict, RunResult, Runner, RunnerOptions, Status, TestEnvironment,
    TestEnvironmentOptions,
};
use harness::target::{CodexUnderTest, Container};
use semver::Version;

use crate::compatibility::CompatibilityPage;
use crate::new_lesson::TODO;
use crate::progress::{Count, Lines, Live};
use crate::status::Refused;
use crate::{compatibility, guide, session, terminal, workspace};

/// Where a lesson's files are.
pub(crate) struct Files {
    /// The lesson.
    pub(crate) lesson: PathBuf,
    /// Its snapshot.
    pub(crate) snapshot: PathBuf,
    /// The option that says where they are, if it was given.
    pub(crate) again: String,
}

/// Something that is missing from a lesson, and how to add it.
struct Missing {
    what: String,
    hint: String,
}

fn missing(what: impl Into<String>, hint: impl Into<String>) -> Missing {
    Missing { what: what.into(), hint: hint.into() }
}

/// Runs the lesson, prints its transcript, writes its snapshot, and lists what is missing.
pub(crate) fn accept(lesson: &Lesson, catalogue: &Catalogue, files: &Files) -> anyhow::Result<Verdict> {
    if lesson.tool == Tool::Claude {
        let what = format!(
            "{} is about Claude Code, which has no stub; its snapshot comes from the real program",
            lesson.id
        );
        let hint = "INSTA_UPDATE=always cargo test -p tests --test real -- lessons_hold_on::claude";
        return Err(Refused::new(what).hint(hint).into());
    }
    let live = Live::new(Lines::None, Count::Runs, colours());
    let test_environment = session::open(&TestEnvironmentOptions::default(), &|what| live.say(what))?;
    let container = test_environment.container()?;
    let eras: Vec<Version> = ERAS.into_iter().filter(|release| lesson.codex.contains(release)).collect();
    live.expect(eras.len() * (1 + lesson.mutants.len()), 0);
    let checks = eras.iter().map(|release| Check::lesson(lesson, release.clone())).collect();
    let (result, _) = run(&test_environment, &container, checks, &live)?;
    let broken =
        || eras.iter().flat_map(|release| lesson.mutants.iter().map(move |mutant| (release, mutant)));
    let mutated = broken().map(|(release, mutant)| Check::mutant(lesson, release.clone(), mutant)).collect();
    // If a lesson fails without a mutant, a failure under a mutant proves nothing.
    let verdicts = match result.holds() {
        true => run(&test_environment, &container, mutated, &live)?.1,
        false => Vec::new(),
    };
    container.stop()?;
    live.finish();

    let shown: Vec<(&Version, &CheckResult)> = eras.iter().zip(&result.checks).collect();
    let page = report::snapshot_page(shown.iter().copied());
    say!("{page}");
    if !result.holds() {
        let again = |check: &CheckResult| {
            format!("cargo xtask smoke {} --codex stub:{} --keep{}", check.id, check.release, files.again)
        };
        let by_hand = |check: &CheckResult, step: usize| {
            let Files { again, .. } = files;
            format!("cargo xtask repro {} --step {step} --codex stub:{}{again}", check.id, check.release)
        };
        say!("{}", report::failures(&result, catalogue, &again, &by_hand, colours()));
        let failed = shown.iter().filter(|(_, result)| result.status == Status::Fail);
        let failed: Vec<String> = failed.map(|(release, _)| release.to_string()).collect();
        let where_it_fails =
            if failed.is_empty() { String::new() } else { format!(" on {}", failed.join(", ")) };
        say_line!("\n{} does not hold{where_it_fails}; its snapshot was not written", lesson.id);
        say_line!("hint: correct `expect` or the steps, then run this again");
        return Ok(Verdict::Fails);
    }
    say_line!("\n{}", write(&files.snapshot, &report::snapshot_file(&lesson.title, &page))?);
    say!("{}", report::mutant_lines(&verdicts, terminal::width(), colours()));

    let text = std::fs::read_to_string(&files.lesson)
        .with_context(|| format!("cannot read {}", files.lesson.display()))?;
    let mut all: Vec<Missing> = unfinished(&text, &files.lesson).into_iter().collect();
    all.extend(survivors(lesson, &verdicts));
    all.extend(unexplained(lesson, catalogue, &shown));
    all.extend(clashes(lesson, catalogue));
    all.extend(unstated(lesson, &workspace::statements()?));
    all.extend(unrecorded(lesson, &compatibility::read()?));
    if all.is_empty()
        && files.lesson.starts_with(workspace::root())
        && !CompatibilityPage::open(catalogue)?.is_current()?
    {
        all.push(missing("docs/compatibility.md is out of date", "cargo xtask drift --page"));
    }
    if all.is_empty() && files.lesson.starts_with(workspace::root()) && !guide::is_current(catalogue)? {
        all.push(missing("docs/SKILL.md is out of date", "cargo xtask guide"));
    }
    Ok(say_what_is_missing(&lesson.id, &all))
}

fn run<'c>(
    test_environment: &TestEnvironment,
    container: &Container<'_>,
    checks: Vec<Check<'c>>,
    live: &Live,
) -> anyhow::Result<(RunResult, Vec<MutantVerdict>)> {
    let jobs = session::default_jobs(&CodexUnderTest::newest_stub());
    let runner = Runner::new(container, RunnerOptions::new(jobs, test_environment.folder().to_owned()));
    let batch = runner.prepare(checks)?;
    let result = runner.run(&batch, live)?;
    let verdicts = batch.mutant_verdicts(&result.checks);
    Ok((result, verdicts))
}

/// Writes the snapshot if it differs. Returns a message that says whether it was written.
fn write(path: &Path, text: &str) -> anyhow::Result<String> {
    let page = |text: &str| text.splitn(3, "---\n").nth(2).map(str::to_owned);
    let shown = path.display();
    match std::fs::read_to_string(path) {
        Ok(old) if page(&old) == page(text) => return Ok(format!("the snapshot is unchanged: {shown}")),
        _ => {}
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {shown}"))?;
    Ok(format!(
        "wrote the snapshot {shown}\nhint: read the transcript above as a user at a terminal would: does it show the mistake?"
    ))
}

/// The lines that still contain a TODO.
fn unfinished(text: &str, path: &Path) -> Option<Missing> {
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.starts_with('#') && line.contains(TODO));
    let places: Vec<String> = lines
        .map(|(line, number): (&str, usize)| format!("{number}:{}", line.find(TODO).unwrap_or_default() + 1))
        .collect();
    (!places.is_empty()).then(|| {
        missing(
            format!("{}:{} still says {TODO}", path.display(), places.join(", ")),
            "replace it with your own text, or delete the line",
        )
    })
}

fn survivors(lesson: &Lesson, verdicts: &[MutantVerdict]) -> Vec<Missing> {
    let survived = verdicts.iter().filter(|verdict| !verdict.killed);
    let of_one = |MutantVerdict { mutant, evidence, .. }: &MutantVerdict| {
        let targets = lesson.mutants.iter().filter(|named| named.id.to_string() == *mutant);
        let targets: Vec<String> =
            targets.map(|named| format!("`{}` of step `{}`", named.field, named.step)).collect();
        missing(
            format!("the lesson does not notice the mutant {mutant}: {evidence}"),
            format!(
                "expect more in {}, or change the step, field or mutant in `mutants`",
                targets.join(" or ")
            ),
        )
    };
    survived.map(of_one).collect()
}

/// The wrong ways whose output `explain` does not recognise, or takes for another lesson.
fn unexplained(lesson: &Lesson, catalogue: &Catalogue, shown: &[(&Version, &CheckResult)]) -> Vec<Missing> {
    let mut all: Vec<Missing> = Vec::new();
    let mut add = |one: Missing| {
        if !all.iter().any(|other| other.what == one.what) {
            all.push(one);
        }
    };
    let is_silent = |step: &str, release: &Version| {
        lesson.silent.iter().any(|silent| silent.step == step && silent.codex.contains(release))
    };
    for (release, result) in shown {
        for (step, seen) in lesson.wrong.iter().zip(&result.observed) {
            let status = seen.end.strip_prefix("exit ").and_then(|status| status.parse().ok());
            let found = catalogue.explain(&format!("{}{}", seen.stdout, seen.stderr), status);
            let found: BTreeSet<&str> = found.iter().map(|found| found.id.as_str()).collect();
            let own = |id: &str| id == lesson.id || lesson.same_output_as.iter().any(|other| other == id);
            let heading = &seen.heading;
            if found.is_empty() && !is_silent(&step.name, release) {
                add(missing(
                    format!("`explain` does not recognise the output of `{heading}`"),
                    "add words of the output to `signs`, or, if the output says nothing, add the step to `silent` with a reason",
                ));
            }
            for other in found.iter().filter(|id| !own(id)) {
                add(missing(
                    format!("`explain` takes the output of `{heading}` for the lesson {other}"),
                    format!("add {other} to `same_output_as`, or `unless` to its signs"),
                ));
            }
            if !found.is_empty() && is_silent(&step.name, release) {
                add(missing(
                    format!("`{heading}` is in `silent`, but `explain` recognises its output"),
                    "remove it from `silent`",
                ));
            }
        }
    }
    for code in &lesson.diagnoses {
        let others = catalogue.lessons().iter().filter(|other| other.id != lesson.id);
        for other in others.filter(|other| other.diagnoses.contains(code)) {
            add(missing(
                format!("the diagnosis {code} is also in the lesson {}", other.id),
                "keep it in one of the two lessons",
            ));
        }
    }
    all
}

/// The outputs of other lessons that this lesson's signs match.
fn clashes(lesson: &Lesson, catalogue: &Catalogue) -> Vec<Missing> {
    let alone: Catalogue = [lesson.clone()].into_iter().collect();
    let is_meant = |other: &&Lesson| other.id == lesson.id || other.same_output_as.contains(&lesson.id);
    let mut all = Vec::new();
    for other in catalogue.lessons().iter().filter(|other| !is_meant(other)) {
        let snapshot = workspace::root().join(format!("tests/snapshots/{}.snap", other.id));
        // A lesson that was not accepted yet has no output to compare with.
        let Ok(text) = std::fs::read_to_string(snapshot) else { continue };
        let matched = text.split("\n# ").skip(1).find(|step| {
            let output: Vec<&str> = step.lines().filter_map(|line| line.strip_prefix("  ")).collect();
            !alone.explain(&output.join("\n"), None).is_empty()
        });
        let heading = matched.and_then(|step| step.lines().next());
        all.extend(heading.map(|heading| {
            missing(
                format!("its `signs` also match the output of `{heading}` in the lesson {}", other.id),
                format!(
                    "add words or `unless` to its signs, or add {} to `same_output_as` of that lesson",
                    lesson.id
                ),
            )
        }));
    }
    all
}

fn unstated(lesson: &Lesson, statements: &Statements) -> Option<Missing> {
    let is_stated = statements.shown_by(&lesson.id).next().is_some();
    (lesson.verdict != GuideVerdict::Silent && !is_stated).then(|| {
        missing(
            "the lesson has a `verdict` on the guide, but no statement of the guide names the lesson",
            format!(
                "add \"{}\" to the `lessons` of a [[statement]] in fixtures/guide.toml, or set `verdict` to silent",
                lesson.id
            ),
        )
    })
}

/// The real releases without a recorded result, and those on which the lesson does not hold.
fn unrecorded(lesson: &Lesson, record: &Compatibility) -> Vec<Missing> {
    let id = &lesson.id;
    let releases = || record.of_tool("codex").map(|column| &column.release);
    let none = releases().filter(|release| record.cell(id, release).is_none()).count();
    let mut all = Vec::new();
    if none > 0 {
        all.push(missing(
            format!("docs/compatibility.md has no result of the lesson on {none} real releases"),
            format!("cargo xtask drift --write --lesson {id}"),
        ));
    }
    let drifted =
        |release: &&Version| record.cell(id, release).is_some_and(|cell| cell.status == Mark::Drifted);
    all.extend(releases().filter(drifted).map(|release| {
        missing(
            format!("the lesson does not hold on the real release {release}"),
            format!("run cargo xtask drift {release} --lesson {id}, then correct `expect` or the stub"),
        )
    }));
    all
}

fn say_what_is_missing(id: &str, all: &[Missing]) -> Verdict {
    if all.is_empty() {
        say_line!("\nnothing is missing\nhint: run cargo xtask ci before the change lands");
        return Verdict::Holds;
    }
    say_line!("\nstill missing:");
    for Missing { what, hint } in all {
        say_line!("  - {what}\n    hint: {hint}");
    }
    say_line!("\nthen run again: cargo xtask lessons --accept {id}");
    Verdict::Fails
}
