//! Every mutant of the account, of a client program and of the deploy changes what its row in `fixtures/mutants/` says, and
//! nothing else. Every smoke test has mutants under which only that test fails. The stub's mutants have their own table, in
//! its package.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use codex_remote_auth::lessons::{Lesson, MutantName};
use harness::run::{
    About, Check, CheckResult, Quiet, Runner, RunnerOptions, SMOKE_TESTS, Status, all_mutants, newest_release,
};
use tests::{Rig, lessons, root};

/// The steps and fields that failed, each once.
type Failed = BTreeSet<(String, &'static str)>;

fn failed(result: &CheckResult) -> Failed {
    let field = |about: About| about.as_str();
    result.failures.iter().map(|failure| (failure.step.clone(), field(failure.about))).collect()
}

/// A row of a table.
fn shown(id: &str, failed: &Failed) -> String {
    let entry = |(step, field): &(String, &str)| {
        format!("  {{ id = {id:?}, step = {step:?}, field = {field:?} }},\n")
    };
    failed.iter().map(entry).collect()
}

fn run(checks: Vec<Check<'_>>) -> Vec<CheckResult> {
    let shared = Rig::default();
    let container = shared.test_environment().container().unwrap();
    let results = {
        let runner =
            Runner::new(&container, RunnerOptions::new(6, shared.test_environment().folder().to_owned()));
        let batch = runner.prepare(checks).unwrap();
        runner.run(&batch, &Quiet).unwrap().checks
    };
    container.stop().unwrap();
    shared.test_environment().end();
    results
}

/// The tables. Each is a lesson whose `mutants` name every step and field that fails.
fn tables() -> Vec<Lesson> {
    let mut paths: Vec<_> =
        fs::read_dir(root().join("fixtures/mutants")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path| {
        let text = fs::read_to_string(&path).unwrap();
        toml::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
    };
    paths.into_iter().map(read).collect()
}

/// What a table says of each of its mutants.
fn rows(table: &Lesson) -> BTreeMap<String, Failed> {
    let mut rows: BTreeMap<String, Failed> = BTreeMap::new();
    for mutant in &table.mutants {
        rows.entry(mutant.id.to_string()).or_default().insert((mutant.step.clone(), mutant.field.as_str()));
    }
    rows
}

#[test]
fn every_mutant_changes_what_its_row_says_and_leaves_the_rest_alone() {
    let tables = tables();
    let mut checks = Vec::new();
    let mut wanted: Vec<(String, Failed)> = Vec::new();
    for table in &tables {
        checks.push(Check::lesson(table, newest_release()));
        wanted.push((format!("{} without a mutant", table.id), Failed::new()));
        for (id, row) in rows(table) {
            let mutant = table.mutants.iter().find(|mutant| mutant.id.to_string() == id).unwrap();
            checks.push(Check::mutant(table, newest_release(), mutant));
            wanted.push((id, row));
        }
    }
    let results = run(checks);
    let mut wrong = String::new();
    for ((id, row), result) in wanted.iter().zip(&results) {
        let seen = failed(result);
        if !result.ran || seen != *row {
            wrong.push_str(&format!("{id}, ran: {}, the row has to be:\n{}", result.ran, shown(id, &seen)));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_mutant_has_a_row() {
    let rows: BTreeSet<String> = tables().iter().flat_map(|table| rows(table).into_keys()).collect();
    let all: BTreeSet<String> =
        all_mutants().into_iter().map(|(id, _)| id).filter(|id| !id.starts_with("stub:")).collect();
    // They change only what other processes can see, not what is deployed. tests/secrecy.rs covers them.
    let shown = ["deploy:token-in-argv", "deploy:token-in-environment"].map(str::to_owned);
    let with_row: BTreeSet<String> = rows.iter().cloned().chain(shown).collect();
    assert_eq!(with_row, all);
}

#[test]
fn every_mutant_of_the_rig_is_what_some_check_has_to_fail_under() {
    let catalogue = lessons();
    let of_lessons = catalogue.lessons().iter().flat_map(|lesson| &lesson.mutants).map(|mutant| &mutant.id);
    let of_smoke: Vec<MutantName> = SMOKE_TESTS.iter().flat_map(|test| test.mutants()).collect();
    let used: BTreeSet<String> = of_lessons.chain(&of_smoke).map(ToString::to_string).collect();
    let idle: Vec<String> = all_mutants()
        .into_iter()
        .map(|(id, _)| id)
        .filter(|id| !id.starts_with("stub:") && !id.starts_with("deploy:token-in-") && !used.contains(id))
        .collect();
    assert_eq!(idle, [""; 0], "no check has to fail under them");
}

#[test]
fn every_smoke_test_has_mutants_under_which_it_alone_fails() {
    let mutants: Vec<(&str, MutantName)> =
        SMOKE_TESTS.iter().flat_map(|test| test.mutants().map(|mutant| (test.id, mutant))).collect();
    let mut checks: Vec<Check<'_>> =
        SMOKE_TESTS.iter().map(|test| Check::smoke(test, newest_release())).collect();
    for (_, mutant) in &mutants {
        checks.extend(
            SMOKE_TESTS.iter().map(|test| Check::smoke_mutant(test, newest_release(), mutant.clone())),
        );
    }
    let results = run(checks);
    let (healthy, mutated) = results.split_at(SMOKE_TESTS.len());
    assert!(healthy.iter().all(|result| result.status == Status::Pass), "{healthy:#?}");
    for ((own, mutant), results) in mutants.iter().zip(mutated.chunks(SMOKE_TESTS.len())) {
        assert!(results.iter().all(|result| result.ran), "{mutant}: {results:#?}");
        let failing: Vec<&str> = results
            .iter()
            .filter(|result| result.status == Status::Fail)
            .map(|result| result.id.as_str())
            .collect();
        assert_eq!(failing, [*own], "under {mutant}: {results:#?}");
    }
    for test in SMOKE_TESTS {
        assert!(test.mutants().count() > 0, "{} has no mutant", test.id);
    }
}
