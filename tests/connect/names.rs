//! Names that a shell could take for commands: none is run, wherever it comes from.

use tests::person::Person;

use crate::Case;
use crate::support::{Connects, Rig, deploy, knows};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_name_on_the_command_line_runs_nothing,
        a_line_of_a_hosts_file_runs_nothing,
        an_option_runs_nothing,
        a_hop_of_the_configuration_runs_nothing,
        a_hosts_file_of_another_system_is_read,
        what_ssh_would_do_after_the_login_does_not_matter,
        a_remote_command_is_refused_until_it_is_turned_off,
    ]
}

/// A name that would create a file in the current folder, if a shell read it.
const COMMAND: &str = "$(touch${IFS}pwn)";

/// A configuration whose ProxyCommand receives all names, and records that it ran.
const GATE: &str = "Host box*\n  ProxyCommand echo ran >>DIR/ran; false -W %h:%p -l %r gate\n";

fn at_the_gate(rig: &Rig) -> Person<'_> {
    let caller = rig.caller();
    caller.configure(GATE);
    caller
}

/// Runs the program in the caller's home, with one host at a time.
fn runs(caller: &Person<'_>, arguments: &[&str], input: Option<&str>) -> (i32, String, String) {
    let mut command = caller.runs(&deploy(&["--jobs", "1"]));
    command.args(arguments).current_dir(caller.folder());
    if let Some(input) = input {
        command.write_stdin(input.to_owned());
    }
    caller.said(command.output().unwrap())
}

/// Checks that the call is rejected before anything starts, because of a name in it.
fn is_refused(caller: &Person<'_>, arguments: &[&str], words: &[&str]) {
    let (status, stdout, stderr) = runs(caller, arguments, None);
    assert_eq!((status, &*stdout), (2, ""), "{arguments:?}: {stdout}{stderr}");
    for word in words {
        assert!(stderr.contains(word), "`{word}` is missing: {stderr}");
    }
    runs_nothing(caller);
}

/// Checks that hosts fail because of a name that is not in the call itself, and that nothing was run for them.
fn fails(caller: &Person<'_>, arguments: &[&str], input: Option<&str>, words: &[&str]) {
    let (status, stdout, stderr) = runs(caller, arguments, input);
    assert_eq!(status, 1, "{arguments:?}: {stdout}{stderr}");
    for word in words {
        assert!(stdout.contains(word), "`{word}` is missing: {stdout}");
    }
    assert!(!stdout.contains("nothing was"), "the message describes a host that was not reached: {stdout}");
    runs_nothing(caller);
}

fn runs_nothing(caller: &Person<'_>) {
    for file in ["pwn", "ran"] {
        assert!(!caller.path(file).exists(), "a command was run: {file}");
    }
}

fn a_name_on_the_command_line_runs_nothing(rig: &Rig) {
    let caller = at_the_gate(rig);
    // The first host is valid, but nothing starts.
    let second = format!("{COMMAND}@box2");
    let (status, stdout, stderr) = runs(&caller, &["me@box1", &second], None);
    assert_eq!(status, 2, "{stdout}{stderr}");
    assert!(!caller.path("pwn").exists() && !caller.path("ran").exists(), "something was run: {stdout}");
    assert!(
        stderr.contains(&format!("`{second}` is not a valid host: a user name cannot contain `$`")),
        "{stderr}"
    );
    for (host, why) in [
        (format!("box{COMMAND}"), "a host name cannot contain `$`"),
        ("me@box;id".to_owned(), "a host name cannot contain `;`"),
        ("me@box|id".to_owned(), "a host name cannot contain `|`"),
        ("`id`@box".to_owned(), "a user name cannot contain ``` "),
        ("a b@box".to_owned(), "a user name cannot contain a space"),
        ("me@box\u{202e}1".to_owned(), "the character U+202E"),
        ("me@-oProxyCommand=id".to_owned(), "cannot begin with `-`"),
    ] {
        is_refused(&caller, &["--", &host], &[why.trim(), "is not a valid host"]);
    }
}

