//! docs/compatibility.md is up to date, and its sources are complete.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::time::Duration;

use codex_remote_auth::lessons::{Catalogue, Guide, Statements, Worth};
use harness::release::{Pins, Tool, Version};
use harness::report::check_statements;
use harness::report::compatibility::{
    Compatibility, Mark, RecordProblem, Sources, disagreements, first_difference, page,
};
use harness::run::{Cell, CellStatus, Leak, ReleaseDrift, SMOKE_TESTS};
use harness::target::{CodexUnderTest, RealCodex};
use tests::{lessons, root};

fn record() -> Compatibility {
    Compatibility::from_json(&fs::read_to_string(root().join("docs/compatibility.json")).unwrap()).unwrap()
}

fn statements() -> Statements {
    Statements::read(&root().join("fixtures/guide.toml")).unwrap()
}

fn shown() -> String {
    fs::read_to_string(root().join("docs/compatibility.md")).unwrap()
}

fn ids(catalogue: &Catalogue) -> Vec<&str> {
    let lessons = catalogue.lessons().iter().map(|lesson| lesson.id.as_str());
    lessons.chain(SMOKE_TESTS.iter().map(|test| test.id)).collect()
}

#[test]
fn the_page_is_what_its_sources_render_to() {
    let (record, catalogue, statements) = (record(), lessons(), statements());
    let wanted = page(Sources { record: &record, catalogue: &catalogue, statements: &statements });
    if let Some(difference) = first_difference(&shown(), &wanted) {
        panic!("docs/compatibility.md, {difference}\n`cargo xtask drift --page` regenerates it");
    }
}

#[test]
fn the_record_is_written_as_it_is_read() {
    let text = fs::read_to_string(root().join("docs/compatibility.json")).unwrap();
    assert_eq!(first_difference(&text, &record().to_json()), None);
}

#[test]
fn every_lesson_and_smoke_test_is_on_the_page_and_every_link_leads_to_a_file() {
    let (catalogue, page) = (lessons(), shown());
    for id in ids(&catalogue) {
        let has_row =
            |line: &str| line.starts_with(&format!("| {id} |")) || line.starts_with(&format!("| [{id}]("));
        assert!(page.lines().any(has_row), "{id}");
    }
    for link in page.split("](").skip(1) {
        let file = root().join("docs").join(link.split(')').next().unwrap());
        assert!(file.is_file(), "{}", file.display());
    }
}

#[test]
fn every_statement_names_lessons_that_exist_and_every_section_has_one() {
    let statements = statements();
    check_statements(&statements, &lessons()).unwrap();
    for section in [
        Guide::QuickStart,
        Guide::CriticalKnowledge,
        Guide::FileSchema,
        Guide::Workflow,
        Guide::SmokeTests,
        Guide::Comparison,
        Guide::Troubleshooting,
        Guide::Environment,
    ] {
        assert!(statements.of_section(section).next().is_some(), "{section:?}");
    }
    let beyond = statements.of_section(Guide::Beyond).count();
    assert_eq!(beyond, 0, "what the guide does not say is no statement of it");
}

#[test]
fn every_pinned_release_has_a_column_with_the_digest_of_its_program() {
    let record = record();
    let pins = Pins::read(&root().join("fixtures/codex-releases.toml")).unwrap();
    for (tool, name) in [(Tool::Codex, "codex"), (Tool::Claude, "claude")] {
        for release in pins.versions(tool) {
            let column = record.of_tool(name).find(|column| column.release == release);
            let column = column
                .unwrap_or_else(|| panic!("{name} {release}: run `cargo xtask drift --write {release}`"));
            let is_its_own = |digest: &str| digest.starts_with(&column.sha256);
            let mut of_release = pins.all().iter().filter(|pin| (pin.tool, &pin.version) == (tool, &release));
            assert!(of_release.any(|pin| is_its_own(&pin.program.sha256)), "{name} {release}");
        }
    }
}

#[test]
fn every_lesson_and_smoke_test_was_run_on_every_release_of_its_program() {
    let (record, catalogue) = (record(), lessons());
    for id in ids(&catalogue) {
        let tool = &record.lesson(id).unwrap_or_else(|| panic!("{id} was never run")).tool;
        for column in record.of_tool(tool) {
            assert!(record.cell(id, &column.release).is_some(), "{id} on {}", column.release);
        }
    }
}

