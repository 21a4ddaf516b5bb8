//! Failures on this machine: invalid login files, and containers and runs that end too early.
//! `engine` tests a missing engine, and `cleanup` tests what is removed and what is left alone.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "faults/login_file.rs"]
mod login_file;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Barrier;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use codex_remote_auth::lessons::Lesson;
use harness::cloud::Knowledge;
use harness::run::{
    Check, CheckResult, Progress, Quiet, RunResult, Runner, RunnerOptions, TestEnvironment,
    TestEnvironmentOptions, newest_release,
};
use harness::target::{AccountSpec, Container, Engine, RigProblem, cleanup};
use testcontainers::bollard::query_parameters::{InspectContainerOptions, KillContainerOptions};
use tests::{lessons, started, subprocess};

/// Runs the test in a separate process that sees no other run on the engine, and checks that it leaves nothing.
fn alone(name: &str, body: impl FnOnce(&Engine)) {
    let runtime = tempfile::tempdir().unwrap();
    subprocess::run(name, &[("XDG_RUNTIME_DIR", runtime.path().to_str().unwrap())], || {
        let engine = Engine::connect().unwrap_or_else(|lacks| panic!("{lacks}"));
        body(&engine);
        let left = cleanup::clean(&engine, false, false).unwrap();
        assert_eq!((left.containers, left.networks), (Vec::new(), Vec::new()), "left behind");
        assert_eq!(run_folders(), [""; 0]);
    });
}

/// The run folders that this process could know of.
fn run_folders() -> Vec<String> {
    let runtime = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR").unwrap());
    let ours = fs::read_dir(runtime).unwrap().map(|entry| entry.unwrap().path());
    let all = ours.flat_map(|folder| fs::read_dir(folder).unwrap());
    let names = all.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("run-") || name.starts_with("new-")).collect()
}

fn open() -> TestEnvironment {
    TestEnvironment::open(&TestEnvironmentOptions::default(), &|_| {})
        .unwrap_or_else(|problem| panic!("{problem}"))
}

fn exists(engine: &Engine, id: &str) -> bool {
    engine.block_on(engine.docker().inspect_container(id, None::<InspectContainerOptions>)).is_ok()
}

/// Runs lessons in a container, one by one.
fn run(
    test_environment: &TestEnvironment,
    container: &Container<'_>,
    lessons: &[&Lesson],
) -> Result<RunResult, RigProblem> {
    run_and_tell(test_environment, container, lessons, &Quiet)
}

/// The same, with progress reports.
fn run_and_tell(
    test_environment: &TestEnvironment,
    container: &Container<'_>,
    lessons: &[&Lesson],
    progress: &dyn Progress,
) -> Result<RunResult, RigProblem> {
    let runner = Runner::new(container, RunnerOptions::new(1, test_environment.folder().to_owned()));
    let checks = lessons.iter().map(|lesson| Check::lesson(lesson, newest_release())).collect();
    runner.run(&runner.prepare(checks)?, progress)
}

/// Reports that a lesson has ended, which means that others are running.
struct First(Sender<()>);

impl Progress for First {
    fn began(&self, _: &Check<'_>) {}

    fn ended(&self, _: &CheckResult) {
        let _ = self.0.send(());
    }
}

#[test]
fn two_runs_at_once_do_not_disturb_each_other() {
    alone("two_runs_at_once_do_not_disturb_each_other", |_| {
        let lessons = lessons();
        let some = ["second-deploy", "deploy-makes-directory"].map(|id| lessons.get(id).unwrap());
        let together = Barrier::new(2);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let test_environment = open();
                    let container = test_environment.container().unwrap();
                    for _ in 0..2 {
                        together.wait();
                        let result = run(&test_environment, &container, &some).unwrap();
                        assert!(result.holds(), "{:#?}", result.checks);
                        assert_eq!(cleanup::sweep(test_environment.engine()).unwrap().containers, [""; 0]);
                        assert!(
                            exists(test_environment.engine(), container.id())
                                && test_environment.folder().exists()
                        );
                    }
                    together.wait();
                    container.stop().unwrap();
                });
            }
        });
    });
}

