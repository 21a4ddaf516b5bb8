//! How tests start programs and wait for them: in the same way wherever the tests run, and always with a time limit.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::panic::catch_unwind;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tests::{started, trials};

/// Runs a line of `sh` with [`started::command`]. The line `before`, followed by `exec "$@"`, starts that command.
fn after(before: &str, line: &str) -> String {
    let inner = started::command("sh");
    let mut outer = Command::new("sh");
    outer
        .args(["-c", &format!("{before}; exec \"$@\""), "sh"])
        .arg(inner.get_program())
        .args(inner.get_args());
    let output = started::output(outer.args(["-c", line]).stdin(Stdio::null()));
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_program_starts_with_default_signals_whatever_the_tests_were_started_with() {
    let said = after("trap '' HUP INT QUIT TERM", "grep SigIgn: /proc/self/status");
    let mask = u64::from_str_radix(said.trim().trim_start_matches("SigIgn:\t"), 16).unwrap();
    // The signals above are reserved by the C library, which does not let anyone change 32 and 33.
    assert_eq!(mask & 0x7fff_ffff, 0, "{said}");
}

#[test]
fn a_program_has_no_terminal() {
    let said = after(":", "(: </dev/tty) 2>/dev/null && echo has one; cut -d' ' -f1,6 /proc/$$/stat");
    let (own, session) = said.trim().split_once(' ').unwrap();
    assert_eq!(own, session, "a session of its own");
}

#[test]
fn a_program_keeps_its_number() {
    let mut child =
        started::command("sh").args(["-c", "exec sleep 60"]).stdin(Stdio::null()).spawn().unwrap();
    let line = format!("/proc/{}/cmdline", child.id());
    let is_it = || std::fs::read(&line).unwrap() == b"sleep\x0060\0";
    let came = tests::running::within(Duration::from_secs(10), is_it);
    child.kill().unwrap();
    started::ends(&mut child, started::PATIENCE);
    assert!(came, "it has another number");
}

/// The message of a panic.
fn words(of: impl FnOnce() + std::panic::UnwindSafe) -> String {
    *catch_unwind(of).unwrap_err().downcast::<String>().unwrap()
}

#[test]
fn a_program_that_does_not_end_is_killed_with_a_message() {
    let began = Instant::now();
    let said = words(|| {
        let mut call = started::command("sleep");
        started::output_within(call.arg("60").stdin(Stdio::null()), Duration::from_millis(100));
    });
    assert!(said.contains("did not end within 0.1 s; it was killed"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn a_trial_that_does_not_end_fails_with_a_message() {
    let failed = trials::in_time(Duration::from_millis(100), || std::thread::sleep(Duration::from_secs(60)));
    let said = format!("{:?}", failed.unwrap_err());
    assert!(said.contains("did not end within") && said.contains("without a deadline"), "{said}");
    trials::in_time(Duration::from_secs(60), || ()).unwrap();
    let failed = trials::in_time(Duration::from_secs(60), || panic!("as it was told to"));
    assert!(format!("{:?}", failed.unwrap_err()).contains("as it was told to"));
}
