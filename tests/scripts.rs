//! Every shell script of the project passes shellcheck: those that run on hosts above all.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use harness::remote::Script;

/// Holds that shellcheck has nothing to say of a script.
fn passes(name: &str, text: &str, shell: &str, more: &[&str]) {
    let mut check = Command::new("shellcheck")
        .args(["--shell", shell])
        .args(more)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("shellcheck (Debian package shellcheck): {error}"));
    check.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = check.wait_with_output().unwrap();
    assert!(output.status.success(), "{name}:\n{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_scripts_that_run_on_hosts_pass() {
    let examine = fs::read_to_string(tests::root().join("harness/src/doctor/examine.sh")).unwrap();
    // Functions that an order calls look as if nothing called them.
    passes("the remote script", &Script::default().with(&examine).text(), "sh", &["--exclude", "SC2317"]);
}

#[test]
fn every_other_script_passes() {
    let tracked = Command::new("git").args(["ls-files", "-z"]).current_dir(tests::root()).output().unwrap();
    let tracked = String::from_utf8(tracked.stdout).unwrap();
    let mut checked = 0;
    for file in tracked.split('\0').filter(|file| !file.is_empty() && !file.ends_with(".rs")) {
        let Ok(text) = fs::read_to_string(tests::root().join(file)) else { continue };
        let shell = match text.lines().next().unwrap_or_default() {
            first if first.starts_with("#!") && first.ends_with("bash") => "bash",
            first if first.starts_with("#!") && first.ends_with("sh") => "sh",
            _ => continue,
        };
        passes(file, &text, shell, &[]);
        checked += 1;
    }
    assert!(checked >= 2, "{checked} scripts were found");
}
