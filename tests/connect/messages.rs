//! What a user sees who is not let into the account: the program's exit status, its error code, the host, the state on the
//! host, the next step.

use std::io::Write;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use tests::home::has;
use tests::person::Person;
use tests::started;

use crate::Case;
use crate::authentication_messages::NOT_LET_IN;
use crate::server::Server;
use crate::support::{Connects, Rig, deploy, knows};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        what_is_no_host,
        a_configuration_that_cannot_be_used,
        what_cannot_be_used_without_openssh,
        a_name_that_has_no_address,
        a_port_that_refuses,
        something_else_than_an_sshd,
        a_host_that_says_nothing,
        a_server_that_wants_what_is_not_done_here,
        a_server_that_runs_no_command,
        a_full_server,
        a_host_in_between_that_does_not_lead_on,
        a_proxy_command_that_cannot_be_started,
        a_proxy_command_that_fails,
        warnings_come_first_and_stand_in_the_object,
    ]
}

/// Checks that a deploy to a host fails with this code and these words, and that nothing reached the host.
pub(crate) fn fails(
    caller: &Person<'_>,
    arguments: &[&str],
    code: &str,
    words: &[impl AsRef<str>],
) -> String {
    let said = caller.fails(&deploy(arguments), code, words);
    assert!(!caller.has_it());
    said
}

/// A configuration whose `box` is a port on this machine.
fn at_port(caller: &Person<'_>, port: u16, settings: &str) {
    caller.configure(&format!("Host box\n  HostName 127.0.0.1\n  Port {port}\n  User me\n{settings}"));
}

/// A caller who knows `box`, a server with these options.
pub(crate) fn to<'r>(rig: &'r Rig, options: &[&str]) -> (Person<'r>, Server) {
    let (caller, server) = (rig.caller(), rig.server(options));
    knows(&caller, &server, "");
    (caller, server)
}

fn what_is_no_host(rig: &Rig) {
    let caller = rig.caller();
    for (name, why) in [
        ("", "the host name is missing"),
        ("me@", "the host name is missing"),
        ("@box", "the user name is missing"),
        ("box:0", "the port must be a number from 1 to 65535"),
        ("two words", "a host name cannot contain a space"),
        ("box/path", "a host name cannot contain `/`"),
        ("me@-box", "a host name cannot begin with `-`"),
        ("[::1", "the closing bracket is missing"),
        ("[::1]22", "only :PORT may follow the closing bracket"),
    ] {
        let (stdout, stderr) = caller.ends(&deploy(&[name]), 2);
        assert_eq!(stdout, "");
        has(&stderr, &[&format!("`{name}` is not a valid host: {why}"), "USER@HOST:PORT"]);
    }
}

fn a_configuration_that_cannot_be_used(rig: &Rig) {
    let caller = rig.caller();
    let refused = |text: &str, words: &[&str]| {
        caller.configure(text);
        let said = fails(&caller, &["box"], "ssh-config", words);
        let next = "hint: correct it, in the SSH configuration or on the command line";
        has(&said, &["the SSH configuration of box cannot be used: ", next]);
        assert!(!said.contains("nothing was"), "the message describes a host that was not reached: {said}");
    };
    refused("NoSuchOption yes\n", &["ssh says: ", "config", "line 1", "nosuchoption"]);
    refused("Host box\n  IdentityFile ~/%Z\n", &["the token %Z in `~/%Z` is not known here"]);
    caller.configure("");
    let words = [
        "the SSH configuration of box cannot be used: its ProxyJump leads through more than 8 hosts",
        "check whether the jump hosts lead in a circle",
    ];
    fails(&caller, &["-J", "a,b,c,d,e,f,g,h,i", "box"], "ssh-config", &words);
}

fn what_cannot_be_used_without_openssh(rig: &Rig) {
    let caller = rig.caller();
    let without = |option: &str, host: &str| {
        let mut command = caller.command_without_configuration(&deploy(&[option, host]));
        command.env("PATH", caller.folder()).env_remove("USER").env_remove("LOGNAME");
        caller.said(started::output(&mut command))
    };
    let correct = "hint: correct it, in the SSH configuration or on the command line";
    for (host, option, words, next) in [
        (
            "box",
            "-oHostName=box",
            "there is no user name: neither the host nor the variable USER has one",
            "hint: name the account: USER@HOST, or -l USER",
        ),
        ("me@box", "-oPort=many", "Port must be a number from 1 to 65535", correct),
        ("me@box", "-oConnectTimeout=soon", "ConnectTimeout must be a number of seconds: soon", correct),
        (
            "me@box",
            "-oUserKnownHostsFile=${NO_SUCH}/x",
            "the variable NO_SUCH in `${NO_SUCH}/x` is not set",
            correct,
        ),
    ] {
        let (status, stdout, stderr) = without(option, host);
        assert_eq!(status, 1, "{stdout}{stderr}");
        let first = format!("FAILED    {host}  the SSH configuration of {host} cannot be used: {words}");
        has(&stdout, &[&first, next]);
        assert!(
            !stdout.contains("nothing was"),
            "the message describes a host that was not reached: {stdout}"
        );
    }
    let (status, stdout, stderr) = without("-oNothing", "me@box");
    assert_eq!((status, &*stdout), (2, ""), "{stderr}");
    has(&stderr, &["-o Nothing: an option has the form NAME=VALUE", "man ssh_config"]);
}

