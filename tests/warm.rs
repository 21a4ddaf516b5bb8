//! A container that several runs use: it changes no result, and ends by itself.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use codex_remote_auth::lessons::{Catalogue, Tool};
use harness::run::{
    Check, Quiet, Runner, RunnerOptions, SMOKE_TESTS, TestEnvironment, TestEnvironmentOptions, newest_release,
};
use harness::target::CodexUnderTest;
use testcontainers::bollard::query_parameters::InspectContainerOptions;
use tests::{lessons, subprocess};

/// A test environment as another run has it.
fn run() -> TestEnvironment {
    TestEnvironment::open(&TestEnvironmentOptions::default(), &|_| {}).unwrap()
}

fn checks(catalogue: &Catalogue) -> Vec<Check<'_>> {
    let lessons = catalogue.lessons().iter();
    let lessons =
        lessons.filter(|lesson| lesson.tool == Tool::Codex && lesson.codex.contains(&newest_release()));
    let smoke = SMOKE_TESTS.iter().map(|test| Check::smoke(test, newest_release()));
    smoke.chain(lessons.map(|lesson| Check::lesson(lesson, newest_release()))).collect()
}

/// Runs these tests where no other run shares their containers.
fn alone(name: &str, body: impl FnOnce()) {
    let runtime = tempfile::tempdir().unwrap();
    subprocess::run(name, &[("XDG_RUNTIME_DIR", runtime.path().to_str().unwrap())], body);
}

#[test]
fn every_check_shows_the_same_twice_and_in_any_order() {
    alone("every_check_shows_the_same_twice_and_in_any_order", || {
        let catalogue = lessons();
        let mut shown: Vec<BTreeMap<String, (String, String)>> = Vec::new();
        let mut containers = Vec::new();
        for seed in [None, Some(1), Some(2)] {
            let run = run();
            let container = run.warm_container(&CodexUnderTest::newest_stub()).unwrap();
            containers.push(container.id().to_owned());
            let options = RunnerOptions { seed, ..RunnerOptions::new(6, run.folder().to_owned()) };
            let runner = Runner::new(&container, options);
            let batch = runner.prepare(checks(&catalogue)).unwrap();
            let result = runner.run(&batch, &Quiet).unwrap();
            assert!(
                result.holds(),
                "{seed:?}: {:#?}",
                result.checks.iter().flat_map(|check| &check.failures).collect::<Vec<_>>()
            );
            let of = |check: harness::run::CheckResult| {
                (check.id, (check.summary, check.transcript.as_str().to_owned()))
            };
            shown.push(result.checks.into_iter().map(of).collect());
        }
        containers.dedup();
        assert_eq!(containers.len(), 1, "the runs did not share a container");
        for (id, first) in &shown[0] {
            assert_eq!([first, first], [&shown[1][id], &shown[2][id]], "{id}");
        }
    });
}

#[test]
fn a_shared_container_outlives_its_runs_and_ends_by_itself() {
    alone("a_shared_container_outlives_its_runs_and_ends_by_itself", || {
        let codex = CodexUnderTest::newest_stub();
        let idle = Duration::from_secs(6);
        let [one, two] = [run(), run()];
        let first = one.shared_container("one", &codex, idle).unwrap();
        let second = two.shared_container("one", &codex, idle).unwrap();
        let id = first.id().to_owned();
        assert_eq!(second.id(), id);
        // No account has the number of another run's.
        assert_ne!(first.reserve().uid, second.reserve().uid);

        let is_up = || {
            let asked = one.engine().docker().inspect_container(&id, None::<InspectContainerOptions>);
            one.engine().block_on(asked).is_ok()
        };
        first.stop().unwrap();
        drop(run());
        assert!(is_up(), "the sweep of another run removed it");
        std::thread::sleep(idle * 2);
        assert!(is_up(), "it ended while it was in use");
        drop(second);
        let dropped = Instant::now();
        while is_up() {
            assert!(dropped.elapsed() < idle * 5, "it did not end by itself");
            std::thread::sleep(Duration::from_millis(200));
        }

        let next = two.shared_container("one", &codex, idle).unwrap();
        assert_ne!(next.id(), id);
        // The new container counts its accounts anew.
        assert_eq!(next.reserve().name, "u1");
        let next = next.id().to_owned();
        let removed = harness::target::cleanup::clean(one.engine(), false, false).unwrap();
        assert!(removed.containers.iter().all(|removed| !next.starts_with(removed)), "a living run uses it");
        two.end();
        let removed = harness::target::cleanup::clean(one.engine(), false, false).unwrap();
        assert!(removed.containers.iter().any(|removed| next.starts_with(removed)), "{removed:?}");
    });
}
