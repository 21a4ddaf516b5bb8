//! The main job on Podman: with root, without root, over TCP, and when it dies. Each test has a Podman of its own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "podman/service.rs"]
mod service;

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use service::{Service, TCP, Way};
use tests::started;

/// How long a first run may take on a busy machine: it imports and builds the image.
const FIRST: Duration = Duration::from_secs(400);

/// One at a time: each test has the machine's processors busy by itself.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn xtask() -> PathBuf {
    assert_cmd::cargo::cargo_bin("xtask")
}

/// Runs all checks, and tests that they pass and leave no container.
fn every_check_passes(service: &Service, address: Option<&str>) {
    let mut command = service.command(&xtask(), &["smoke"]);
    command.envs(address.map(|address| ("DOCKER_HOST", address)));
    let output = started::output_within(&mut command, FIRST);
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (said(&output.stdout), said(&output.stderr));
    assert!(output.status.success(), "{stdout}\n{stderr}");
    let sum = stdout.lines().rfind(|line| line.contains(" passed, ")).unwrap_or_default();
    let passed: usize = sum.split(' ').next().and_then(|count| count.parse().ok()).unwrap_or_default();
    assert!(passed >= 66 && sum.contains(" 0 failed"), "{stdout}");
    assert_eq!(service.containers(), [""; 0], "left on the engine");
}

/// Ends the engine during a run. That is one error, which says so.
fn its_end_is_one_error(mut service: Service) {
    let began = Instant::now();
    let mut command = service.command(&xtask(), &["smoke"]);
    let mut run = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let stderr = run.stderr.take().map(started::reads).unwrap();
    // By then the run has what it needs from the engine to begin, and has to come back to it at the end.
    while service.containers().is_empty() {
        assert!(began.elapsed() < FIRST && run.try_wait().unwrap().is_none(), "no container was started");
        std::thread::sleep(Duration::from_millis(20));
    }
    service.end();
    let status = started::ends(&mut run, FIRST);
    let said = String::from_utf8(stderr.recv().unwrap()).unwrap();
    assert_eq!(status.code(), Some(3), "{said}");
    assert_eq!(said.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{said}");
    assert!(said.contains("error: the container engine ended during the run"), "{said}");
    assert!(said.contains("remedy: start the engine"), "{said}");
}

#[test]
fn every_check_passes_on_podman_also_over_tcp_and_its_end_is_one_error() {
    let _alone = alone();
    let Some(service) = Service::start(Way::Root) else { return };
    every_check_passes(&service, None);
    let names = service.images();
    assert!(names.iter().any(|name| name.contains("codex-remote-auth/base-bookworm:")), "{names:?}");
    assert!(!names.iter().any(|name| name.ends_with(":latest")), "{names:?}");
    // As on another machine: by published ports, and with copies of the files.
    every_check_passes(&service, Some(TCP));
    its_end_is_one_error(service);
}

#[test]
fn every_check_passes_on_podman_without_root_and_its_images_can_be_removed() {
    let _alone = alone();
    let Some(service) = Service::start(Way::Rootless) else { return };
    every_check_passes(&service, None);
    let mut clean = service.command(&xtask(), &["clean", "--images"]);
    assert!(started::output_within(&mut clean, FIRST).status.success());
    assert_eq!(service.images(), [""; 0], "left on the engine");
}
