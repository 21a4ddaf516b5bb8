//! A run removes what dead runs left. It does not touch what active runs use, or what was kept on purpose.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use harness::run::{TestEnvironment, TestEnvironmentOptions};
use harness::target::{Engine, RunLock, cleanup};
use testcontainers::bollard::query_parameters::{InspectContainerOptions, RemoveContainerOptionsBuilder};
use tests::{started, subprocess};

/// Prepares what all processes share, under their shared lock. Separate processes would each have their own lock.
fn prepare() {
    drop(TestEnvironment::open(&TestEnvironmentOptions::default(), &|_| {}).unwrap());
}

/// Runs the test in a separate process that sees no other run on the engine. The runtime folder decides whose runs it
/// sees.
fn alone(name: &str, body: impl FnOnce(&Engine)) {
    let runtime = tempfile::tempdir().unwrap();
    if !subprocess::is_child() {
        prepare();
    }
    subprocess::run(name, &[("XDG_RUNTIME_DIR", runtime.path().to_str().unwrap())], || {
        let engine = Engine::connect().unwrap_or_else(|lacks| panic!("{lacks}"));
        body(&engine);
        cleanup::clean(&engine, false, false).unwrap();
    });
}

fn exists(engine: &Engine, id: &str) -> bool {
    engine.block_on(engine.docker().inspect_container(id, None::<InspectContainerOptions>)).is_ok()
}

/// A run whose container outlives it, as if the run had been killed. `keep` says whether the container was to be kept.
fn dead_run(keep: bool) -> String {
    let test_environment =
        TestEnvironment::open(&TestEnvironmentOptions { keep, ..TestEnvironmentOptions::default() }, &|_| {})
            .unwrap();
    let container = test_environment.container().unwrap();
    let id = container.id().to_owned();
    container.leave();
    test_environment.end();
    id
}

#[test]
fn a_dead_runs_container_is_swept_and_a_living_ones_and_a_kept_one_are_not() {
    alone("a_dead_runs_container_is_swept_and_a_living_ones_and_a_kept_one_are_not", |engine| {
        let living = TestEnvironment::open(&TestEnvironmentOptions::default(), &|_| {}).unwrap();
        let lives = living.container().unwrap();
        let kept = dead_run(true);
        let dead = dead_run(false);

        let removed = cleanup::sweep(engine).unwrap();
        assert_eq!(removed.containers, [dead[..12].to_owned()]);
        assert!(!exists(engine, &dead));
        assert!(exists(engine, lives.id()));
        assert!(exists(engine, &kept));

        assert_eq!(cleanup::sweep(engine).unwrap().containers, [""; 0]);

        let removed = cleanup::clean(engine, false, false).unwrap();
        assert_eq!(removed.containers, [kept[..12].to_owned()]);
        assert!(exists(engine, lives.id()));
        lives.stop().unwrap();
    });
}

#[test]
fn a_new_run_removes_what_a_dead_one_left() {
    alone("a_new_run_removes_what_a_dead_one_left", |engine| {
        let (kept, dead) = (dead_run(true), dead_run(false));
        assert!(exists(engine, &dead));
        let test_environment = TestEnvironment::open(&TestEnvironmentOptions::default(), &|_| {}).unwrap();
        assert!(!exists(engine, &dead));
        assert!(exists(engine, &kept));
        test_environment.end();
    });
}

#[test]
fn a_killed_run_leaves_nothing_after_the_next_sweep() {
    alone("a_killed_run_leaves_nothing_after_the_next_sweep", |engine| {
        let mut child =
            subprocess::command("waits_with_a_container", &[]).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let id = lines
            .map(Result::unwrap)
            .find_map(|line| line.strip_prefix("container ").map(str::to_owned))
            .unwrap();
        assert_eq!(cleanup::sweep(engine).unwrap().containers, [""; 0], "it lives");

        child.kill().unwrap();
        started::ends(&mut child, started::PATIENCE);
        assert!(exists(engine, &id));
        assert_eq!(cleanup::sweep(engine).unwrap().containers, [id[..12].to_owned()]);
        assert!(!exists(engine, &id));
        let runtime = std::path::PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR").unwrap());
        let folder = std::fs::read_dir(runtime).unwrap().next().unwrap().unwrap().path();
        let left: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("run-")), "{left:?}");
    });
}

/// The run that gets killed.
#[test]
#[ignore = "is run by another test, which kills it"]
fn waits_with_a_container() {
    if !subprocess::is_child() {
        return;
    }
    let test_environment = TestEnvironment::open(&TestEnvironmentOptions::default(), &|_| {}).unwrap();
    let container = test_environment.container().unwrap();
    println!("container {}", container.id());
    std::thread::sleep(std::time::Duration::from_secs(60));
}

#[test]
fn another_accounts_containers_are_left_alone_unless_asked_for() {
    let name = "another_accounts_containers_are_left_alone_unless_asked_for";
    if subprocess::is_child() {
        println!("container {}", dead_run(false));
        return;
    }
    prepare();
    let [mine, theirs] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let variables = [("XDG_RUNTIME_DIR", theirs.path().to_str().unwrap())];
    let output = started::output(&mut subprocess::command(name, &variables));
    let said = String::from_utf8(output.stdout).unwrap();
    let id =
        said.lines().find_map(|line| line.split_once("container ")).map(|(_, id)| id.to_owned()).unwrap();

    let name = "sweeps_and_finds_nothing_of_its_own";
    let variables = [("XDG_RUNTIME_DIR", mine.path().to_str().unwrap())];
    let output = started::output(&mut subprocess::command(name, &variables));
    let engine = Engine::connect().unwrap();
    let lives = exists(&engine, &id);
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    engine.block_on(engine.docker().remove_container(&id, Some(options))).unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    assert!(lives);
}

/// The sweep by the other account.
#[test]
#[ignore = "is run by another test, as another account"]
fn sweeps_and_finds_nothing_of_its_own() {
    if !subprocess::is_child() {
        return;
    }
    let engine = Engine::connect().unwrap();
    assert_eq!(cleanup::sweep(&engine).unwrap().containers, [""; 0]);
    assert_eq!(cleanup::clean(&engine, false, false).unwrap().containers, [""; 0]);
}

#[test]
fn a_run_that_ends_leaves_no_lock() {
    alone("a_run_that_ends_leaves_no_lock", |engine| {
        let run = RunLock::acquire().unwrap();
        let folder = run.folder().to_owned();
        cleanup::sweep(engine).unwrap();
        assert!(folder.exists());
        drop(run);
        assert!(!folder.exists());
    });
}