fn a_name_that_has_no_address(rig: &Rig) {
    let caller = rig.caller();
    let name = "me@nowhere.invalid";
    fails(
        &caller,
        &[name],
        "ssh-no-such-host",
        &["could not find the address of nowhere.invalid: ", "check the spelling of the host"],
    );
    at_port(&caller, 22, "  AddressFamily inet6\n");
    let words = ["no IPv6 address, and AddressFamily allows no other", "-o AddressFamily=any"];
    let said = fails(&caller, &["box"], "ssh-no-such-host", &words);
    assert!(!said.contains("spelling"), "{said}");
}

fn a_port_that_refuses(rig: &Rig) {
    let caller = rig.caller();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    at_port(&caller, port, "");
    let refused = format!("could not connect to me@127.0.0.1:{port}: connection refused");
    let said = fails(&caller, &["box"], "ssh-unreachable", &[&refused, "check that sshd is running"]);
    assert!(!said.contains("nothing was"), "the message describes a host that was not reached: {said}");
    for (address, why) in [("192.0.2.7", "cannot assign"), ("::1", "the host has an IPv4 address")] {
        at_port(&caller, port, &format!("  BindAddress {address}\n"));
        let first = format!("could not connect to me@127.0.0.1:{port} from the BindAddress {address}: {why}");
        let said = fails(&caller, &["box"], "ssh-unreachable", &[&first, "correct BindAddress"]);
        assert!(!said.contains("sshd is running"), "the server has nothing to do with it: {said}");
    }
}

/// A listener that sends this to every client.
fn listener(says: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.write_all(says);
        }
    });
    port
}

fn something_else_than_an_sshd(rig: &Rig) {
    let caller = rig.caller();
    at_port(&caller, listener(b"HTTP/1.0 400 Bad Request\r\n\r\n"), "");
    let words = [
        "the SSH handshake with me@127.0.0.1:",
        "failed: the server closed the connection without an SSH greeting; it said `HTTP/1.0 400 Bad Request`",
        "nothing was sent",
        "check that this is the port of an SSH server",
    ];
    fails(&caller, &["box"], "ssh-handshake", &words);
    at_port(&caller, listener(b"SSH-2.0-nonsense\r\nmore nonsense\r\n"), "");
    fails(&caller, &["box"], "ssh-no-common-algorithm", &["me@127.0.0.1:", "nothing was sent"]);
    // It waits for us to go on.
    at_port(&caller, listener(b"SSH-1.5-Cisco-1.25\r\n"), "");
    fails(&caller, &["box"], "ssh-handshake", &["the server has only version 1 of the SSH protocol"]);
    // A greeting that never ends.
    let endless = TcpListener::bind("127.0.0.1:0").unwrap();
    at_port(&caller, endless.local_addr().unwrap().port(), "");
    std::thread::spawn(move || {
        for mut stream in endless.incoming().flatten() {
            while stream.write_all(b"220 wait for it\r\n").is_ok() {}
        }
    });
    let began = Instant::now();
    fails(&caller, &["--timeout", "1", "box"], "ssh-timed-out", &["the SSH handshake timed out"]);
    assert!(began.elapsed() < Duration::from_secs(10), "two calls took {:?}", began.elapsed());
}

fn a_host_that_says_nothing(rig: &Rig) {
    let caller = rig.caller();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    at_port(&caller, port, "  ConnectTimeout 1\n");
    let endpoint = format!("(me@127.0.0.1:{port})");
    let words = [
        "the SSH handshake timed out after 1 s",
        &endpoint,
        "nothing was sent",
        "check that the host is up",
        "try again",
    ];
    fails(&caller, &["box"], "ssh-timed-out", &words);
    // Also if the host's own time limit has passed, the message has round figures.
    at_port(&caller, port, "");
    let said =
        fails(&caller, &["--timeout", "2", "box"], "ssh-timed-out", &["the SSH handshake timed out after "]);
    let waited = said.split("timed out after ").nth(1).unwrap().split(' ').next().unwrap();
    assert!(waited.len() <= 3, "a person reads `{waited}` seconds");
}

fn a_server_that_wants_what_is_not_done_here(rig: &Rig) {
    let (caller, _) = to(rig, &["GSSAPIAuthentication=yes", "PubkeyAuthentication=no"]);
    let words =
        ["the server accepts gssapi", "hint: this program does not support gssapi", "a key or a password"];
    let said = fails(&caller, &["box"], "ssh-login-refused", &NOT_LET_IN);
    has(&said, &words);
}

