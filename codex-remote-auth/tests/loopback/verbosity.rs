//! `-q` and `-v`: what is shown besides the results, and that none of it is a secret.

use std::net::TcpListener;

use serde_json::Value;

use crate::account::{Account, login};

#[test]
fn quiet_leaves_only_problems() {
    let account = Account::new();
    let ran = account.run(&["deploy", "-q", "box"]);
    assert!(ran.status == 0 && ran.stdout.is_empty() && ran.stderr.is_empty(), "{ran:?}");
    account.has_ours();
    let ran = account.run(&["deploy", "--quiet", "box", "dead"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.contains("FAILED    dead") && !ran.stdout.contains("ok        box"), "{ran:?}");
    assert!(
        ran.stdout.contains("2 hosts: 1 already up to date and verified, 1 not reached")
            && ran.stderr.is_empty(),
        "{ran:?}"
    );
}

#[test]
fn quiet_keeps_warnings_and_json() {
    let account = Account::new();
    let ran = account.run(&["doctor", "-q", "--format", "json", "box", "-o", "StrictHostKeyChecking=no"]);
    assert!(serde_json::from_str::<Value>(&ran.stdout).is_ok(), "{ran:?}");
    assert!(ran.stderr.contains("warning: "), "{ran:?}");
}

#[test]
fn quiet_and_verbose_exclude_each_other() {
    let ran = Account::new().run(&["deploy", "-q", "-v", "box"]);
    assert!(ran.status == 2 && ran.stderr.contains("cannot be used with"), "{ran:?}");
}

#[test]
fn each_v_shows_more_about_the_connection() {
    let account = Account::new();
    let lines = [
        (1, "box: means "),
        (1, "through its ProxyCommand"),
        (1, "host key ssh-ed25519 SHA256:"),
        (1, " as box: known"),
        (1, "offered the key "),
        (1, ": accepted"),
        (2, "server SSH-2.0-"),
        (2, "agreed on: key exchange "),
        (3, "ssh -G: identityfile "),
        (3, "ssh -G: proxycommand is set"),
    ];
    for (flags, count) in [(None, 0), (Some("-v"), 1), (Some("-vv"), 2), (Some("-vvv"), 3)] {
        let ran = account.run(&[&["deploy", "--dry-run", "box"], flags.as_slice()].concat());
        assert_eq!(ran.status, 0, "{ran:?}");
        for (from, line) in lines {
            assert_eq!(ran.stderr.contains(line), count >= from, "{flags:?} {line}: {}", ran.stderr);
        }
    }
}

#[test]
fn verbose_names_the_address_and_a_host_key_that_is_not_known() {
    let account = Account::new();
    let ran = account.run(&["doctor", "-v", "-o", "UserKnownHostsFile=none.txt", "box"]);
    assert!(ran.stderr.contains(" as box: not known"), "{ran:?}");
    // It accepts the connection and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let host = format!("me@localhost:{}", address.port());
    let ran = account.run(&["doctor", "-v", "--timeout", "2", "-o", "AddressFamily=inet", &host]);
    assert!(ran.stderr.contains(&format!("connected to {address}")), "{ran:?}");
}

#[test]
fn no_detail_is_a_secret() {
    let ours = login("ann", 10);
    let account = Account::with_login(&login("ann", 9)).local(Some(ours.clone()));
    let there = account.there().unwrap();
    let canary = format!("canary-{}", getrandom::u64().unwrap());
    let variable = format!("SetEnv=TOKEN={canary}");
    let comment = format!("LocalCommand=echo {canary}");
    for command in ["doctor", "deploy"] {
        let ran = account.run(&[command, "-vvv", "-o", &variable, "-o", &comment, "box"]);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(all.contains("ssh -G: setenv is set"), "{all}");
        assert!(!all.contains(&canary), "{command} shows a variable");
        for login in [&ours, &there] {
            for name in ["id_token", "access_token", "refresh_token"] {
                let token = login["tokens"][name].as_str().unwrap();
                // Its signature is unique.
                let secret = token.rsplit('.').next().unwrap();
                assert!(!all.contains(secret), "{command} shows a token");
            }
        }
    }
    account.has_ours();
}
