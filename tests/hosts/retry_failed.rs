//! `--retry-failed`: no call loses a host from the file. Also hosts for which this machine itself fails.

use std::fs;
use std::time::{Duration, Instant};

use tests::Rig;
use tests::home::has;
use tests::person::Person;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        hosts_that_are_not_in_the_call_stay_in_the_file,
        a_dry_run_writes_nothing,
        a_file_that_cannot_be_used_is_told_before_anything_is_sent,
        the_file_of_all_hosts_is_not_the_file_of_those_that_failed,
        a_host_for_which_there_is_no_thread_is_told_at_once,
    ]
}

/// A host on which nothing listens.
const DEAD: &str = "me@127.0.0.1:9";

fn deploys(person: &Person<'_>, file: &str, more: &[&str], expected: i32) -> (String, String) {
    person.ends(&[&["deploy", "--no-proof", "--retry-failed", file], more].concat(), expected)
}

fn hosts_that_are_not_in_the_call_stay_in_the_file(rig: &Rig) {
    let person = rig.person(2);
    let path = person.write("failed", b"# of Monday\nbox1 # the slow one\nbox9\n");
    let file = path.to_str().unwrap();
    let now = || fs::read_to_string(&path).unwrap();
    deploys(&person, file, &["box0"], 0);
    assert_eq!(now(), "# of Monday\nbox1 # the slow one\nbox9\n");
    let (_, stderr) = deploys(&person, file, &["box0", DEAD], 1);
    let again = format!(" --retry-failed {file}\n");
    has(
        &stderr,
        &[&format!("note: hosts that failed are saved in {file}\n"), "hint: to retry them:\n", &again],
    );
    assert_eq!(now(), format!("# of Monday\nbox1 # the slow one\nbox9\n{DEAD}\n"));
    deploys(&person, file, &["box1"], 0);
    assert_eq!(now(), format!("# of Monday\nbox9\n{DEAD}\n"));
    let beside: Vec<_> =
        fs::read_dir(person.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(beside.iter().all(|name| !name.to_string_lossy().starts_with(".hosts-")), "{beside:?}");
}

fn a_dry_run_writes_nothing(rig: &Rig) {
    let person = rig.person(1);
    let path = person.write("failed", b"box0\n");
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    let (_, stderr) = deploys(&person, path.to_str().unwrap(), &["--dry-run"], 0);
    has(&stderr, &["note: a dry run does not change ", "/failed"]);
    deploys(&person, path.to_str().unwrap(), &["--dry-run", DEAD], 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), "box0\n");
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
    let new = person.path("new");
    deploys(&person, new.to_str().unwrap(), &["--dry-run", DEAD], 1);
    assert!(!new.exists());
}

fn a_file_that_cannot_be_used_is_told_before_anything_is_sent(rig: &Rig) {
    let person = rig.person(1);
    let folder = person.folder().to_str().unwrap().to_owned();
    let bytes = person.write("bytes", b"box9\n\xff\n");
    for (file, why) in [
        (folder.as_str(), "the hosts cannot be read: it is not a regular file"),
        ("/dev/null", "the hosts cannot be read: it is not a regular file"),
        (bytes.to_str().unwrap(), "the hosts cannot be read: "),
        ("/nowhere/failed", "this file cannot be written: "),
    ] {
        let (stdout, stderr) = deploys(&person, file, &["box0"], 2);
        assert_eq!(stdout, "");
        has(&stderr, &[&format!("error: {file}: {why}"), "nothing was sent"]);
    }
    assert_eq!(person.remote_digest(0), "");
    assert_eq!(fs::read(bytes).unwrap(), b"box9\n\xff\n");
}

fn the_file_of_all_hosts_is_not_the_file_of_those_that_failed(rig: &Rig) {
    let person = rig.person(1);
    let path = person.write("all", b"box0\n");
    let link = person.path("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let (_, stderr) = deploys(&person, path.to_str().unwrap(), &["--hosts-file", link.to_str().unwrap()], 2);
    has(&stderr, &["name the same file", "leave out --hosts-file"]);
    assert_eq!(fs::read_to_string(path).unwrap(), "box0\n");
    assert_eq!(person.remote_digest(0), "");
}

fn a_host_for_which_there_is_no_thread_is_told_at_once(rig: &Rig) {
    let person = rig.person(1);
    let began = Instant::now();
    let mut command = person.runs(&["deploy", "--no-proof", "box0", "box1"]);
    // A thread with such a stack needs more memory than a process can address.
    command.env("RUST_MIN_STACK", (1_u64 << 47).to_string());
    let (status, stdout, stderr) = person.said(command.output().unwrap());
    assert_eq!(status, 1, "{stdout}{stderr}");
    for host in ["box0", "box1"] {
        has(&stdout, &[&format!("FAILED    {host}  could not start a thread for this host: ")]);
    }
    has(&stdout, &["hint: try fewer hosts at once, with --jobs"]);
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    assert_eq!(person.remote_digest(0), "");
}
