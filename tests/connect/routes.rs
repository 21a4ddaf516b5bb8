//! The connection itself: addresses, deadlines, and what is not there.

use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use codex_remote_auth::ssh::{SshOptions, resolve};

use crate::Case;
use crate::answers::Answers;
use crate::home::Home;
use crate::rig::{Rig, says};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        connect_timeout_is_kept_once,
        a_host_that_takes_nobody_in_any_more,
        the_whole_time_is_kept_where_no_timeout_is_set,
        a_family_that_the_name_has_not,
        a_bind_address_is_used,
        a_bind_address_that_is_not_ours_is_named,
        nothing_listens_there,
        a_name_without_an_address,
        an_address_of_ipv6_is_reached_and_known_under_its_own_form,
        something_else_than_an_sshd_answers,
    ]
}

fn connect_timeout_is_kept_once(rig: &Rig) {
    let home = rig.home();
    // It takes the connection, and says nothing for ever.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    times_out_in_a_second(rig, &home, port, "the SSH handshake");
}

/// Holds that `ConnectTimeout 1` ends the way to this port, in the midst of this.
fn times_out_in_a_second(rig: &Rig, home: &Home<'_>, port: u16, doing: &str) {
    home.configure(&format!(
        "Host box\n  HostName 127.0.0.1\n  Port {port}\n  User me\n  ConnectTimeout 1\n"
    ));
    let began = Instant::now();
    rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-timed-out",
        &[&format!("me@127.0.0.1:{port}"), doing, "after 1 s"],
    );
    assert!(began.elapsed() < Duration::from_millis(1_900), "{:?}", began.elapsed());
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
    times_out_in_a_second(rig, &home, port, "connecting");
}

fn the_whole_time_is_kept_where_no_timeout_is_set(rig: &Rig) {
    let home = rig.home();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    home.configure(&format!("Host box\n  HostName 127.0.0.1\n  Port {port}\n  User me\n"));
    rig.problem(
        home.connect_within("box", &Answers::default(), Duration::from_secs(2)),
        "ssh-timed-out",
        &["me@127.0.0.1", "after 2 s"],
    );
}

fn a_family_that_the_name_has_not(rig: &Rig) {
    let home = rig.home();
    home.configure("Host box\n  HostName 127.0.0.1\n  User me\n  AddressFamily inet6\n");
    rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-no-such-host",
        &["me@127.0.0.1:22", "no IPv6 address", "AddressFamily"],
    );
}

fn a_bind_address_is_used(rig: &Rig) {
    let (home, server, account) = (rig.home(), rig.server(&[]), rig.account());
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

fn a_bind_address_that_is_not_ours_is_named(rig: &Rig) {
    let home = rig.home();
    for address in ["192.0.2.7", "::1"] {
        home.configure(&format!(
            "Host box\n  HostName 127.0.0.1\n  Port 9\n  User me\n  BindAddress {address}\n"
        ));
        rig.problem(
            home.connect("box", &Answers::default()),
            "ssh-unreachable",
            &["me@127.0.0.1:9", &format!("BindAddress {address}")],
        );
    }
}

fn nothing_listens_there(rig: &Rig) {
    let home = rig.home();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    home.configure(&format!("Host box\n  HostName 127.0.0.1\n  Port {port}\n  User me\n"));
    rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-unreachable",
        &[&format!("me@127.0.0.1:{port}"), "refused", "the port is right"],
    );
}

fn a_name_without_an_address(rig: &Rig) {
    let home = rig.home();
    home.configure("Host box\n  HostName nowhere.invalid\n  User me\n");
    rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-no-such-host",
        &["me@nowhere.invalid:22", "check its spelling"],
    );
}

/// The container's sshd listens on IPv4 alone, so a relay on this machine has the address.
fn an_address_of_ipv6_is_reached_and_known_under_its_own_form(rig: &Rig) {
    let (home, server, account) = (rig.home(), rig.server(&[]), rig.account());
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
    let session =
        codex_remote_auth::ssh::connect(&to.unwrap(), &Answers::default(), crate::rig::LONG).unwrap();
    assert_eq!(says(&session, "id -un"), account.name);
    assert_eq!(session.endpoint().to_string(), format!("{}@[::1]:{port}", account.name));
}

fn something_else_than_an_sshd_answers(rig: &Rig) {
    use std::io::Write;

    let home = rig.home();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.write_all(b"HTTP/1.0 400 Bad Request\r\n\r\n");
    });
    home.configure(&format!("Host box\n  HostName 127.0.0.1\n  Port {port}\n  User me\n"));
    rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-handshake",
        &[&format!("me@127.0.0.1:{port}"), "nothing was sent"],
    );
}
