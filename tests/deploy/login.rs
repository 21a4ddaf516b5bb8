//! Ways in which no login comes about: each has its own error, in time.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use codex_remote_auth::ssh::{Deadline, Endpoint, HostKeys, Login, Session, SshProblem};
use harness::target::KeyPair;
use tests::proxy::{Proxy, Towards};

use crate::Case;
use crate::rig::{DELAY, LOGIN, Remote, Rig, at_most};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        another_key_is_refused,
        what_is_no_key_is_refused,
        an_account_that_does_not_exist_is_refused,
        a_closed_port_is_unreachable,
        a_name_without_an_address_is_said,
        a_listener_that_never_speaks_is_a_timeout,
        a_listener_that_speaks_another_protocol_is_a_failed_handshake,
        a_listener_that_hangs_up_is_a_failed_handshake,
        a_listener_that_talks_without_end_is_a_timeout,
        a_connection_that_ends_during_the_login_is_not_taken_for_a_refusal,
        a_login_over_a_slow_line_takes_seven_round_trips,
    ]
}

fn open(
    user: &str,
    at: (&str, u16),
    key: &KeyPair,
    host_key: &str,
    within: Duration,
) -> Result<Session, SshProblem> {
    let (host, port) = at;
    let known = HostKeys::from_text(&format!("[{host}]:{port} {host_key}"));
    let login = Login::PrivateKey(key.private.clone());
    Session::open(&Endpoint::new(user, host, port), &known, &login, Deadline::after(within))
}

fn fails(rig: &Rig, result: Result<Session, SshProblem>, code: &str) -> SshProblem {
    let problem = result.unwrap_err();
    rig.shows_nothing(&problem);
    assert_eq!(problem.code(), code, "{problem}");
    problem
}

fn another_key_is_refused(rig: &Rig) {
    let remote = rig.account().make();
    let (container, key) = (rig.container(), KeyPair::generate().unwrap());
    let result = open(&remote.account.name, container.address(), &key, container.host_key_line(), LOGIN);
    let problem = fails(rig, result, "ssh-login-refused");
    let body: String = String::from_utf8(key.private.expose().to_vec()).unwrap();
    let line = body.lines().nth(2).unwrap();
    assert!(!format!("{problem:?}").contains(line), "the key is shown");
}

fn what_is_no_key_is_refused(rig: &Rig) {
    let remote = rig.account().make();
    let container = rig.container();
    // In two parts, so that nobody who searches for keys finds one here.
    let broken = ["-----BEGIN OPENSSH", "PRIVATE KEY-----\nAAAA\n"].join(" ");
    for text in [&b""[..], b"not a key", b"\xff\xfe", broken.as_bytes()] {
        let key = KeyPair { private: codex_remote_auth::auth_json::Secret::new(text), public: String::new() };
        let result = open(&remote.account.name, container.address(), &key, container.host_key_line(), LOGIN);
        fails(rig, result, "ssh-login-refused");
    }
}

fn an_account_that_does_not_exist_is_refused(rig: &Rig) {
    let container = rig.container();
    let result =
        open("nobody-here", container.address(), container.client_key(), container.host_key_line(), LOGIN);
    let problem = fails(rig, result, "ssh-login-refused");
    assert!(problem.to_string().contains("nobody-here@"), "{problem}");
}

/// Tries to log in at a place of this machine.
fn at_port(rig: &Rig, port: u16, within: Duration) -> (Result<Session, SshProblem>, Duration) {
    let key = rig.container().client_key();
    let began = Instant::now();
    let result = open("somebody", ("127.0.0.1", port), key, rig.container().host_key_line(), within);
    (result, began.elapsed())
}

fn a_closed_port_is_unreachable(rig: &Rig) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let problem = fails(rig, at_port(rig, port, LOGIN).0, "ssh-unreachable");
    assert!(problem.to_string().contains(&format!("127.0.0.1:{port}")), "{problem}");
}

fn a_name_without_an_address_is_said(rig: &Rig) {
    let at = ("no-such-host.invalid", 22);
    let problem =
        fails(rig, open("somebody", at, rig.container().client_key(), "", LOGIN), "ssh-no-such-host");
    assert!(problem.to_string().contains("no-such-host.invalid"), "{problem}");
}

/// Listens, and does this with the first connection.
fn listener(talk: impl FnOnce(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || talk(listener.accept().unwrap().0));
    port
}

/// Reads until the other side has gone.
fn hold(mut stream: TcpStream) {
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

const SHORT: Duration = Duration::from_millis(500);

fn in_time(took: Duration) {
    assert!(took < SHORT + Duration::from_secs(3), "{took:?}");
}

fn a_listener_that_never_speaks_is_a_timeout(rig: &Rig) {
    let (result, took) = at_port(rig, listener(hold), SHORT);
    fails(rig, result, "ssh-timed-out");
    in_time(took);
}

fn a_listener_that_speaks_another_protocol_is_a_failed_handshake(rig: &Rig) {
    for (text, code) in [
        ("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "ssh-handshake"),
        ("SSH-2.0-nonsense\r\nmore nonsense\r\n", "ssh-no-common-algorithm"),
    ] {
        let port = listener(move |mut stream| {
            stream.write_all(text.as_bytes()).unwrap();
            let _ = stream.read(&mut [0; 64]);
        });
        let (result, took) = at_port(rig, port, LOGIN);
        fails(rig, result, code);
        in_time(took);
    }
}

fn a_listener_that_hangs_up_is_a_failed_handshake(rig: &Rig) {
    let (result, took) = at_port(rig, listener(drop), LOGIN);
    fails(rig, result, "ssh-handshake");
    in_time(took);
}

fn a_listener_that_talks_without_end_is_a_timeout(rig: &Rig) {
    let port = listener(|mut stream| while stream.write_all(b"220 wait for it\r\n").is_ok() {});
    let (result, took) = at_port(rig, port, SHORT);
    fails(rig, result, "ssh-timed-out");
    in_time(took);
}

fn a_connection_that_ends_during_the_login_is_not_taken_for_a_refusal(rig: &Rig) {
    let remote = rig.account().make();
    let whole = Proxy::to(rig.container().address());
    drop(through(&remote, &whole).unwrap());
    let total = whole.bytes(Towards::Client);
    let mut codes = std::collections::BTreeSet::new();
    for part in 0..16 {
        let proxy = Proxy::to(rig.container().address());
        proxy.cut_after(Towards::Client, total * part / 16);
        let problem = through(&remote, &proxy).unwrap_err();
        rig.shows_nothing(&problem);
        codes.insert(problem.code());
    }
    assert_eq!(
        codes.into_iter().collect::<Vec<_>>(),
        ["ssh-handshake", "ssh-lost", "ssh-no-common-algorithm"]
    );
}

fn through(remote: &Remote<'_>, proxy: &Proxy) -> Result<Session, SshProblem> {
    remote.rig.container().session_at(&remote.account, "127.0.0.1", proxy.port(), LOGIN)
}

fn a_login_over_a_slow_line_takes_seven_round_trips(rig: &Rig) {
    let remote = rig.account().make();
    at_most(7.5, || {
        let proxy = Proxy::to(rig.container().address());
        proxy.delay(DELAY);
        let began = Instant::now();
        through(&remote, &proxy).unwrap();
        began.elapsed()
    });
}
