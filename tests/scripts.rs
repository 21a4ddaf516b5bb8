//! Every shell script of the project passes shellcheck, above all those that run on hosts.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use codex_remote_auth::remote::Script;

/// Checks that shellcheck finds nothing in a script.
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
    let examine = fs::read_to_string(tests::root().join("codex-remote-auth/src/doctor/examine.sh")).unwrap();
    // shellcheck does not see that functions are called by an order, so it takes them for unused.
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

/// A signal can be lost if it arrives while a shell forks. The script once hung there until its time limit.
#[test]
fn a_call_that_ends_at_once_never_hangs() {
    const CALLS: usize = 500;
    let home = tempfile::tempdir().unwrap();
    let examine = fs::read_to_string(tests::root().join("codex-remote-auth/src/doctor/examine.sh")).unwrap();
    let script =
        Script::default().with(&examine).text().replace("while IFS= read -r order; do", "while false; do");
    let script = script.replacen("\nexit 0\n", "\n", 1);
    assert!(!script.contains("exit 0\n"), "the script would end before its calls");
    let calls =
        format!("\ntrap 'exit 1' HUP INT TERM PIPE\nfor count in $(seq {CALLS}); do call 20 true; done\n");
    // The script's input stays open, as the connection to the host does.
    let mut sh = Command::new("timeout")
        .args(["60", "sh", "-c", &format!("mark=cra-0123456789abcdef\n{script}{calls}")])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let open = sh.stdin.take().unwrap();
    let output = sh.wait_with_output().unwrap();
    drop(open);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.matches("cra-0123456789abcdef end 0").count(), CALLS);
}
