//! A fetch that is killed leaves nothing that the next one could take for a release.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use tests::started;

use crate::fake_pip::{FakePip, PROGRAM};

const FOLDER: &str = "RELEASES_TEST_FOLDER";

#[test]
fn what_a_killed_fetch_left_is_removed_by_the_next_one() {
    let stand_in = FakePip::new();
    stand_in.pip(
        "head -c 20 \"$here/published.whl\" > \"$dest/codex.whl\"; \
         echo $$ > \"$here/pid.new\"; mv \"$here/pid.new\" \"$here/pid\"; exec sleep 60",
    );
    let mut fetch = started::command(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "killed::the_fetch_that_is_killed"])
        .env(FOLDER, stand_in.folder())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let pip = pid_in(&stand_in.path("pid"));
    fetch.kill().unwrap();
    started::ends(&mut fetch, started::PATIENCE);
    kill_process(pip, Signal::KILL).unwrap();
    assert!(stand_in.kept()[0].starts_with("fetch-"), "{:?}", stand_in.kept());

    stand_in.pip("bring");
    assert_eq!(fs::read(stand_in.get().unwrap().program).unwrap(), PROGRAM);
    assert_eq!(stand_in.kept(), [FakePip::name("0.163.0")]);
}

#[test]
#[ignore = "started by the test above, in a process that it kills"]
fn the_fetch_that_is_killed() {
    let folder = std::env::var_os(FOLDER).unwrap();
    let _ = FakePip::at(Path::new(&folder)).get();
}

fn pid_in(path: &Path) -> Pid {
    let prompt_time = Instant::now() + Duration::from_secs(20);
    loop {
        if let Ok(text) = fs::read_to_string(path) {
            return Pid::from_raw(text.trim().parse().unwrap()).unwrap();
        }
        assert!(Instant::now() < prompt_time, "the fetch never began");
        std::thread::sleep(Duration::from_millis(20));
    }
}