/// For a statement that holds only on some releases, a lesson has to change where the range begins or ends.
#[test]
fn a_statement_of_some_releases_has_a_lesson_that_changes_there() {
    let record = record();
    for statement in statements().all() {
        let Worth::HoldsFor(range) = &statement.worth else { continue };
        let releases: Vec<&Version> = record.of_tool("codex").map(|column| &column.release).collect();
        let turns = releases.windows(2).filter(|pair| range.contains(pair[0]) != range.contains(pair[1]));
        let turns: Vec<_> = turns.collect();
        assert!(!turns.is_empty(), "{range}: “{}” holds on all or on none", statement.says);
        for pair in turns {
            let changes = |id: &String| record.cell(id, pair[0]) != record.cell(id, pair[1]);
            assert!(
                statement.lessons.iter().any(changes),
                "no lesson of “{}” changes at {}",
                statement.says,
                pair[1]
            );
        }
    }
}

/// A run of one release in which one lesson has this result.
fn run(release: &str, status: CellStatus, seen: &str) -> ReleaseDrift {
    let real = RealCodex {
        release: Version::parse(release).unwrap(),
        program: "/nowhere/codex".into(),
        sha256: "0123456789abcdef0123456789abcdef".to_owned(),
    };
    ReleaseDrift {
        codex: CodexUnderTest::Real(real),
        cells: vec![Cell { lesson: "smoke-1".to_owned(), status, seen: seen.to_owned(), result: None }],
        leaks: Vec::new(),
        elapsed: Duration::ZERO,
    }
}

fn taken(runs: &[ReleaseDrift]) -> Compatibility {
    let catalogue = lessons();
    let mut record = Compatibility::new();
    runs.iter().for_each(|run| record.take(run, &catalogue).unwrap());
    record
}

fn eras(record: &Compatibility) -> Vec<String> {
    let eras = &record.lesson("smoke-1").unwrap().eras;
    eras.iter().map(|era| format!("{}-{}", era.from, era.to)).collect()
}

#[test]
fn neighbours_that_show_the_same_are_one_era_in_whatever_order_they_are_run() {
    let [one, two, three] = [("0.9.0", "old"), ("0.10.0", "old"), ("0.11.0", "new")]
        .map(|(release, seen)| run(release, CellStatus::Holds, seen));
    let record = taken(&[three.clone(), one.clone(), two.clone()]);
    assert_eq!(eras(&record), ["0.9.0-0.10.0", "0.11.0-0.11.0"]);
    assert_eq!(record.to_json(), taken(&[one, two, three]).to_json());
    assert_eq!(Compatibility::from_json(&record.to_json()).unwrap(), record);
}

#[test]
fn a_release_that_is_run_again_takes_the_place_of_its_earlier_run() {
    let runs = [("0.9.0", "old"), ("0.10.0", "odd"), ("0.11.0", "old"), ("0.10.0", "old")]
        .map(|(release, seen)| run(release, CellStatus::Holds, seen));
    assert_eq!(eras(&taken(&runs[..3])).len(), 3);
    assert_eq!(eras(&taken(&runs)), ["0.9.0-0.11.0"]);
}

#[test]
fn a_release_that_a_lesson_was_not_run_on_belongs_to_no_era() {
    let mut runs = ["0.9.0", "0.10.0", "0.11.0"].map(|release| run(release, CellStatus::Holds, "old"));
    runs[1].cells.clear();
    let record = taken(&runs);
    assert_eq!(eras(&record), ["0.9.0-0.9.0", "0.11.0-0.11.0"]);
    assert!(record.cell("smoke-1", &Version::new(0, 10, 0)).is_none());
}

