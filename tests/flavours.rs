//! Every command for hosts on each server that people have, with each of its login shells.
//!
//! CI does this once a week, with `--ignored`. On a change, the usual server has all other tests, and `hosts` has dropbear.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::ExitCode;
use std::time::Duration;

use codex_remote_auth::ssh::{Deadline, End, Stdin};
use harness::target::Flavour;
use libtest_mimic::{Arguments, Trial};
use tests::Rig;
use tests::trials::in_time;

/// How long one server may take. A first run builds its image.
const LIMIT: Duration = Duration::from_secs(600);

/// Tools that the deploy, the lessons or people use.
const TOOLS: &str =
    "sh cat ls stat sha256sum mkdir mv chmod id head wc sleep sync env timeout awk grep sed find tar";

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Each has a container of its own.
    arguments.test_threads = arguments.test_threads.or(Some(2));
    let trials = Flavour::ALL.into_iter().map(|flavour| {
        let name = format!("every_command_works_in_every_login_shell::{flavour}");
        Trial::test(name, move || in_time(LIMIT, move || on(flavour))).with_ignored_flag(true)
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn on(flavour: Flavour) {
    let rig = Rig::of(flavour);
    is_the_server(&rig, flavour);
    for shell in shells(flavour) {
        every_command_works(&rig, flavour, shell);
    }
    assert_eq!(rig.end(), [""; 0], "a secret was seen");
}

fn shells(flavour: Flavour) -> Vec<&'static str> {
    let usual = ["/bin/bash", "/bin/zsh", "/bin/sh", "/bin/mksh", "/bin/tcsh"];
    let more: &[&str] = match flavour {
        Flavour::Dropbear => &["/bin/dash", "/usr/bin/fish", "/usr/local/bin/ash"],
        Flavour::Busybox => &["/usr/local/bin/ash"],
        _ => &["/bin/dash"],
    };
    [&usual, more].concat()
}

/// The server is what docs/compatibility.md says, and so are its tools.
fn is_the_server(rig: &Rig, flavour: Flavour) {
    let dropbear = flavour == Flavour::Dropbear;
    let version = rig.root(if dropbear { "dropbear -V 2>&1" } else { "ssh -V 2>&1" });
    let mut words = flavour.server().split(' ').take(2);
    assert!(words.all(|word| version.contains(word)), "{flavour} is {version}");
    // The account asks, over the server of the accounts.
    let account = rig.account().make();
    let ask = |command: &str| {
        let output = account.session().run(command, Stdin::Closed, Deadline::after(Duration::from_secs(20)));
        let output = output.unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(output.end, End::Exit(0), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let server = ask("cat /proc/$PPID/comm");
    assert_eq!(server.contains("dropbear"), dropbear, "{server}");
    let tools = ask(&format!("for tool in {TOOLS}; do readlink -f \"$(command -v $tool)\"; done"));
    let of_busybox = tools.lines().filter(|tool| tool.ends_with("/busybox")).count();
    let all = TOOLS.split(' ').count();
    assert_eq!(of_busybox, if flavour == Flavour::Busybox { all } else { 0 }, "{tools}");
}

fn every_command_works(rig: &Rig, flavour: Flavour, shell: &str) {
    let what = format!("{flavour}, {shell}");
    assert_eq!(rig.root(&format!("[ -x {shell} ] && echo there")), "there\n", "{what}: not in the image");
    let newer = rig.login(Duration::from_secs(60));
    let person = rig.account().shell(shell).accepts(&newer).person();
    let older = person.login.bytes().sha256();
    let host = person.json(&["deploy", "--dry-run", "box0"], 0);
    assert_eq!(person.remote_digest(0), "", "{what}: {host}");
    let host = person.json(&["deploy", "box0"], 0);
    assert_eq!((&host["result"], &host["proof"]), (&"deployed".into(), &"works".into()), "{what}: {host}");
    assert_eq!(person.remote_digest(0), older, "{what}");
    person.write(".codex/auth.json", newer.bytes().expose());
    let host = person.json(&["deploy", "--backup", "box0"], 0);
    assert_eq!((&host["replaced"], &host["proof"]), (&"file".into(), &"works".into()), "{what}: {host}");
    person.account().has(&newer, ".codex");
    let host = person.json(&["doctor", "box0"], 0);
    let problem = host["findings"].as_array().unwrap().iter().find(|found| found["status"] == "problem");
    assert_eq!(problem, None, "{what}: {host}");
    person.ends(&["rollback", "box0"], 0);
    assert_eq!(person.remote_digest(0), older, "{what}");
    let host = person.json(&["login", "--force", "--issuer", "http://127.0.0.1:8790", "box0"], 0);
    assert_eq!((&host["result"], &host["proof"]), (&"logged-in".into(), &"works".into()), "{what}: {host}");
    person.account().has_a_login_of_its_own();
    person.account().nothing_runs();
}
