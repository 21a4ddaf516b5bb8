//! What a person reads who does not get as far as the account: the program's exit status, its word for a program, the host, the
//! state on the host, the next step.

use std::fs::Permissions;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use serde_json::Value;
use tests::started;

use crate::Case;
use crate::caller::{Caller, caller, knows};
use crate::rig::Rig;
use crate::server::Server;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        what_is_no_host,
        a_configuration_that_cannot_be_used,
        what_cannot_be_used_without_openssh,
        a_name_that_has_no_address,
        a_port_that_refuses,
        something_else_than_an_sshd,
        a_host_that_says_nothing,
        an_unknown_key,
        a_changed_key,
        a_revoked_key,
        known_hosts_that_cannot_be_used,
        a_wrong_key,
        no_key_at_all,
        a_key_that_is_not_used,
        an_agent_that_does_not_do,
        an_account_that_may_not_log_in,
        a_server_that_wants_what_is_not_done_here,
        a_server_that_runs_no_command,
        a_full_server,
        a_host_in_between_that_does_not_lead_on,
        a_proxy_command_that_cannot_be_started,
        a_proxy_command_that_fails,
        warnings_come_first_and_stand_in_the_object,
    ]
}

fn has(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "`{word}` is missing in:\n{text}");
    }
}

/// Holds that a deploy to a host fails with this code and these words, and that nothing came on the host.
fn fails(caller: &Caller<'_>, arguments: &[&str], code: &str, words: &[&str]) -> String {
    let host = arguments[arguments.len() - 1];
    let (status, stdout, stderr) = caller.says(arguments);
    assert_eq!(status, 1, "{stdout}{stderr}");
    assert!(stdout.starts_with(&format!("FAILED    {host}  ")), "{stdout}");
    has(&stdout, words);
    has(&stdout, &["; the remote auth.json is as it was"]);
    let (status, json, stderr) = caller.says(&[&["--format", "json"], arguments].concat());
    assert_eq!(status, 1, "{json}{stderr}");
    let value: Value = serde_json::from_str(&json).unwrap();
    let told = &value["hosts"][0];
    assert_eq!((&told["host"], &told["result"]), (&host.into(), &"failed".into()), "{told}");
    assert_eq!((&told["error"]["code"], &told["proof"]), (&code.into(), &"not reached".into()), "{told}");
    has(told["error"]["message"].as_str().unwrap(), words);
    assert!(!caller.has_it());
    stdout
}

/// A configuration whose `box` is at a port of this machine.
fn at_port(caller: &Caller<'_>, port: u16, settings: &str) {
    caller.home.configure(&format!("Host box\n  HostName 127.0.0.1\n  Port {port}\n  User me\n{settings}"));
}

/// A caller for whom `box` is a server with these options, and known.
fn to<'r>(rig: &'r Rig, options: &[&str]) -> (Caller<'r>, Server) {
    let (caller, server) = (caller(rig), rig.server(options));
    knows(&caller, &server, "");
    (caller, server)
}

fn what_is_no_host(rig: &Rig) {
    let caller = caller(rig);
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
        let words =
            [&format!("`{name}` is not a valid host: {why}"), "nothing was run or sent", "USER@HOST:PORT"];
        fails(&caller, &[name], "ssh-host-name", &words);
    }
}

fn a_configuration_that_cannot_be_used(rig: &Rig) {
    let caller = caller(rig);
    let refused = |text: &str, words: &[&str]| {
        caller.home.configure(text);
        let said = fails(&caller, &["box"], "ssh-config", words);
        has(&said, &["box: the SSH configuration cannot be used: ", "nothing was connected to"]);
    };
    refused("NoSuchOption yes\n", &["ssh says: ", "config", "line 1", "nosuchoption"]);
    refused("Host box\n  IdentityFile ~/%Z\n", &["the token %Z in `~/%Z` is not known here"]);
    caller.home.configure("");
    let words = ["box: ", "its ProxyJump leads through more than 8 hosts"];
    fails(&caller, &["-J", "a,b,c,d,e,f,g,h,i", "box"], "ssh-config", &words);
}

