//! A codex on the host that does not end. Every call of it has a time limit, everything that it started ends with it, and a login
//! that is in place is reported as deployed.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tests::Rig;
use tests::home::has;
use tests::person::Person;
use tests::running::{self, within};

use crate::Case;

/// What codex does, whatever its arguments are.
const CODEXES: &[(&str, &str)] = &[
    ("hangs", "exec sleep 600"),
    ("ignores_signals", "trap '' TERM HUP INT PIPE\nwhile :; do sleep 600; done"),
    ("leaves_children", "sleep 601 &\nsleep 602 &\nsleep 600"),
    (
        "leaves_children_that_ignore_signals",
        "trap '' TERM HUP INT\nsh -c 'sleep 601; sleep 602; sleep 603' &\nsleep 600; wait",
    ),
    ("prints_without_end", "yes 0123456789"),
    ("reads_its_input", "cat >/dev/null; sleep 600"),
    ("closes_its_outputs", "exec >&- 2>&-\nsleep 600"),
    ("stops_itself", "kill -STOP $$\nsleep 600"),
];

/// Those that need more than a signal to end. If the program `timeout` is missing, only these are tested.
const STUBBORN: &[&str] = &["hangs", "ignores_signals", "leaves_children_that_ignore_signals"];

/// What is tested on every change, as it is the hardest to end: the rest is left to the weekly job, since each trial waits for up to
/// forty seconds.
const HARDEST: &[&str] = &["ignores_signals", "leaves_children_that_ignore_signals", "stops_itself"];

/// Startup files of a login shell that never end.
const PROFILES: &[(&str, &str)] = &[
    ("sleeps", "sleep 600"),
    ("ignores_signals", "trap '' TERM HUP INT\nwhile :; do sleep 600; done"),
    ("waits_for_a_child", "sleep 600 &\nwait"),
];

pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = tests::cases![
        an_interactive_shell_that_hangs_under_doctor,
        a_job_that_an_rc_file_leaves_running,
        a_connection_that_is_lost_after_the_move_is_a_deploy,
    ];
    for has_timeout in [true, false] {
        let how = if has_timeout { "with_timeout" } else { "without_timeout" };
        for (name, text) in CODEXES {
            let (is_stubborn, is_weekly) = (STUBBORN.contains(name), !HARDEST.contains(name));
            if is_stubborn {
                let case = move |rig: &Rig| only_its_release(rig, text, has_timeout);
                cases.push(Case::new(format!("version_{name}::{how}"), case).weekly_if(is_weekly));
            }
            if is_stubborn || has_timeout {
                let case = move |rig: &Rig| every_call(rig, text, has_timeout);
                cases.push(Case::new(format!("every_call_{name}::{how}"), case).weekly_if(is_weekly));
            }
        }
        for (name, profile) in PROFILES {
            let case = move |rig: &Rig| login_shell(rig, profile, has_timeout);
            let case = Case::new(format!("a_login_shell_that_{name}::{how}"), case);
            cases.push(case.weekly_if(!HARDEST.contains(name)));
        }
    }
    cases
}

/// How long a call with a limit of 12 seconds may take: the limit, and the time to end what ran.
const ENDS: Duration = Duration::from_secs(30);

/// Removes the program `timeout` from the PATH of the first account.
fn without_timeout(person: &Person<'_>) {
    person.tools_without(&["timeout"]);
    person.there(
        "ln -sf /opt/codex-under-test/codex tools/codex; echo 'PATH=$HOME/first:$HOME/tools' >.bashrc; mkdir -p first",
    );
}

/// A person whose host has this codex.
fn with_codex<'r>(rig: &'r Rig, text: &str, has_timeout: bool) -> Person<'r> {
    let person = rig.person(1);
    if !has_timeout {
        without_timeout(&person);
    }
    person.plants("codex", text);
    person
}

/// Deploys, and checks that the deploy ends in time, reports the login as deployed, and leaves nothing running.
fn deploys(person: &Person<'_>, more: &[&str], expected: &[i32]) -> String {
    let began = Instant::now();
    let (status, stdout, stderr) = person.says(&[&["deploy", "--timeout", "12", "box0"], more].concat());
    let took = began.elapsed();
    let what = format!("{more:?} after {took:?}: {stdout}{stderr}");
    assert!(took < ENDS, "{what}");
    assert_eq!(person.remote_digest(0), person.login.bytes().sha256(), "{what}");
    assert!(stdout.contains("copied to ") || stdout.contains("already up to date: "), "{what}");
    assert!(!stdout.contains("old one or the new one"), "{what}");
    assert!(expected.contains(&status), "{what}");
    person.account().nothing_runs();
    stdout
}

