//! Many hosts in parallel: a problem on one host does not affect the others.

use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::Rig;
use tests::person::Person;
use tests::started;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        all_get_it_and_json_says_so,
        one_that_never_answers_holds_up_no_other_and_is_retried_alone,
        hosts_come_by_the_standard_input,
        an_interruption_says_what_is_done_and_keeps_the_rest_for_the_next_time,
        one_that_ignores_hangups_goes_on,
        an_output_that_nobody_reads_stops_nothing,
        an_output_that_takes_nothing_more_is_said,
    ]
}

/// How long anything may take on a busy machine.
const LONG: Duration = Duration::from_secs(40);

fn digests(person: &Person<'_>) -> Vec<bool> {
    let ours = person.login.bytes().sha256();
    (0..person.accounts.len()).map(|number| person.remote_digest(number) == ours).collect()
}

fn all_get_it_and_json_says_so(rig: &Rig) {
    let person = rig.person(6);
    let hosts = ["box0", "box1", "box2", "box3", "box4", "box5"];
    let (status, stdout, stderr) =
        person.says(&[["deploy", "--format", "json", "--jobs", "3"].as_slice(), &hosts].concat());
    assert_eq!(status, 0, "{stdout}{stderr}");
    let value: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(value["version"], 2);
    let told: Vec<&str> =
        value["hosts"].as_array().unwrap().iter().map(|host| host["host"].as_str().unwrap()).collect();
    assert_eq!(told, hosts, "in the order in which they were named");
    for host in value["hosts"].as_array().unwrap() {
        assert_eq!((&host["result"], &host["proof"]), (&"deployed".into(), &"works".into()), "{host}");
        assert_eq!(host["mode"], "0600");
        assert_eq!(host["size"], person.login.bytes().len());
        assert!(host["seconds"].as_f64().unwrap() > 0.0);
    }
    assert_eq!(digests(&person), [true; 6]);
}

fn one_that_never_answers_holds_up_no_other_and_is_retried_alone(rig: &Rig) {
    let person = rig.person(3);
    // It accepts the connection, and never sends anything.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let dead = format!("{}@127.0.0.1:{port}", person.accounts[2].name);
    let retry = person.path("failed");
    let retry = retry.to_str().unwrap();
    let began = Instant::now();
    let (status, stdout, stderr) = person.says(&[
        "deploy",
        &dead,
        "box0",
        "box1",
        "--jobs",
        "2",
        "--timeout",
        "8",
        "--retry-failed",
        retry,
    ]);
    assert_eq!(status, 1, "{stdout}{stderr}");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    assert!(stdout.contains("3 hosts: 2 copied and verified, 1 not reached"), "{stdout}");
    let dead_line = stdout.lines().find(|line| line.contains(&dead)).unwrap();
    assert!(dead_line.starts_with("FAILED") && dead_line.contains("timed out after"), "{dead_line}");
    assert_eq!(digests(&person), [true, true, false]);

    assert_eq!(std::fs::read_to_string(retry).unwrap(), format!("{dead}\n"));
    let (status, stdout, _) = person.says(&["deploy", "--timeout", "4", "--retry-failed", retry]);
    assert_eq!(status, 1);
    assert!(stdout.contains(&dead) && !stdout.contains("box0"), "{stdout}");
}

fn hosts_come_by_the_standard_input(rig: &Rig) {
    let person = rig.person(2);
    let hosts = "# mine\nbox1\n\nbox0 # the other\nbox1\n";
    let (status, stdout, stderr) = person.says_to(hosts, &["deploy", "--no-proof", "--hosts-file", "-"]);
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert!(stdout.contains("2 hosts: 2 copied"), "{stdout}");
    assert_eq!(digests(&person), [true, true]);
}

/// Starts a deploy without a proof.
fn begins(person: &Person<'_>, arguments: &[&str], stdout: Stdio) -> Child {
    let mut command = person.command(&[&["deploy", "--no-proof"], arguments].concat());
    command.stdout(stdout).stderr(Stdio::piped()).spawn().unwrap()
}