#[test]
fn a_run_of_one_lesson_leaves_the_others_as_they_were() {
    let mut both = run("0.9.0", CellStatus::Holds, "old");
    both.cells.push(Cell { lesson: "smoke-2".to_owned(), ..both.cells[0].clone() });
    let record = taken(&[both.clone(), run("0.9.0", CellStatus::Holds, "new")]);
    let cell = |record: &Compatibility, id: &str| record.cell(id, &Version::new(0, 9, 0)).cloned().unwrap();
    assert_eq!(cell(&record, "smoke-2"), cell(&taken(&[both]), "smoke-2"));
    assert_ne!(cell(&record, "smoke-1"), cell(&record, "smoke-2"));
}

#[test]
fn a_run_that_shows_nothing_reliable_is_not_written_down() {
    let (catalogue, mut record) = (lessons(), Compatibility::new());
    let broken = run("0.9.0", CellStatus::Error, "the engine went away");
    let said = record.take(&broken, &catalogue).unwrap_err().to_string();
    assert!(said.contains("smoke-1 could not be run") && said.contains("the engine went away"), "{said}");

    let mut leaky = run("0.9.0", CellStatus::Holds, "fine");
    leaky.leaks.push(Leak { place: "an output".to_owned(), form: "as it is", check: None });
    assert!(matches!(record.take(&leaky, &catalogue), Err(RecordProblem::Leak { .. })));

    let mut stub = run("0.9.0", CellStatus::Holds, "fine");
    stub.codex = CodexUnderTest::Stub(Version::new(0, 9, 0));
    assert!(matches!(record.take(&stub, &catalogue), Err(RecordProblem::NotReal(_))));
    assert_eq!(record, Compatibility::new());
}

#[test]
fn a_run_that_differs_from_the_record_is_told_with_both_sides() {
    let catalogue = lessons();
    let record = taken(&[run("0.9.0", CellStatus::Holds, "what was")]);
    let told = |release: &str, status, seen| {
        disagreements(&record, &run(release, status, seen), &catalogue).unwrap().join("\n")
    };
    assert_eq!(told("0.9.0", CellStatus::Holds, "what was"), "");
    let said = told("0.9.0", CellStatus::Drifted, "what is");
    for part in ["smoke-1 on 0.9.0", "holds", "what was", "drifted", "what is"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(told("0.10.0", CellStatus::Holds, "what was").contains("not among the releases"));
}

#[test]
fn the_page_says_in_a_sentence_what_changed_and_from_which_release_on() {
    let (catalogue, statements) = (lessons(), statements());
    let record = taken(&[
        run("0.9.0", CellStatus::NotApplicable, ""),
        run("0.10.0", CellStatus::Holds, "`old` words"),
        run("0.11.0", CellStatus::Holds, "new words"),
        run("0.12.0", CellStatus::Drifted, "odd words"),
        run("0.13.0", CellStatus::Holds, "new words"),
    ]);
    assert_eq!(record.cell("smoke-1", &Version::new(0, 9, 0)).unwrap().status, Mark::NotApplicable);
    let page = page(Sources { record: &record, catalogue: &catalogue, statements: &statements });
    let changes = &page[page.find("\n### ").unwrap()..page.find("\n## Servers").unwrap()];
    let wanted = "
### From Codex 0.10.0 on

- smoke-1: this lesson applies from here on.

### From Codex 0.11.0 on

- smoke-1: now new words (before: `old` words).

### From Codex 0.12.0 on

- smoke-1: no longer holds; odd words.

### From Codex 0.13.0 on

- smoke-1: holds again.
";
    assert_eq!(changes, wanted);
    let row = |id: &str| page.lines().find(|line| line.starts_with(&format!("| {id}"))).unwrap();
    assert!(row("smoke-1 ").ends_with("| – | ok | ok, changed | **DRIFT** | ok |"), "{page}");
    assert!(row("[leading-dot]").ends_with("| not run | not run | not run | not run | not run |"), "{page}");
    // A server has a row with what lessons expect only there.
    let [usual, busybox, dropbear] = ["openssh-bookworm ", "busybox ", "dropbear "].map(row);
    assert!(usual.ends_with(" | – |"), "{usual}");
    assert!(
        busybox.contains("[path-sh](../fixtures/lessons/path-sh.toml), wrong: source: exit 0"),
        "{busybox}"
    );
    assert!(dropbear.contains("five from one address") && !dropbear.contains("path-sh"), "{dropbear}");
}
