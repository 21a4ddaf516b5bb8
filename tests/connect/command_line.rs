//! `deploy` as a user calls it, if the host is not reached in the plain way.

use tests::account::RemoteAccount;
use tests::running::within;
use tests::started;

use crate::Case;
use crate::support::{Connects, LONG, Rig, deploy, knows};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        through_a_jump_of_the_command_line,
        an_unknown_key_is_refused_without_a_terminal_and_taken_by_accept_new,
        a_changed_key_says_how_to_mend_it,
        a_password_without_a_terminal_says_so,
        what_is_set_and_not_done_is_a_warning,
        without_openssh_the_command_line_does,
        many_hosts_through_one_full_server,
        any_connect_timeout_is_taken,
        the_letters_of_ssh_mean_what_they_mean_to_it,
    ]
}

fn through_a_jump_of_the_command_line(rig: &Rig) {
    let caller = rig.caller();
    let (near, far) = (rig.server(&[]), rig.server(&[]));
    let there = format!("127.0.0.1:{}", far.port);
    caller.know(&[near.lines(), far.lines_as(&format!("[127.0.0.1]:{}", far.port))].concat());
    let jump = format!("{}@{}:{}", caller.account().name, near.host, near.port);
    let host = format!("{}@{there}", caller.account().name);
    let (status, stdout, stderr) = caller.says(&deploy(&["-J", &jump, &host]));
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert!(stdout.contains("copied to ") && caller.has_it(), "{stdout}");
}

fn an_unknown_key_is_refused_without_a_terminal_and_taken_by_accept_new(rig: &Rig) {
    let caller = rig.caller();
    let server = rig.server(&[]);
    knows(&caller, &server, "");
    caller.know("");
    let (status, stdout, stderr) = caller.says(&deploy(&["box"]));
    assert_eq!(status, 1, "{stdout}{stderr}");
    for word in ["FAILED    box  the host key of ", "is not known (ssh-ed25519 SHA256:", "accept-new"] {
        assert!(stdout.contains(word), "`{word}`: {stdout}");
    }
    assert!(!caller.has_it());
    let (status, stdout, stderr) = caller.says(&deploy(&["-o", "StrictHostKeyChecking=accept-new", "box"]));
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert!(caller.has_it() && caller.read("known_hosts").starts_with(&server.name()));
}

fn a_changed_key_says_how_to_mend_it(rig: &Rig) {
    let caller = rig.caller();
    let (server, other) = (rig.server(&[]), rig.server(&[]));
    knows(&caller, &server, "");
    caller.know(&other.lines_as(&server.name()));
    let (status, stdout, _) = caller.says(&deploy(&["-o", "StrictHostKeyChecking=no", "box"]));
    assert_eq!(status, 1, "{stdout}");
    for word in ["NOT the one known", "known_hosts:1", "ssh-keygen -R", "nothing was sent"] {
        assert!(stdout.contains(word), "`{word}`: {stdout}");
    }
    assert!(!caller.has_it());
}

fn a_password_without_a_terminal_says_so(rig: &Rig) {
    let caller = rig.caller();
    let server = rig.server(&["PasswordAuthentication=yes", "PubkeyAuthentication=no"]);
    knows(&caller, &server, "");
    rig.password(caller.account());
    let (status, stdout, _) = caller.says(&deploy(&["box"]));
    assert_eq!(status, 1, "{stdout}");
    for word in [
        "FAILED    box  SSH authentication as ",
        "a password (nobody was there to ask)",
        "the server accepts password",
        "hint: run this in a terminal, where you can be asked",
    ] {
        assert!(stdout.contains(word), "`{word}`: {stdout}");
    }
}

fn what_is_set_and_not_done_is_a_warning(rig: &Rig) {
    let caller = rig.caller();
    let server = rig.server(&[]);
    knows(
        &caller,
        &server,
        "  PKCS11Provider /x\n  ControlMaster auto\n  ForwardAgent yes\n  Ciphers aes256-ctr\n",
    );
    let (status, stdout, stderr) = caller.says(&deploy(&["box"]));
    assert_eq!(status, 0, "{stdout}{stderr}");
    let warning = "box: warning: the SSH configuration sets pkcs11provider, which is not supported here\n";
    assert!(stderr.contains(warning) && !stdout.contains("warning"), "{stdout}{stderr}");
}

