//! Many logins at once on one server. By default, sshd begins to turn connections away at ten (`MaxStartups 10:30:100`).

use tests::Rig;
use tests::account::RemoteAccount;
use tests::home::has;
use tests::person::Person;

use crate::Case;
use crate::server::Server;
use crate::support::Connects;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_hundred_on_one_server_are_all_let_in,
        a_hundred_behind_one_jump_host_share_its_connections,
        fifty_behind_one_jump_host_by_a_proxy_command_are_all_let_in,
        a_full_server_is_tried_again_with_fewer_at_once,
        a_refused_login_at_the_jump_host_is_not_tried_again,
    ]
}

/// OpenSSH's default.
const DEFAULT: &str = "MaxStartups=10:30:100";

/// The arguments of a dry run for so many hosts, which changes nothing: all are the same account.
fn dry_run(hosts: usize, more: &[&str]) -> Vec<String> {
    let words = [&["deploy", "--dry-run"], more].concat();
    let hosts = (0..hosts).map(|number| format!("h{number}"));
    words.into_iter().map(str::to_owned).chain(hosts).collect()
}

fn says(caller: &Person<'_>, call: &[String]) -> (i32, String, String) {
    caller.says(&call.iter().map(String::as_str).collect::<Vec<_>>())
}

/// How many lines of sshd's log about this account have these words.
fn logged(rig: &Rig, words: &str, account: &str) -> usize {
    rig.root(&format!("grep -c '{words} .*{account} from' /run/sshd.log || true")).trim().parse().unwrap()
}

/// The settings that lead to a server from inside the container.
fn inside(server: &Server, account: &str) -> String {
    format!("  HostName 127.0.0.1\n  Port {}\n  User {account}\n", server.port)
}

fn a_hundred_on_one_server_are_all_let_in(rig: &Rig) {
    let (caller, server) = (rig.caller(), rig.server(&[DEFAULT]));
    caller.know(&server.lines());
    caller.configure(&format!("Host h*\n{}", server.settings(caller.account())));
    let (status, stdout, stderr) = says(&caller, &dry_run(100, &[]));
    assert_eq!(status, 0, "{stdout}{stderr}");
    has(&stdout, &["100 hosts: 100 would be copied"]);
}

/// Every host `h*` is the far server, behind the near one.
fn all_behind(caller: &Person<'_>, (near, bastion): (&Server, &RemoteAccount<'_>), far: &Server) {
    caller.know(&[near.lines(), far.lines_as(&format!("[127.0.0.1]:{}", far.port))].concat());
    caller.configure(&format!(
        "Host near\n{}Host h*\n{}  ProxyJump near\n",
        near.settings(bastion),
        inside(far, &caller.account().name)
    ));
}

fn a_hundred_behind_one_jump_host_share_its_connections(rig: &Rig) {
    let (caller, far) = (rig.caller(), rig.server(&[DEFAULT]));
    // One session at most: connections that are passed on are none.
    let (bastion, near) = (rig.account().make(), rig.server(&[DEFAULT, "MaxSessions=1"]));
    all_behind(&caller, (&near, &bastion), &far);
    let (status, stdout, stderr) = says(&caller, &dry_run(100, &[]));
    assert_eq!(status, 0, "{stdout}{stderr}");
    has(&stdout, &["100 hosts: 100 would be copied"]);
    let logins = logged(rig, "Accepted publickey", &bastion.name);
    // More than one only if an answer took half a second.
    assert!((1..=8).contains(&logins), "{logins} logins on the jump host for 100 hosts");
}

/// Each `ssh` of the ProxyCommand is a login of its own on the jump host, which turns some away.
fn fifty_behind_one_jump_host_by_a_proxy_command_are_all_let_in(rig: &Rig) {
    let (caller, far) = (rig.caller(), rig.server(&["MaxStartups=100"]));
    let (bastion, near) = (rig.account().make(), rig.server(&[DEFAULT]));
    caller.know(&[near.lines(), far.lines_as(&format!("[127.0.0.1]:{}", far.port))].concat());
    caller.configure(&format!(
        "Host near\n{}Host h*\n{}  ProxyCommand ssh -F DIR/config -W %h:%p near\n",
        near.settings(&bastion),
        inside(&far, &caller.account().name)
    ));
    let (status, stdout, stderr) = says(&caller, &dry_run(50, &["--jobs", "50"]));
    assert_eq!(status, 0, "{stdout}{stderr}");
    has(&stdout, &["50 hosts: 50 would be copied"]);
}

fn a_full_server_is_tried_again_with_fewer_at_once(rig: &Rig) {
    let (caller, server) = (rig.caller(), rig.server(&["MaxStartups=4"]));
    caller.know(&server.lines());
    caller.configure(&format!("Host h*\n{}", server.settings(caller.account())));
    let _others: Vec<_> = (0..3).map(|_| server.takes_a_place()).collect();
    let (status, stdout, stderr) = says(&caller, &dry_run(12, &["-v"]));
    assert_eq!(status, 0, "{stdout}{stderr}");
    has(&stdout, &["12 hosts: 12 would be copied"]);
    has(&stderr, &["it said `Exceeded MaxStartups`; trying again in "]);
}

fn a_refused_login_at_the_jump_host_is_not_tried_again(rig: &Rig) {
    let (caller, far) = (rig.caller(), rig.server(&[]));
    let (bastion, near) = (rig.account().make(), rig.server(&["AuthorizedKeysFile=/nowhere"]));
    all_behind(&caller, (&near, &bastion), &far);
    let (status, stdout, stderr) = says(&caller, &dry_run(20, &[]));
    assert_eq!(status, 1, "{stdout}{stderr}");
    has(&stdout, &["20 hosts: 20 not reached"]);
    let refused = format!("SSH authentication as {}@", bastion.name);
    let failed = stdout.lines().filter(|line| line.starts_with("FAILED") && line.contains(&refused));
    assert_eq!(failed.count(), 20, "{stdout}");
    let tries = rig.root(&format!(
        "grep -c 'Connection closed by authenticating user {} ' /run/sshd.log || true",
        bastion.name
    ));
    assert_eq!(tries.trim(), "1", "a server may lock an account after refused logins");
}
