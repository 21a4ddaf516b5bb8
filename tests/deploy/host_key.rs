//! A server that is not known, or is not the one that is known, gets nothing: not even the account's name.

use std::time::Duration;

use codex_remote_auth::ssh::{Deadline, Endpoint, HostKeys, Login, Session, SshProblem};
use harness::target::KeyPair;

use crate::Case;
use crate::rig::{LOGIN, Remote, Rig, within};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        an_unknown_server_is_told_nothing,
        a_server_with_another_key_is_told_nothing,
        an_entry_for_another_port_or_host_does_not_count,
        a_hashed_entry_counts,
        the_right_one_of_several_entries_counts,
        lines_that_are_no_entries_do_not_hurt,
        a_revoked_key_is_refused_whatever_else_is_said_of_it,
        a_known_hosts_file_that_cannot_be_read_is_said,
    ]
}

/// Opens a session with these known hosts, in which HOST stands for the server's address and KEY for its key.
fn open(remote: &Remote<'_>, known: &str) -> Result<Session, SshProblem> {
    let container = remote.rig.container();
    let (host, port) = container.address();
    let known = known.replace("HOST", &format!("[{host}]:{port}")).replace("KEY", container.host_key_line());
    let login = Login::PrivateKey(container.client_key().private.clone());
    let endpoint = Endpoint::new(&remote.account.name, host, port);
    Session::open(&endpoint, &HostKeys::from_text(&known), &login, Deadline::after(LOGIN))
}

/// Holds that the server is refused in this way, and that its log does not know of the account.
fn refused(remote: &Remote<'_>, known: &str, code: &str) -> SshProblem {
    let problem = open(remote, known).unwrap_err();
    remote.rig.shows_nothing(&problem);
    assert_eq!(problem.code(), code, "{problem}");
    problem
}

/// Holds that the first that sshd's log knows of the account is a login that went well, made now.
fn log_knows_of_no_earlier_try(remote: &Remote<'_>) {
    drop(remote.session());
    let name = &remote.account.name;
    let mut first = None;
    within(Duration::from_secs(5), || {
        let log = String::from_utf8_lossy(&remote.rig.container().log().unwrap()).into_owned();
        first = log.lines().find(|line| line.split_whitespace().any(|word| word == name)).map(str::to_owned);
        first.is_some()
    });
    let first = first.unwrap();
    // Who is refused is refused before this line; it is the first of a login that goes well.
    assert!(first.contains("Postponed publickey"), "{first}");
    let logins = remote.rig.container().log().unwrap();
    let logins =
        String::from_utf8_lossy(&logins).matches(&format!("Postponed publickey for {name} ")).count();
    assert_eq!(logins, 1);
}

fn another_key() -> String {
    KeyPair::generate().unwrap().public
}

fn an_unknown_server_is_told_nothing(rig: &Rig) {
    let remote = rig.account().make();
    let problem = refused(&remote, "", "ssh-host-key-unknown");
    let fingerprint = rig.root("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key");
    let fingerprint = fingerprint.split_whitespace().nth(1).unwrap();
    assert!(problem.to_string().contains(fingerprint), "{problem}");
    log_knows_of_no_earlier_try(&remote);
}

fn a_server_with_another_key_is_told_nothing(rig: &Rig) {
    let remote = rig.account().make();
    refused(&remote, &format!("HOST {}", another_key()), "ssh-host-key-changed");
    log_knows_of_no_earlier_try(&remote);
}

fn an_entry_for_another_port_or_host_does_not_count(rig: &Rig) {
    let remote = rig.account().make();
    let host = rig.container().address().0;
    for known in
        [format!("[{host}]:22 KEY"), format!("[{host}]:2223 KEY"), "elsewhere.example KEY".to_owned()]
    {
        refused(&remote, &known, "ssh-host-key-unknown");
    }
}

fn a_hashed_entry_counts(rig: &Rig) {
    let remote = rig.account().make();
    let (host, port) = rig.container().address();
    let line = format!("[{host}]:{port} {}", rig.container().host_key_line());
    let hashed = remote.root(&format!(
        "echo '{line}' >known; ssh-keygen -H -f known >/dev/null 2>&1; cat known; rm known known.old"
    ));
    assert!(hashed.starts_with("|1|") && !hashed.contains(host), "{hashed}");
    open(&remote, &hashed).unwrap();

    let other = hashed.replace(rig.container().host_key_line(), &another_key());
    refused(&remote, &other, "ssh-host-key-changed");
}

fn the_right_one_of_several_entries_counts(rig: &Rig) {
    let remote = rig.account().make();
    let rsa =
        remote.root("ssh-keygen -q -t rsa -b 2048 -N '' -f rsa; cut -d' ' -f1,2 rsa.pub; rm rsa rsa.pub");
    let ecdsa = remote.root("ssh-keygen -q -t ecdsa -N '' -f ec; cut -d' ' -f1,2 ec.pub; rm ec ec.pub");
    let (rsa, ecdsa) = (rsa.trim(), ecdsa.trim());
    let other = another_key();
    open(&remote, &format!("HOST {rsa}\nHOST {ecdsa}\nHOST KEY\nelsewhere {other}")).unwrap();
    open(&remote, &format!("HOST {other}\nHOST KEY")).unwrap();
    open(&remote, &format!("elsewhere,HOST,192.0.2.1 KEY a comment\nelsewhere {other}")).unwrap();
    refused(&remote, &format!("HOST {rsa}\nHOST {ecdsa}"), "ssh-host-key-changed");
}

fn lines_that_are_no_entries_do_not_hurt(rig: &Rig) {
    let remote = rig.account().make();
    let garbage = "# a comment\n\n\t\nHOST\nHOST ssh-ed25519\nHOST ssh-ed25519 %%%\n|1|broken\n|1|a|b KEY\n\u{0}\u{1}\n\
                   @cert-authority *.example KEY\n<<<<<<< a merge\nHOST sk-unheard-of@example AAAA\n";
    open(&remote, &format!("{garbage}HOST KEY\n{garbage}")).unwrap();
    refused(&remote, garbage, "ssh-host-key-unknown");
}

fn a_revoked_key_is_refused_whatever_else_is_said_of_it(rig: &Rig) {
    let remote = rig.account().make();
    refused(&remote, "HOST KEY\n@revoked * KEY\n", "ssh-host-key-revoked");
    open(&remote, &format!("HOST KEY\n@revoked HOST {}\n", another_key())).unwrap();
}

fn a_known_hosts_file_that_cannot_be_read_is_said(_: &Rig) {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().to_owned(), folder.path().join("none")] {
        let problem = HostKeys::from_file(&path).unwrap_err();
        assert_eq!(problem.code(), "ssh-known-hosts");
        assert!(problem.to_string().contains(path.to_str().unwrap()), "{problem}");
    }
}