fn without_openssh_the_command_line_does(rig: &Rig) {
    let caller = rig.caller();
    let (near, far, between) = (rig.server(&[]), rig.server(&[]), rig.account().make());
    caller.know(&[near.lines(), far.lines_as(&format!("[127.0.0.1]:{}", far.port))].concat());
    let (key, known) = (caller.path("id"), caller.path("known_hosts"));
    let known = format!("UserKnownHostsFile={}", known.display());
    // The hops have no options of their own, so they find the files where OpenSSH looks for them.
    let ssh = caller.path(".ssh");
    std::fs::create_dir(&ssh).unwrap();
    for (file, name) in [("id", "id_ed25519"), ("known_hosts", "known_hosts")] {
        std::os::unix::fs::symlink(caller.path(file), ssh.join(name)).unwrap();
    }
    let without = |arguments: &[&str]| {
        let mut command = caller.command_without_configuration(&deploy(arguments));
        caller.said(started::output(command.env("PATH", caller.folder())))
    };
    let jump = format!("{}@{}:{}", between.name, near.host, near.port);
    let host = format!("{}@127.0.0.1:{}", caller.account().name, far.port);
    let (status, stdout, stderr) =
        without(&["-i", key.to_str().unwrap(), "-o", &known, "-o", "IdentityAgent=none", "-J", &jump, &host]);
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert!(caller.has_it());
    let warning =
        "`ssh` is not installed on this machine, so ~/.ssh/config and /etc/ssh/ssh_config are not read";
    assert!(format!("{stdout}{stderr}").contains(warning), "{stdout}{stderr}");
    let config = caller.path("config");
    for (option, value, why) in [
        ("-F", config.to_str().unwrap(), "needs OpenSSH's `ssh`, which is not installed on this machine"),
        ("-o", "Tunnel=yes", "-o tunnel needs OpenSSH's `ssh`, which is not installed on this machine"),
    ] {
        let (status, stdout, stderr) = without(&[option, value, &host]);
        assert_eq!(status, 1, "{stdout}{stderr}");
        assert!(stdout.contains(why) && stdout.contains("hint: install OpenSSH's client"), "{stdout}");
        assert!(
            !stdout.contains("nothing was"),
            "the message describes a host that was not reached: {stdout}"
        );
    }
}

/// More hosts than the server accepts connections.
const MANY: usize = 5;

fn many_hosts_through_one_full_server(rig: &Rig) {
    let caller = rig.caller();
    let server = rig.server(&["MaxStartups=1"]);
    caller.know(&server.lines());
    let hosts: Vec<(String, RemoteAccount<'_>)> =
        (0..MANY).map(|number| (format!("box{number}"), rig.account().make())).collect();
    let blocks = hosts.iter().map(|(name, account)| format!("Host {name}\n{}", server.settings(account)));
    caller.configure(&blocks.collect::<String>());
    let failed = caller.path("failed");
    let retry = ["--retry-failed", failed.to_str().unwrap()];
    let names: Vec<&str> = hosts.iter().map(|(name, _)| name.as_str()).collect();

    let place = server.takes_a_place();
    // It is tried again for as long as a host has time.
    let short = ["--timeout", "3"];
    let (status, stdout, _) = caller.says(&deploy(&[&short, &retry, names.as_slice()].concat()));
    assert_eq!(status, 1, "{stdout}");
    for name in &names {
        let line = stdout.lines().find(|line| line.starts_with(&format!("FAILED    {name}  ")));
        let line = line.unwrap_or_else(|| panic!("{name} is missing in:\n{stdout}"));
        assert!(line.contains("the server closed the connection; it said `Exceeded MaxStartups`"), "{line}");
        assert!(line.contains(" tries in "), "{line}");
    }
    assert!(stdout.contains("hint: ") && stdout.contains("MaxStartups"), "{stdout}");
    assert!(stdout.contains(&format!("{MANY} hosts: {MANY} not reached")), "{stdout}");
    let left = caller.read("failed");
    assert_eq!(left.lines().collect::<Vec<_>>(), names);

    // One at a time, there is room for each.
    drop(place);
    let free =
        within(LONG, || rig.root(&format!("ss -Htn state established sport = :{}", server.port)).is_empty());
    assert!(free, "the place is still taken");
    let (status, stdout, stderr) = caller.says(&deploy(&[&retry, ["--jobs", "1"].as_slice()].concat()));
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert!(hosts.iter().all(|(_, account)| account.digest() == caller.login.bytes().sha256()), "{stdout}");
    assert_eq!(caller.read("failed"), "");
}

fn any_connect_timeout_is_taken(rig: &Rig) {
    let caller = rig.caller();
    let server = rig.server(&[]);
    knows(&caller, &server, "");
    // OpenSSH accepts only what fits into its own integer, and any other value must do no harm either.
    for said in ["none", "0", "-1", "1", "2147483647", "18446744073709551615", "99999999999999999999"] {
        let ssh = started::on_path("ssh");
        let script = format!("{} \"$@\" | sed 's/^connecttimeout .*/connecttimeout {said}/'", ssh.display());
        let folder = caller.program("programs/ssh", &script).parent().unwrap().to_owned();
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
        let output = started::output(caller.command(&deploy(&["box"])).env("PATH", path));
        let (status, stdout, stderr) = caller.said(output);
        assert_eq!(status, 0, "ConnectTimeout {said}: {stdout}{stderr}");
    }
    assert!(caller.has_it());
}

fn the_letters_of_ssh_mean_what_they_mean_to_it(rig: &Rig) {
    let caller = rig.caller();
    let server = rig.server(&[]);
    caller.know(&server.lines());
    rig.let_in(caller.account(), &caller.key("mine", &["ed25519"]));
    std::fs::remove_file(caller.path("id")).unwrap();
    let (port, key) = (server.port.to_string(), caller.path("mine"));
    let address = format!("HostName={}", server.host);
    let letters =
        ["-p", &port, "-l", &caller.account().name, "-i", key.to_str().unwrap(), "-o", &address, "anything"];
    let (status, stdout, stderr) = caller.says(&deploy(&letters));
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert!(caller.has_it());
}
