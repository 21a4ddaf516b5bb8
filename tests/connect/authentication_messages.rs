//! What a user sees whom the server does not let in.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use tests::home::has;
use tests::person::Person;

use crate::Case;
use crate::messages::{fails, to};
use crate::support::{Connects, Rig, deploy, knows};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_wrong_key,
        no_key_at_all,
        a_key_that_is_not_used,
        an_agent_that_does_not_do,
        an_account_that_may_not_log_in,
    ]
}

/// What the message says in every case of failed authentication.
pub(crate) const NOT_LET_IN: [&str; 2] = ["SSH authentication as ", "nothing was sent"];

/// What it advises if the server said no, and only then.
const SERVER_SAID_NO: [&str; 3] = [
    "hint: check that the account has this key (authorized_keys)",
    "AllowUsers, locked, expired",
    "sshd's log",
];

/// Checks that SSH authentication fails without an answer of the server to a key, and that the message has these words.
fn is_not_let_in(caller: &Person<'_>, more: &[&str], words: &[impl AsRef<str>]) -> String {
    let said = fails(caller, &[more, &["box"]].concat(), "ssh-login-refused", &NOT_LET_IN);
    has(&said, words);
    assert!(!said.contains(SERVER_SAID_NO[0]), "the server refused no key: {said}");
    let first = said.lines().next().unwrap();
    assert!(!first.contains("chmod") && !first.contains("ssh-add"), "a hint is in the first line: {said}");
    said
}

/// Checks that the server does not let the caller in, and that the message gives this reason.
fn is_refused(caller: &Person<'_>, words: &[impl AsRef<str>]) {
    let said = fails(caller, &["box"], "ssh-login-refused", &NOT_LET_IN);
    has(&said, words);
    has(&said, &SERVER_SAID_NO);
}

/// A command alone on its line, as it can be pasted.
fn pastes(said: &str, command: &str) {
    assert!(said.lines().any(|line| line.trim() == command), "`{command}` is not alone on a line:\n{said}");
}

fn a_wrong_key(rig: &Rig) {
    let (caller, server) = to(rig, &[]);
    caller.key("wrong", &["ed25519"]);
    std::fs::remove_file(caller.path("id")).unwrap();
    knows(&caller, &server, "  IdentityFile DIR/wrong\n");
    let tried = format!("failed: tried the key {}", caller.path("wrong").display());
    let endpoint = format!("{}@{}:", caller.account().name, server.host);
    is_refused(&caller, &[&endpoint, &tried, "the server accepts publickey"]);
}

fn no_key_at_all(rig: &Rig) {
    let (caller, _) = to(rig, &[]);
    std::fs::remove_file(caller.path("id")).unwrap();
    let words = [
        "there was nothing to try: no agent has a key, and no IdentityFile exists",
        "the server accepts publickey",
        "hint: name a key with -i, or start an agent that has one",
    ];
    is_not_let_in(&caller, &[], &words);
}

fn a_key_that_is_not_used(rig: &Rig) {
    let (caller, _) = to(rig, &[]);
    let id = caller.path("id");
    std::fs::set_permissions(&id, Permissions::from_mode(0o644)).unwrap();
    let id_text = id.display().to_string();
    let said = is_not_let_in(&caller, &[], &[&*id_text, "mode 0644", "hint: make the key private:"]);
    pastes(&said, &format!("chmod 600 {id_text}"));
    std::fs::remove_file(&id).unwrap();
    rig.let_in(caller.account(), &caller.encrypted_key("id", &["ed25519", "-a1"], &rig.secret()));
    let nobody = "(encrypted, and nobody was there to ask)";
    let said = is_not_let_in(&caller, &[], &[&*id_text, nobody, "hint: run this in a terminal"]);
    pastes(&said, &format!("ssh-add {id_text}"));
    let batch = "(encrypted, and nobody is asked in BatchMode)";
    let said = is_not_let_in(&caller, &["-oBatchMode=yes"], &[&*id_text, batch]);
    pastes(&said, &format!("ssh-add {id_text}"));
    for bytes in [b"no key\n".as_slice(), b"\xff\xfe", b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"] {
        caller.write("id", bytes);
        is_not_let_in(&caller, &[], &[&id_text]);
    }
    caller.write("id", rig.container().client_key().private.expose());
    std::fs::set_permissions(&id, Permissions::from_mode(0o400)).unwrap();
    caller.ends(&deploy(&["box"]), 0);
}

fn an_agent_that_does_not_do(rig: &Rig) {
    let (caller, server) = to(rig, &[]);
    std::fs::remove_file(caller.path("id")).unwrap();
    drop(UnixListener::bind(caller.path("dead")).unwrap());
    knows(&caller, &server, "  IdentityAgent DIR/dead\n");
    let dead = format!("the agent at {} (it does not answer: ", caller.path("dead").display());
    is_not_let_in(
        &caller,
        &[],
        &[&*dead, "refused", "hint: start the agent again, or name a key file with -i"],
    );
    let _silent = UnixListener::bind(caller.path("silent")).unwrap();
    knows(&caller, &server, "  IdentityAgent DIR/silent\n");
    let words = [&server.host, "the agent's answer timed out after ", "IdentityAgent=none"];
    let began = Instant::now();
    fails(&caller, &["--timeout", "3", "box"], "ssh-timed-out", &words);
    assert!(began.elapsed() < Duration::from_secs(20), "two calls took {:?}", began.elapsed());
    // If the agent is dead, key files are still tried.
    caller.write("id", rig.container().client_key().private.expose());
    knows(&caller, &server, "  IdentityAgent DIR/dead\n");
    caller.ends(&deploy(&["box"]), 0);
}

fn an_account_that_may_not_log_in(rig: &Rig) {
    for (options, script) in [
        ([].as_slice(), "usermod -L"),
        (&["UsePAM=yes"], "chage -E 1"),
        (&["AllowUsers=nobody"], ": any account"),
    ] {
        let (caller, _) = to(rig, options);
        // A locked password is still a password.
        rig.password(caller.account());
        rig.root(&format!("{script} {}", caller.account().name));
        is_refused(&caller, &["tried the key ", "`ssh` may show"]);
    }
    let (caller, server) = to(rig, &[]);
    let nobody = format!("nobodyatall@{}:{}", server.host, server.port);
    let said = fails(&caller, &["-l", "nobodyatall", "box"], "ssh-login-refused", &NOT_LET_IN);
    has(&said, &[&*nobody, "tried the key "]);
    has(&said, &SERVER_SAID_NO);
}
