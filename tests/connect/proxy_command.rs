//! `ProxyCommand`: a program makes the connection.

use std::path::Path;
use std::time::{Duration, Instant};

use tests::running::within;

use crate::Case;
use crate::answers::Answers;
use crate::support::{Connects, Rig, says};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_command_is_the_connection_and_ends_with_it,
        a_command_that_is_not_there,
        a_command_that_hangs_ends_at_the_deadline,
        the_host_key_is_checked_through_a_command_too,
    ]
}

/// The process whose number is in a file.
fn runs(pid: &str) -> bool {
    let state = std::fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat"));
    state.is_ok_and(|state| !state.contains(") Z "))
}

fn a_command_is_the_connection_and_ends_with_it(rig: &Rig) {
    let (home, account) = (rig.home(), rig.account().make());
    let (near, far) = (rig.server(&[]), rig.server(&[]));
    home.configure(&format!(
        "Host near\n{}Host far\n  HostName 127.0.0.1\n  Port {}\n  User {}\n  \
         ProxyCommand sh -c 'echo $$ >DIR/pid; exec ssh -F DIR/config -W %h:%p near'\n",
        near.settings(&account),
        far.port,
        account.name
    ));
    home.know(&[near.lines(), far.lines_as(&format!("[127.0.0.1]:{}", far.port))].concat());
    let session = home.connect("far", &Answers::default()).unwrap();
    assert_eq!(says(&session, "id -un"), account.name);
    let pid = home.read("pid");
    assert!(runs(&pid));
    drop(session);
    assert!(within(Duration::from_secs(5), || !runs(&pid)), "the command is still there");
}

fn a_command_that_is_not_there(rig: &Rig) {
    let home = rig.home();
    home.configure("Host box\n  User me\n  ProxyCommand /nowhere/relay %h\n");
    rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-handshake",
        &["me@box:22", "the ProxyCommand said: ", "/nowhere/relay"],
    );
}

fn a_command_that_hangs_ends_at_the_deadline(rig: &Rig) {
    let home = rig.home();
    home.configure(
        "Host box\n  User me\n  ConnectTimeout 1\n  \
         ProxyCommand sh -c 'echo $$ >DIR/pid; echo dialling >&2; sleep 600; :'\n",
    );
    let began = Instant::now();
    rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-timed-out",
        &["me@box:22", "the SSH handshake", "after 1 s"],
    );
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    let pid = home.read("pid");
    assert!(within(Duration::from_secs(5), || !runs(&pid)), "the command is still there");
}

fn the_host_key_is_checked_through_a_command_too(rig: &Rig) {
    let (home, account, other) = (rig.home(), rig.account().make(), rig.server(&[]));
    let near = rig.server(&[]);
    home.configure(&format!(
        "Host near\n{}Host far\n  HostName 127.0.0.1\n  Port {}\n  User {}\n  \
         ProxyCommand ssh -F DIR/config -W %h:%p near\n",
        near.settings(&account),
        near.port,
        account.name
    ));
    home.know(&[near.lines(), other.lines_as(&format!("[127.0.0.1]:{}", near.port))].concat());
    rig.problem(
        home.connect("far", &Answers::trusting()),
        "ssh-host-key-changed",
        &["127.0.0.1", "known_hosts:2"],
    );
}