fn what_cannot_be_used_without_openssh(rig: &Rig) {
    let caller = caller(rig);
    for (host, option, words) in [
        ("box", "-oHostName=box", "no user name: neither the host nor the variable USER gives one"),
        ("me@box", "-oNothing", "-o Nothing: an option has the form NAME=VALUE"),
        ("me@box", "-oPort=many", "Port must be a number from 1 to 65535"),
        ("me@box", "-oConnectTimeout=soon", "ConnectTimeout must be a number of seconds: soon"),
        ("me@box", "-oUserKnownHostsFile=${NO_SUCH}/x", "the variable NO_SUCH in `${NO_SUCH}/x` is not set"),
    ] {
        let mut command = caller.runs_without_configuration(&[option, host]);
        command.env("PATH", caller.home.folder()).env_remove("USER").env_remove("LOGNAME");
        let (status, stdout, stderr) = caller.said(command);
        assert_eq!(status, 1, "{stdout}{stderr}");
        has(&stdout, &[&format!("FAILED    {host}  "), words, "nothing was connected to"]);
    }
}

fn a_name_that_has_no_address(rig: &Rig) {
    let caller = caller(rig);
    let name = "me@nowhere.invalid";
    fails(
        &caller,
        &[name],
        "ssh-no-such-host",
        &["me@nowhere.invalid:22: ", "resolved", "check its spelling"],
    );
    at_port(&caller, 22, "  AddressFamily inet6\n");
    fails(&caller, &["box"], "ssh-no-such-host", &["no IPv6 address, and AddressFamily allows no other"]);
}

fn a_port_that_refuses(rig: &Rig) {
    let caller = caller(rig);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    at_port(&caller, port, "");
    let endpoint = format!("me@127.0.0.1:{port}: could not connect: ");
    fails(&caller, &["box"], "ssh-unreachable", &[&endpoint, "refused", "Check that sshd is running"]);
    at_port(&caller, port, "  BindAddress 192.0.2.7\n");
    fails(&caller, &["box"], "ssh-unreachable", &["BindAddress 192.0.2.7"]);
}

/// A listener that says this to everybody.
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
    let caller = caller(rig);
    at_port(&caller, listener(b"HTTP/1.0 400 Bad Request\r\n\r\n"), "");
    let words = ["me@127.0.0.1:", "handshake failed", "nothing was sent", "the port of an SSH server"];
    fails(&caller, &["box"], "ssh-handshake", &words);
}

fn a_host_that_says_nothing(rig: &Rig) {
    let caller = caller(rig);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    at_port(&caller, port, "  ConnectTimeout 1\n");
    let words =
        ["me@127.0.0.1:", "the SSH handshake timed out after 1 s. Check that the host is up", "try again"];
    fails(&caller, &["box"], "ssh-timed-out", &words);
    // Where the host's own time is what is over, it is in round figures all the same.
    at_port(&caller, port, "");
    let said =
        fails(&caller, &["--timeout", "2", "box"], "ssh-timed-out", &["the SSH handshake timed out after "]);
    let waited = said.split("timed out after ").nth(1).unwrap().split(' ').next().unwrap();
    assert!(waited.len() <= 3, "a person reads `{waited}` seconds");
}

fn an_unknown_key(rig: &Rig) {
    let (caller, server) = to(rig, &[]);
    caller.home.know("");
    let words = [
        &format!("{}@{}:{}: ", caller.account.name, server.host, server.port),
        "is not known (ssh-ed25519 SHA256:",
        "nothing was sent",
        "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
        "StrictHostKeyChecking=accept-new",
    ];
    let said = fails(&caller, &["box"], "ssh-host-key-unknown", &words);
    assert!(!said.contains("certificate authority"), "{said}");
    caller.home.know(&format!("@cert-authority * {}\n", rig.server(&[]).keys[0]));
    fails(&caller, &["box"], "ssh-host-key-unknown", &["A certificate authority is known for it"]);
}

fn a_changed_key(rig: &Rig) {
    let (caller, server) = to(rig, &[]);
    caller.home.know(&rig.server(&[]).lines_as(&server.name()));
    let mend = format!("ssh-keygen -R '{}'", server.name());
    let words = ["NOT the one known", "known_hosts:1", "nothing was sent", "find out which", &mend];
    fails(&caller, &["box"], "ssh-host-key-changed", &words);
}

fn a_revoked_key(rig: &Rig) {
    let (caller, server) = to(rig, &[]);
    caller.home.know(&format!("{}@revoked * {}\n", server.lines(), server.keys[0]));
    let words =
        ["marked as revoked (ssh-ed25519 SHA256:", "known_hosts:2", "nothing was sent", "administrator"];
    fails(&caller, &["box"], "ssh-host-key-revoked", &words);
}

