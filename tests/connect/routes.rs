//! The connection itself: addresses, deadlines, and hosts that do not exist.

use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use codex_remote_auth::ssh::{Deadline, SshOptions, resolve};
use tests::home::Home;

use crate::Case;
use crate::answers::Answers;
use crate::support::{Connects, Rig, says};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        connect_timeout_is_kept_once,
        a_host_that_takes_nobody_in_any_more,
        a_bind_address_is_used,
        an_address_of_ipv6_is_reached_and_known_under_its_own_form,
    ]
}

fn connect_timeout_is_kept_once(rig: &Rig) {
    let home = rig.home();
    // It accepts the connection, and never sends anything.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    times_out_once(rig, &home, port, "the SSH handshake");
}

/// Checks that `ConnectTimeout 2` ends the attempt to reach this port, during this phase.
fn times_out_once(rig: &Rig, home: &Home<'_>, port: u16, doing: &str) {
    home.configure(&format!(
        "Host box\n  HostName 127.0.0.1\n  Port {port}\n  User me\n  ConnectTimeout 2\n"
    ));
    let began = Instant::now();
    rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-timed-out",
        &[&format!("me@127.0.0.1:{port}"), doing, "after 2 s"],
    );
    assert!(began.elapsed() < Duration::from_millis(3_900), "{:?}", began.elapsed());
}

fn a_host_that_takes_nobody_in_any_more(rig: &Rig) {
    let home = rig.home();
    let full = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = full.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        waiting.push(stream);
        assert!(waiting.len() < 10_000, "the queue has no end");
    }
    let port = address.port();
    times_out_once(rig, &home, port, "connecting");
}

fn a_bind_address_is_used(rig: &Rig) {
    let (home, server, account) = (rig.home(), rig.server(&[]), rig.account().make());
    home.know(&server.lines());
    home.configure(&format!("Host box\n{}", server.settings(&account)));
    let session = home.connect("box", &Answers::default()).unwrap();
    let ours = says(&session, "echo ${SSH_CONNECTION%% *}");
    home.configure(&format!(
        "Host box\n{}  BindAddress {ours}\n  AddressFamily inet\n",
        server.settings(&account)
    ));
    home.connect("box", &Answers::default()).unwrap();
}

/// The container's sshd listens only on IPv4, so a relay on this machine has the address.
fn an_address_of_ipv6_is_reached_and_known_under_its_own_form(rig: &Rig) {
    let (home, server, account) = (rig.home(), rig.server(&[]), rig.account().make());
    let listener = match TcpListener::bind("[::1]:0") {
        Ok(listener) => listener,
        Err(error) => {
            println!("NOT TESTED: this machine has no IPv6 ({error})");
            return;
        }
    };
    let port = listener.local_addr().unwrap().port();
    let there = (server.host.clone(), server.port);
    std::thread::spawn(move || {
        let (near, _) = listener.accept().unwrap();
        let far = TcpStream::connect(there).unwrap();
        let (mut near_in, mut far_out) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut near_in, &mut far_out));
        let (mut far, mut near) = (far, near);
        let _ = std::io::copy(&mut far, &mut near);
    });
    home.know(&server.lines_as(&format!("[::1]:{port}")));
    let to = resolve(
        &format!("ssh://{}@[::1]:{port}", account.name),
        &SshOptions { config: Some(home.path("config")), ..SshOptions::default() },
    );
    let session = codex_remote_auth::ssh::connect(
        &to.unwrap(),
        &Answers::default(),
        Deadline::after(crate::support::LONG),
    )
    .unwrap();
    assert_eq!(says(&session, "id -un"), account.name);
    assert_eq!(session.endpoint().to_string(), format!("{}@[::1]:{port}", account.name));
}