fn a_server_that_runs_no_command(rig: &Rig) {
    let (caller, server) = to(rig, &["MaxSessions=0"]);
    let words = [&server.host, " did not start a command: ", "nothing was sent", "MaxSessions"];
    fails(&caller, &["box"], "ssh-no-command", &words);
    // A rollback that never started cannot have restored anything.
    let (stdout, _) = caller.ends(&["rollback", "box"], 1);
    has(&stdout, &[" did not start a command: ", "nothing was sent"]);
}

fn a_full_server(rig: &Rig) {
    let (caller, server) = to(rig, &["MaxStartups=1", "LoginGraceTime=30"]);
    let _first = server.takes_a_place();
    let words = [
        &*server.host,
        "the server closed the connection; it said `Exceeded MaxStartups` (",
        " tries in ",
        "nothing was sent",
        "try again once fewer logins are in progress",
    ];
    let began = Instant::now();
    fails(&caller, &["--timeout", "3", "box"], "ssh-handshake", &words);
    assert!(began.elapsed() < Duration::from_secs(20), "two calls took {:?}", began.elapsed());
    // It goes on as soon as there is a place.
    let call = caller.command(&deploy(&["box"]));
    let goes = std::thread::spawn(|| {
        let mut call = call;
        started::output(&mut call)
    });
    std::thread::sleep(Duration::from_secs(1));
    drop(_first);
    let (status, stdout, stderr) = caller.said(goes.join().unwrap());
    assert_eq!(status, 0, "{stdout}{stderr}");
}

fn a_host_in_between_that_does_not_lead_on(rig: &Rig) {
    // One server that forbids it, and one that allows it, but to a port on which nothing listens.
    for options in [["DisableForwarding=yes"].as_slice(), &[]] {
        let (caller, near) = to(rig, options);
        let endpoint = format!("{}@{}:{}", caller.account().name, near.host, near.port);
        let on = format!("{endpoint} did not forward the connection to me@127.0.0.1:9: ");
        let words = [&*on, "nothing was sent", "AllowTcpForwarding", "me@127.0.0.1:9 is up"];
        fails(&caller, &["-J", "box", "me@127.0.0.1:9"], "ssh-no-way-on", &words);
    }
}

fn a_proxy_command_that_cannot_be_started(rig: &Rig) {
    let caller = rig.caller();
    caller.configure("Host box\n  User me\n  ProxyCommand relay %h\n");
    let mut command = caller.command(&deploy(&["box"]));
    let output = started::output(command.env("PATH", caller.ssh_alone()));
    let (status, stdout, stderr) = caller.said(output);
    assert_eq!(status, 1, "{stdout}{stderr}");
    has(
        &stdout,
        &["the ProxyCommand for me@box:22 cannot be started: ", "hint: check that `sh`, which runs it"],
    );
    assert!(!stdout.contains("nothing was"), "the message describes a host that was not reached: {stdout}");
}

fn a_proxy_command_that_fails(rig: &Rig) {
    let caller = rig.caller();
    caller.configure("Host box\n  User me\n  ProxyCommand sh -c 'echo relay: the gate is shut >&2; echo bye >&2; exit 3'\n");
    let words = [
        "the SSH handshake with me@box:22 failed: the ProxyCommand said: relay: the gate is shut; bye",
        "nothing was sent",
        "check the ProxyCommand of this host",
    ];
    let said = fails(&caller, &["box"], "ssh-handshake", &words);
    assert!(!said.contains("the port of an SSH server"), "{said}");
    caller.configure("Host box\n  User me\n  ProxyCommand true\n");
    let words = ["failed: the ProxyCommand closed the connection", "check the ProxyCommand of this host"];
    fails(&caller, &["box"], "ssh-handshake", &words);
}

fn warnings_come_first_and_stand_in_the_object(rig: &Rig) {
    let (caller, server) = to(rig, &[]);
    caller.know("");
    knows(&caller, &server, "  PKCS11Provider /x\n");
    let call = ["-oStrictHostKeyChecking=no", "-i", "/nowhere/key", "box"];
    let all = [
        "the SSH configuration sets pkcs11provider, which is not supported here",
        "StrictHostKeyChecking is off: a new host key is accepted and written down, but a changed one is still refused",
        "-i /nowhere/key: there is no such key, and no public half of it",
    ];
    let (_, stderr) = caller.ends(&deploy(&call), 0);
    for warning in all {
        has(&stderr, &[format!("box: warning: {warning}")]);
    }
    let told = caller.json(&deploy(&call), 0)["warnings"].take();
    let told = told.as_array().unwrap();
    assert_eq!(told.len(), all.len(), "{told:?}");
    for warning in all {
        assert!(told.iter().any(|told| told.as_str().unwrap().starts_with(warning)), "{warning}: {told:?}");
    }
    let (_, _, stderr) = caller.says(&[&["doctor"], call.as_slice()].concat());
    has(&stderr, &[format!("box: warning: {}", all[0])]);
}