fn known_hosts_that_cannot_be_used(rig: &Rig) {
    let (caller, server) = to(rig, &[]);
    std::fs::create_dir(caller.home.path("folder")).unwrap();
    let next = ["nothing was sent", "UserKnownHostsFile=FILE", &server.host];
    for (file, why) in [
        ("DIR/folder", "/folder: cannot be read"),
        ("/proc/nowhere/known", "/proc/nowhere/known: cannot be written"),
    ] {
        knows(&caller, &server, &format!("  UserKnownHostsFile {file}\n"));
        let said = fails(&caller, &["-oStrictHostKeyChecking=accept-new", "box"], "ssh-known-hosts", &next);
        let (file, why) = why.split_once(": ").unwrap();
        has(&said, &[file, why]);
    }
}

/// What is told whoever is not let in.
const NOT_LET_IN: [&str; 5] = [
    "SSH authentication failed: ",
    "nothing was sent",
    "authorized_keys",
    "AllowUsers, locked, expired",
    "its sshd log does",
];

/// Holds that the server does not let the caller in, for this reason.
fn is_refused(caller: &Caller<'_>, words: &[&str]) {
    let said = fails(caller, &["box"], "ssh-login-refused", &NOT_LET_IN);
    has(&said, words);
}

fn a_wrong_key(rig: &Rig) {
    let (caller, server) = to(rig, &[]);
    caller.home.key("wrong", &["ed25519"]);
    std::fs::remove_file(caller.home.path("id")).unwrap();
    knows(&caller, &server, "  IdentityFile DIR/wrong\n");
    let tried = format!("tried: the key {}", caller.home.path("wrong").display());
    is_refused(
        &caller,
        &[&format!("{}@{}:", caller.account.name, server.host), &tried, "the server takes publickey"],
    );
}

fn no_key_at_all(rig: &Rig) {
    let (caller, _) = to(rig, &[]);
    std::fs::remove_file(caller.home.path("id")).unwrap();
    is_refused(&caller, &["there was nothing to try: no agent has a key, and no IdentityFile is there"]);
}

fn a_key_that_is_not_used(rig: &Rig) {
    let (caller, _) = to(rig, &[]);
    let id = caller.home.path("id");
    std::fs::set_permissions(&id, Permissions::from_mode(0o644)).unwrap();
    is_refused(&caller, &[&id.display().to_string(), "0644", "chmod 600"]);
    std::fs::remove_file(&id).unwrap();
    rig.let_in(&caller.account, &caller.home.encrypted_key("id", &["ed25519", "-a1"], &rig.secret()));
    is_refused(&caller, &[&id.display().to_string(), "encrypted", "ssh-add"]);
    caller.home.write("id", "no key\n");
    is_refused(&caller, &[&id.display().to_string()]);
}

fn an_agent_that_does_not_do(rig: &Rig) {
    let (caller, server) = to(rig, &[]);
    std::fs::remove_file(caller.home.path("id")).unwrap();
    drop(UnixListener::bind(caller.home.path("dead")).unwrap());
    knows(&caller, &server, "  IdentityAgent DIR/dead\n");
    is_refused(&caller, &[&format!("the agent at {}", caller.home.path("dead").display()), "refused"]);
    let _silent = UnixListener::bind(caller.home.path("silent")).unwrap();
    knows(&caller, &server, "  IdentityAgent DIR/silent\n");
    let words = [&server.host, "the agent's answer timed out after ", "IdentityAgent=none"];
    fails(&caller, &["--timeout", "3", "box"], "ssh-timed-out", &words);
}

fn an_account_that_may_not_log_in(rig: &Rig) {
    for (options, script) in [
        ([].as_slice(), "usermod -L"),
        (&["UsePAM=yes"], "chage -E 1"),
        (&["AllowUsers=nobody"], ": any account"),
    ] {
        let (caller, _) = to(rig, options);
        // A password that is locked is one that there was.
        rig.password(&caller.account);
        rig.root(&format!("{script} {}", caller.account.name));
        is_refused(&caller, &["tried: the key "]);
    }
}

fn a_server_that_wants_what_is_not_done_here(rig: &Rig) {
    let (caller, _) = to(rig, &["GSSAPIAuthentication=yes", "PubkeyAuthentication=no"]);
    is_refused(&caller, &["the server takes gssapi", "(not done here: gssapi"]);
}