/// Ends a container in some way while lessons run in it, and checks that the run ends soon and says why.
fn dies_midway(name: &str, end: impl FnOnce(&Engine, &Container<'_>) + Send) {
    alone(name, |engine| {
        let lessons = lessons();
        let all: Vec<&Lesson> = lessons.lessons().iter().collect();
        let test_environment = open();
        let container = test_environment.container().unwrap();
        let id = container.id().to_owned();
        let began = Instant::now();
        let result = std::thread::scope(|scope| {
            let (tell, first) = channel();
            let (test_environment, all, container) = (&test_environment, &all, &container);
            let running = scope.spawn(move || run_and_tell(test_environment, container, all, &First(tell)));
            first.recv_timeout(Duration::from_secs(60)).unwrap();
            end(engine, container);
            running.join().unwrap()
        });
        // If the network goes away with its container, the news of it may be lost. Then the deadline of one check reports it.
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
        match result {
            Err(problem) => says_that_it_died(&problem),
            Ok(result) => {
                let failures: Vec<_> = result.checks.iter().flat_map(|check| &check.failures).collect();
                assert!(!failures.is_empty(), "it ended before it could be disturbed");
                for failure in failures {
                    assert!(
                        failure.seen.contains(&*failure.account) && !failure.next.is_empty(),
                        "{failure:?}"
                    );
                }
            }
        }

        let spec = AccountSpec { shell: "/bin/sh".to_owned(), ..AccountSpec::default() };
        let created = container.create(&[(container.reserve(), spec)], &Knowledge::default());
        says_that_it_died(&created.unwrap_err());
        let _ = container.stop();
        assert!(!exists(engine, &id));
    });
}

fn says_that_it_died(problem: &RigProblem) {
    assert!(matches!(problem, RigProblem::Died { .. }), "{problem}");
    assert!(problem.to_string().contains("died or was removed while the run went on"), "{problem}");
}

#[test]
fn a_container_that_is_killed_midway_ends_the_run_with_words_for_it() {
    dies_midway("a_container_that_is_killed_midway_ends_the_run_with_words_for_it", |engine, container| {
        let killing = engine.docker().kill_container(container.id(), None::<KillContainerOptions>);
        engine.block_on(killing).unwrap();
    });
}

#[test]
fn a_container_that_is_removed_midway_ends_the_run_with_words_for_it() {
    dies_midway("a_container_that_is_removed_midway_ends_the_run_with_words_for_it", |_, container| {
        container.remove();
    });
}

#[test]
fn an_sshd_that_ends_midway_ends_the_run_with_words_for_it() {
    dies_midway("an_sshd_that_ends_midway_ends_the_run_with_words_for_it", |_, container| {
        let _ = container.as_root("kill 1", b"");
    });
}

/// A child that runs one test of this program and reports which container it has.
fn child_with_container(test: &str) -> (std::process::Child, String) {
    let mut child =
        subprocess::command(test, &[]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let id = lines.find_map(|line| line.split_once("container ").map(|(_, id)| id.to_owned())).unwrap();
    // The rest is read too: a child whose output is not read would die of that, not of what is tested.
    std::thread::spawn(move || lines.for_each(drop));
    (child, id)
}

#[test]
fn a_run_that_was_killed_is_cleared_away_by_the_next() {
    alone("a_run_that_was_killed_is_cleared_away_by_the_next", |engine| {
        let (mut child, id) = child_with_container("waits_with_a_container");
        assert_eq!(run_folders().len(), 1);
        child.kill().unwrap();
        started::ends(&mut child, started::PATIENCE);
        assert!(exists(engine, &id));

        let next = open();
        assert!(!exists(engine, &id));
        assert_eq!(run_folders(), [format!("run-{}", next.run().as_str())]);
    });
}

#[test]
fn a_run_that_panics_leaves_nothing() {
    alone("a_run_that_panics_leaves_nothing", |engine| {
        let (mut child, id) = child_with_container("panics_with_a_container");
        assert!(!started::ends(&mut child, started::PATIENCE).success());
        assert!(!exists(engine, &id));
        assert_eq!(run_folders(), [""; 0]);
    });
}

#[test]
#[ignore = "is run by another test, which kills it"]
fn waits_with_a_container() {
    if subprocess::is_child() {
        let test_environment = open();
        let container = test_environment.container().unwrap();
        println!("container {}", container.id());
        std::thread::sleep(Duration::from_secs(60));
    }
}

#[test]
#[ignore = "is run by another test, which looks at what it leaves"]
fn panics_with_a_container() {
    if subprocess::is_child() {
        let test_environment = open();
        let container = test_environment.container().unwrap();
        println!("container {}", container.id());
        panic!("as it was told to");
    }
}
