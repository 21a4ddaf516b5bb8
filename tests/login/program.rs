//! The verb as a person calls it: what it prints where, its exit status, and Ctrl-C.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tests::page::{PORT, turn};
use tests::started;

use crate::Case;
use crate::rig::{ISSUER, Remote, Rig};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_person_is_shown_link_and_code_and_then_what_came_of_it,
        a_program_gets_one_object_and_neither_link_nor_code,
        a_login_that_is_there_fails_with_what_to_do,
        an_interruption_leaves_nothing_running_and_the_old_login,
        an_interruption_while_a_browser_is_awaited_leaves_nothing_running,
    ]
}

/// A home here from which `box` is the account on the host.
pub(crate) fn home(remote: &Remote<'_>) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let container = remote.rig.container();
    let (host, port) = container.address();
    let write = |name: &str, bytes: &[u8]| {
        let path = home.path().join(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    };
    let key = write("id", container.client_key().private.expose());
    let known = write("known_hosts", format!("[{host}]:{port} {}\n", container.host_key_line()).as_bytes());
    write(
        "config",
        format!(
            "Host box\n  HostName {host}\n  Port {port}\n  User {}\n  IdentityFile {}\n  IdentityAgent none\n  \
             IdentitiesOnly yes\n  UserKnownHostsFile {}\n  GlobalKnownHostsFile /dev/null\n",
            remote.account.name,
            key.display(),
            known.display()
        )
        .as_bytes(),
    );
    home
}

pub(crate) fn program(home: &TempDir, arguments: &[&str]) -> Command {
    let mut command = started::command(tests::program());
    command.arg("login").arg("-F").arg(home.path().join("config")).args(["--issuer", ISSUER]).args(arguments);
    command.env("HOME", home.path()).stdin(Stdio::null());
    for name in ["CODEX_HOME", "SSH_AUTH_SOCK", "NO_COLOR"] {
        command.env_remove(name);
    }
    command
}

pub(crate) fn runs(remote: &Remote<'_>, arguments: &[&str]) -> (i32, String, String) {
    let output = started::output(&mut program(&home(remote), arguments));
    for stream in [&output.stdout, &output.stderr] {
        assert_eq!(remote.rig.leak_scanner().look(stream), None, "the program shows a secret");
    }
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code().unwrap_or(-1), stdout, stderr)
}

/// The lines that stand apart, as a link and a code do.
pub(crate) fn set_off(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("    ")).collect()
}

fn a_person_is_shown_link_and_code_and_then_what_came_of_it(rig: &Rig) {
    let remote = rig.account().make();
    let (status, stdout, stderr) = runs(&remote, &["box"]);
    assert_eq!(status, 0, "{stdout}{stderr}");
    let shown = set_off(&stderr);
    assert_eq!(shown.len(), 2, "{stderr}");
    assert_eq!(shown[0], format!("{ISSUER}/codex/device"));
    assert_eq!(stderr.matches(shown[1]).count(), 1, "the code is shown once");
    assert!(stdout.starts_with("ok        box  logged in: /home/"), "{stdout}");
    assert!(
        stdout.contains("mode 0600") && stdout.contains("verified: codex answered with this login"),
        "{stdout}"
    );
    assert!(!stdout.contains(shown[1]), "{stdout}");
    remote.has_a_login_of_its_own();
}

fn a_program_gets_one_object_and_neither_link_nor_code(rig: &Rig) {
    let remote = rig.account().make();
    let (status, stdout, stderr) = runs(&remote, &["box", "--format", "json"]);
    assert_eq!(status, 0, "{stdout}{stderr}");
    let shown = set_off(&stderr);
    assert!(!stdout.contains(shown[0]) && !stdout.contains(shown[1]), "{stdout}");
    let value: Value = serde_json::from_str(&stdout).unwrap();
    let host = &value["hosts"][0];
    assert_eq!(
        (&value["version"], &host["host"], &host["result"]),
        (&1.into(), &"box".into(), &"logged in".into())
    );
    assert_eq!(
        (&host["way"], &host["mode"], &host["proof"]),
        (&"device".into(), &"0600".into(), &"works".into())
    );
    assert_eq!(host["codex"]["release"], "0.163.0");
    assert!(
        host["seconds"].as_f64().unwrap() > 0.0
            && host["path"].as_str().unwrap().ends_with("/.codex/auth.json")
    );
}

fn a_login_that_is_there_fails_with_what_to_do(rig: &Rig) {
    let remote = rig.account().login(0o600).make();
    let (status, stdout, _) = runs(&remote, &["box", "--format", "json"]);
    assert_eq!(status, 1, "{stdout}");
    let value: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(value["hosts"][0]["error"]["code"], "login-there");
    assert_eq!(value["hosts"][0]["result"], "failed");
}

fn an_interruption_leaves_nothing_running_and_the_old_login(rig: &Rig) {
    // It shows a code, and waits for somebody to agree, as the real one does.
    let wait = "case $* in *--help) echo --device-auth; exit ;; --version) exit ;; esac\n\
        printf '  http://127.0.0.1:8790/codex/device\\n  ABCD-EFGH\\n'\nsleep 300 & sleep 301";
    let remote = rig.account().login(0o600).program(wait).make();
    let before = remote.auth();
    interrupt(&remote, &["box", "--force"], "ABCD-EFGH");
    remote.nothing_will_run();
    assert_eq!(remote.auth(), before);
    assert_eq!(remote.root("ls -A .codex"), "auth.json\n");
}

/// Calls the program, and interrupts it as soon as it shows this.
fn interrupt(remote: &Remote<'_>, arguments: &[&str], shown: &str) {
    let home = home(remote);
    let mut running = program(&home, arguments).stderr(Stdio::piped()).spawn().unwrap();
    let stderr = BufReader::new(running.stderr.take().unwrap());
    let is_shown = stderr.lines().map_while(Result::ok).any(|line| line.trim().starts_with(shown));
    let pid = rustix::process::Pid::from_child(&running);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let ended = started::ends(&mut running, started::PATIENCE);
    assert!(is_shown && !ended.success(), "{is_shown} {ended}");
}

fn an_interruption_while_a_browser_is_awaited_leaves_nothing_running(rig: &Rig) {
    let _turn = turn();
    let remote = rig.account().make();
    interrupt(&remote, &["box", "--browser"], "http://127.0.0.1:8790/oauth/authorize?");
    remote.nothing_will_run();
    assert_eq!(remote.auth(), "");
    assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)).is_ok());
}