fn an_interruption_says_what_is_done_and_keeps_the_rest_for_the_next_time(rig: &Rig) {
    let person = rig.person(3);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("{}@127.0.0.1:{}", person.accounts[1].name, silent.local_addr().unwrap().port());
    let retry = person.path("left");
    let call = |more: &[&str]| {
        let hosts = ["box0", &dead, "box2", "--jobs", "1", "--retry-failed", retry.to_str().unwrap()];
        let mut child = begins(&person, &[&hosts, more].concat(), Stdio::piped());
        // The second host has started: it accepts the connection, and sends nothing.
        let _held = silent.accept().unwrap();
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        let said = started::reads(child.stdout.take().unwrap());
        let status = started::ends(&mut child, started::PATIENCE).code();
        (status, String::from_utf8(said.recv_timeout(LONG).unwrap()).unwrap())
    };
    let (status, said) = call(&[]);
    assert_eq!(status, Some(130), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("ok        box0  + copied to "), "{said}");
    let interrupted = format!("FAILED    {dead}  interrupted while in progress");
    assert!(said.contains(&interrupted), "{said}");
    assert!(said.ends_with("3 hosts: 1 copied, 1 interrupted, 1 not started\n"), "{said}");
    assert_eq!(std::fs::read_to_string(&retry).unwrap(), format!("{dead}\nbox2\n"));
    assert_eq!(digests(&person), [true, false, false]);

    let (status, said) = call(&["--format", "json"]);
    assert_eq!(status, Some(130), "{said}");
    let value: Value = serde_json::from_str(&said).unwrap();
    let codes: Vec<&Value> =
        value["hosts"].as_array().unwrap().iter().map(|host| &host["error"]["code"]).collect();
    assert_eq!(codes, [&Value::Null, &"interrupted".into(), &"not-begun".into()]);
}

fn one_that_ignores_hangups_goes_on(rig: &Rig) {
    let person = rig.person(1);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("me@127.0.0.1:{}", silent.local_addr().unwrap().port());
    // `started::command` resets every signal to its default, so the shell that ignores one has to come after it.
    let mut command = started::command("sh");
    command.args(["-c", "trap '' HUP; exec \"$@\"", "sh", tests::program(), "deploy", "-F"]);
    command.arg(person.path("config")).args(["--no-proof", "--timeout", "4", "--jobs", "1", &dead, "box0"]);
    command.env("HOME", person.folder()).env_remove("CODEX_HOME").env_remove("SSH_AUTH_SOCK");
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let _held = silent.accept().unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    assert_eq!(started::ends(&mut child, started::PATIENCE).code(), Some(1));
    assert_eq!(digests(&person), [true], "the host behind the dead one is reached");
}

fn an_output_that_nobody_reads_stops_nothing(rig: &Rig) {
    let person = rig.person(2);
    let mut child = begins(&person, &["--jobs", "1", "box0", "box1"], Stdio::piped());
    drop(child.stdout.take());
    drop(child.stderr.take());
    assert_eq!(started::ends(&mut child, started::PATIENCE).code(), Some(0));
    assert_eq!(digests(&person), [true, true]);
}

fn an_output_that_takes_nothing_more_is_said(rig: &Rig) {
    let person = rig.person(1);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut child = begins(&person, &["box0"], full.into());
    let said = started::reads(child.stderr.take().unwrap());
    let status = started::ends(&mut child, started::PATIENCE);
    let stderr = String::from_utf8(said.recv_timeout(LONG).unwrap()).unwrap();
    assert_eq!(status.code(), Some(1), "{stderr}");
    let words = "error: could not write to the standard output: no space left on device\n  the work is finished, but part";
    assert!(stderr.contains(words), "{stderr}");
    assert_eq!(digests(&person), [true]);
}