fn only_its_release(rig: &Rig, text: &str, has_timeout: bool) {
    let text = format!("case $1 in\n--version)\n{text}\n;;\nesac\nexec /opt/codex-under-test/codex \"$@\"");
    let person = with_codex(rig, &text, has_timeout);
    deploys(&person, &["--no-proof"], &[0]);
    let said = deploys(&person, &[], &[0]);
    has(&said, &["verified: "]);
}

fn every_call(rig: &Rig, text: &str, has_timeout: bool) {
    let person = with_codex(rig, text, has_timeout);
    deploys(&person, &["--no-proof"], &[0]);
    let said = deploys(&person, &[], &[1]);
    assert!(!said.contains("verified: "), "{said}");
    let began = Instant::now();
    let (status, stdout, stderr) = person.says(&["doctor", "--timeout", "12", "box0"]);
    let what = format!("doctor after {:?}: {stdout}{stderr}", began.elapsed());
    assert!(began.elapsed() < ENDS && status <= 1, "{what}");
    person.account().nothing_runs();
}

/// Codex is not on the PATH of plain commands, so the PATH of a login shell is looked up.
fn login_shell(rig: &Rig, profile: &str, has_timeout: bool) {
    let person = rig.account().without_codex().person();
    if !has_timeout {
        without_timeout(&person);
    }
    person.there(&format!(
        "rm -f tools/codex; mkdir -p bin; ln -s /opt/codex-under-test/codex bin/codex\n\
         cat >.bash_profile <<'END'\n{profile}\nEND"
    ));
    for more in [["--dry-run"].as_slice(), &["--no-proof"]] {
        let began = Instant::now();
        let (status, stdout, stderr) = person.says(&[&["deploy", "--timeout", "25", "box0"], more].concat());
        let what = format!("{more:?} after {:?}: {stdout}{stderr}", began.elapsed());
        assert!(began.elapsed() < ENDS && status == 0, "{what}");
        has(&stdout, &["copied to "]);
        person.account().nothing_runs();
    }
    assert!(person.has_it());
}

fn an_interactive_shell_that_hangs_under_doctor(rig: &Rig) {
    for has_timeout in [true, false] {
        let person = rig.person(1);
        person.ends(&["deploy", "--no-proof", "box0"], 0);
        if !has_timeout {
            without_timeout(&person);
        }
        person.there("printf '%s\\n' 'case $- in *i*) while :; do sleep 600; done ;; esac' >>.bashrc");
        let began = Instant::now();
        let (status, stdout, stderr) = person.says(&["doctor", "--timeout", "25", "box0"]);
        let what = format!("{has_timeout} after {:?}: {stdout}{stderr}", began.elapsed());
        assert!(began.elapsed() < ENDS && status <= 1, "{what}");
        has(&stdout, &["auth.json"]);
        person.account().nothing_runs();
    }
}

/// The job keeps the outputs of the shell open, so they do not end with the shell.
fn a_job_that_an_rc_file_leaves_running(rig: &Rig) {
    for rc in ["sleep 60 &\n", "case $- in *i*) sleep 60 & ;; esac\n"] {
        let person = rig.person(1);
        person.there(&format!("printf '%s' '{rc}' >.bashrc; cp .bashrc .bash_profile"));
        for call in [["deploy", "box0"].as_slice(), &["doctor", "box0"]] {
            let began = Instant::now();
            let (stdout, _) = person.ends(call, 0);
            assert!(
                began.elapsed() < Duration::from_secs(9),
                "{rc} {call:?} {:?}: {stdout}",
                began.elapsed()
            );
        }
    }
}

/// The move completes the deploy. Later steps may fail, but the login is in place.
fn a_connection_that_is_lost_after_the_move_is_a_deploy(rig: &Rig) {
    for more in [["--no-proof"].as_slice(), &[]] {
        let person = with_codex(rig, "exec sleep 600", true);
        let call = [&["deploy", "--timeout", "60", "box0"], more].concat();
        let mut program = person.command(&call);
        let child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let new = person.login.bytes().sha256();
        let is_there = within(Duration::from_secs(30), || {
            person.remote_digest(0) == new
                && running::processes(rig.container(), person.account())
                    .iter()
                    .any(|line| line.contains("sleep 600"))
        });
        // Both processes of sshd, since either one would keep the connection open.
        rig.root(&format!(
            "for p in $(grep -ls '^sshd: {}[ @]' /proc/[0-9]*/cmdline); do p=${{p%/cmdline}}; kill -9 ${{p#/proc/}}; done",
            person.account().name
        ));
        let (_, stdout, stderr) = person.said(child.wait_with_output().unwrap());
        assert!(is_there, "codex was not called: {stdout}{stderr}");
        let is_said = stdout.contains("copied to ") || stdout.contains("the new auth.json is in place");
        assert!(is_said && !stdout.contains("old one or the new one"), "{stdout}{stderr}");
    }
}
