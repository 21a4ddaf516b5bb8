//! A download that is killed leaves nothing that looks like a release.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use tests::started;

use crate::fake_index::{FakeIndex, PROGRAM};

const FOLDER: &str = "RELEASES_TEST_FOLDER";

#[test]
fn what_a_killed_download_left_is_removed_by_the_next_one() {
    let index = FakeIndex::new();
    index.when_installing(
        "mkdir -p \"$here/cache/fetch-x/installed/codex_cli_bin\"; \
         echo $$ > \"$here/pid.new\"; mv \"$here/pid.new\" \"$here/pid\"; exec sleep 60",
    );
    let mut download = started::command(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "killed::the_download_that_is_killed"])
        .env(FOLDER, index.folder())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let pip = pid_in(&index.path("pid"));
    download.kill().unwrap();
    started::ends(&mut download, started::PATIENCE);
    kill_process(pip, Signal::KILL).unwrap();
    assert!(index.kept()[0].starts_with("fetch-"), "{:?}", index.kept());

    index.when_installing("copy \"$@\"");
    assert_eq!(fs::read(index.get().unwrap().program).unwrap(), PROGRAM);
    assert_eq!(index.kept(), [FakeIndex::name("0.163.0")]);
}

#[test]
#[ignore = "started by the test above, in a process that it kills"]
fn the_download_that_is_killed() {
    let folder = std::env::var_os(FOLDER).unwrap();
    let _ = FakeIndex::at(Path::new(&folder)).get();
}

fn pid_in(path: &Path) -> Pid {
    let prompt_time = Instant::now() + Duration::from_secs(20);
    loop {
        if let Ok(text) = fs::read_to_string(path) {
            return Pid::from_raw(text.trim().parse().unwrap()).unwrap();
        }
        assert!(Instant::now() < prompt_time, "the download never began");
        std::thread::sleep(Duration::from_millis(20));
    }
}