fn a_server_that_runs_no_command(rig: &Rig) {
    let (caller, server) = to(rig, &["MaxSessions=0"]);
    let words = [&server.host, "the server did not start a command: ", "nothing was sent", "MaxSessions"];
    fails(&caller, &["box"], "ssh-no-command", &words);
    // What never began cannot have brought anything back.
    let mut command = assert_cmd::Command::from_std(started::command(tests::program()));
    command.args(["rollback", "box", "-F"]).arg(caller.home.path("config")).env("HOME", caller.home.folder());
    let (status, stdout, stderr) = caller.said(command);
    assert_eq!(status, 1, "{stdout}{stderr}");
    has(&stdout, &["the server did not start a command: ", "; the remote auth.json is as it was"]);
}

fn a_full_server(rig: &Rig) {
    let (caller, server) = to(rig, &["MaxStartups=1", "LoginGraceTime=30"]);
    let _first = server.takes_a_place();
    let words =
        [&server.host, "hung up", "MaxStartups: try again, with fewer at once by --jobs", "nothing was sent"];
    fails(&caller, &["box"], "ssh-handshake", &words);
}

fn a_host_in_between_that_does_not_lead_on(rig: &Rig) {
    // One that may not, and one that may, to where nothing listens.
    for options in [["DisableForwarding=yes"].as_slice(), &[]] {
        let (caller, near) = to(rig, options);
        let endpoint = format!("{}@{}:{}: ", caller.account.name, near.host, near.port);
        let on = "did not forward the connection to me@127.0.0.1:9: ";
        let words = [&*endpoint, on, "nothing was sent", "AllowTcpForwarding", "me@127.0.0.1:9 is up"];
        fails(&caller, &["-J", "box", "me@127.0.0.1:9"], "ssh-no-way-on", &words);
    }
}

/// A folder with OpenSSH's `ssh` and no other program, as a PATH.
fn ssh_alone(caller: &Caller<'_>) -> std::path::PathBuf {
    let folder = caller.home.path("programs");
    std::fs::create_dir(&folder).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let ssh = std::env::split_paths(&path).map(|folder| folder.join("ssh")).find(|ssh| ssh.is_file());
    symlink(ssh.unwrap(), folder.join("ssh")).unwrap();
    folder
}

fn a_proxy_command_that_cannot_be_started(rig: &Rig) {
    let caller = caller(rig);
    caller.home.configure("Host box\n  User me\n  ProxyCommand relay %h\n");
    let mut command = caller.runs(&["box"]);
    command.env("PATH", ssh_alone(&caller));
    let (status, stdout, stderr) = caller.said(command);
    assert_eq!(status, 1, "{stdout}{stderr}");
    has(
        &stdout,
        &["me@box:22: the ProxyCommand cannot be started: ", "nothing was sent", "that `sh`, ", "as it was"],
    );
}

fn a_proxy_command_that_fails(rig: &Rig) {
    let caller = caller(rig);
    caller
        .home
        .configure("Host box\n  User me\n  ProxyCommand sh -c 'echo relay: the gate is shut >&2; exit 3'\n");
    let words = ["me@box:22: ", "the ProxyCommand said: relay: the gate is shut", "nothing was sent"];
    fails(&caller, &["box"], "ssh-handshake", &words);
}

fn warnings_come_first_and_stand_in_the_object(rig: &Rig) {
    let (caller, server) = to(rig, &[]);
    caller.home.know("");
    knows(&caller, &server, "  PKCS11Provider /x\n");
    let call = ["-oStrictHostKeyChecking=no", "-i", "/nowhere/key", "box"];
    let all = [
        "the SSH configuration sets pkcs11provider, which is not supported here",
        "StrictHostKeyChecking is off: a new host key is accepted and written down, but a changed one is still refused",
        "-i /nowhere/key: there is no such key, and no public half of it",
    ];
    let (status, stdout, stderr) = caller.says(&call);
    assert_eq!(status, 0, "{stdout}{stderr}");
    for warning in all {
        has(&stderr, &[&format!("box: warning: {warning}")]);
    }
    let (_, json, _) = caller.says(&[&["--format", "json"], call.as_slice()].concat());
    let value: Value = serde_json::from_str(&json).unwrap();
    let told = value["hosts"][0]["warnings"].as_array().unwrap();
    assert_eq!(told.len(), all.len(), "{told:?}");
    for warning in all {
        assert!(told.iter().any(|told| told.as_str().unwrap().starts_with(warning)), "{warning}: {told:?}");
    }
    let mut command = assert_cmd::Command::from_std(started::command(tests::program()));
    command
        .args(["doctor", "-F"])
        .arg(caller.home.path("config"))
        .args(call)
        .env("HOME", caller.home.folder());
    let (_, _, stderr) = caller.said(command);
    has(&stderr, &[&format!("box: warning: {}", all[0])]);
}