fn a_line_of_a_hosts_file_runs_nothing(rig: &Rig) {
    let caller = at_the_gate(rig);
    for (text, words) in [
        (format!("\u{feff}{COMMAND}@box1\r\n\r\nbox2\r\n"), "hosts:1: "),
        ("box2\nbox2;touch pwn\r\n".to_owned(), "hosts:2: `box2;touch pwn` is not a valid host: "),
    ] {
        let file = caller.write("hosts", text);
        let call = ["--hosts-file", file.to_str().unwrap()];
        is_refused(&caller, &call, &[words, "is not a valid host: ", "cannot contain `", "USER@HOST:PORT"]);
    }
    let (status, stdout, stderr) = runs(&caller, &["--hosts-file", "-"], Some(&format!("{COMMAND}@box1\n")));
    assert_eq!((status, &*stdout), (2, ""), "{stderr}");
    assert!(stderr.contains("the standard input:1: `"), "{stderr}");
    runs_nothing(&caller);
}

fn an_option_runs_nothing(rig: &Rig) {
    let caller = at_the_gate(rig);
    let (jump, user) = (format!("gate,{COMMAND}@hop"), format!("User={COMMAND}"));
    let host = format!("HostName={COMMAND}");
    for (arguments, what) in [
        (["-l", COMMAND, "box1"], "is not a valid user name: a user name cannot contain `$`"),
        (["-J", &jump, "box1"], "@hop` is not a valid host"),
        (["-o", &user, "box1"], "is not a valid user name"),
        (["-o", &host, "box1"], "is not a valid host"),
    ] {
        is_refused(&caller, &arguments, &[what]);
    }
}

fn a_hop_of_the_configuration_runs_nothing(rig: &Rig) {
    let caller = at_the_gate(rig);
    caller.configure(&format!("Host far\n  ProxyJump box1,{COMMAND}@box2\n{GATE}"));
    fails(&caller, &["far"], None, &["FAILED    far  ", "@box2` is not a valid host", "USER@HOST:PORT"]);
    for (setting, what) in
        [("User", "the user name"), ("HostName", "HostName"), ("HostKeyAlias", "HostKeyAlias")]
    {
        caller.configure(&format!("Host box1\n  {setting} {COMMAND}\n{GATE}"));
        fails(&caller, &["box1"], None, &["FAILED    box1  ", what, "cannot contain `$`"]);
    }
}

fn a_hosts_file_of_another_system_is_read(rig: &Rig) {
    let caller = rig.caller();
    let server = rig.server(&[]);
    knows(&caller, &server, "");
    let file = caller.write("hosts", "\u{feff}box\r\n# the rest\r\n");
    let (status, stdout, stderr) = runs(&caller, &["--hosts-file", file.to_str().unwrap()], None);
    assert!(status == 0 && caller.has_it(), "{stdout}{stderr}");
}

fn what_ssh_would_do_after_the_login_does_not_matter(rig: &Rig) {
    let caller = rig.caller();
    let server = rig.server(&[]);
    knows(&caller, &server, "  ForkAfterAuthentication yes\n");
    let (status, stdout, stderr) = runs(&caller, &["box"], None);
    assert!(status == 0 && caller.has_it(), "{stdout}{stderr}");
}

fn a_remote_command_is_refused_until_it_is_turned_off(rig: &Rig) {
    let caller = rig.caller();
    let server = rig.server(&[]);
    knows(&caller, &server, "  RemoteCommand touch ran; exec cat\n  RequestTTY yes\n");
    let (status, stdout, stderr) = runs(&caller, &["box"], None);
    assert_eq!(status, 1, "{stdout}{stderr}");
    for word in [
        "FAILED    box  cannot run a command on box: the SSH configuration sets RemoteCommand",
        "hint: ",
        "codex-remote-auth deploy -o RemoteCommand=none ",
    ] {
        assert!(stdout.contains(word), "`{word}` is missing: {stdout}");
    }
    assert!(!stdout.contains("nothing was"), "the message describes a host that was not reached: {stdout}");
    assert!(!caller.has_it());
    let (status, stdout, stderr) = runs(&caller, &["-o", "RemoteCommand=none", "box"], None);
    assert!(status == 0 && caller.has_it(), "{stdout}{stderr}");
    assert!(!format!("{stdout}{stderr}").contains("warning"), "{stdout}{stderr}");
}
