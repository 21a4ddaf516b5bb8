//! What the verb says where no login comes about: its exit status, the word for a program, the state on the host, what to do.

use std::net::{Ipv4Addr, TcpListener};

use serde_json::Value;
use tests::page::{PORT, turn};
use tests::started;

use crate::Case;
use crate::device::shows;
use crate::program::{program, runs, set_off};
use crate::refuse::says;
use crate::rig::{Remote, Rig};
use crate::stop::waiting;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_login_that_is_there,
        what_stands_where_the_login_goes,
        a_codex_home_that_is_none,
        an_account_without_a_home,
        a_configuration_in_the_way,
        no_codex_over_there,
        an_account_that_may_not_run_commands,
        a_host_that_is_not_reached,
        a_connection_that_is_lost,
        each_word_of_codex_is_told_with_what_to_do,
        nobody_agrees,
        a_script_that_is_ended_behind_our_back,
        a_login_that_never_arrives,
        a_login_that_cannot_be_closed,
        a_port_that_is_taken_here,
        a_server_that_does_not_forward,
        what_is_set_and_not_done_is_a_warning,
    ]
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is missing in:\n{text}");
    }
}

/// Holds that a login fails, with this code for a program and these words for a person, that neither tells link or code, and
/// that nothing runs on.
fn fails_anyhow(remote: &Remote<'_>, arguments: &[&str], code: &str, words: &[&str]) -> String {
    let (status, stdout, stderr) = runs(remote, arguments);
    assert_eq!(status, 1, "{stdout}{stderr}");
    assert!(stdout.starts_with(&format!("FAILED    {}  ", arguments[0])), "{stdout}");
    has(&stdout, words);
    let (status, json, more) = runs(remote, &[arguments, &["--format", "json"]].concat());
    assert_eq!(status, 1, "{json}{more}");
    let value: Value = serde_json::from_str(&json).unwrap();
    let host = &value["hosts"][0];
    assert_eq!((&host["result"], &host["proof"]), (&"failed".into(), &"not reached".into()), "{host}");
    assert_eq!(host["error"]["code"], code, "{host}");
    has(host["error"]["message"].as_str().unwrap(), words);
    for shown in set_off(&stderr).into_iter().chain(set_off(&more)) {
        assert!(!stdout.contains(shown) && !json.contains(shown), "{stdout}{json}");
    }
    remote.nothing_runs();
    stdout
}

/// As [`fails_anyhow`], and leaves the auth.json as it was.
fn fails(remote: &Remote<'_>, arguments: &[&str], code: &str, words: &[&str]) -> String {
    let before = remote.auth();
    let said = fails_anyhow(remote, arguments, code, words);
    assert_eq!(remote.auth(), before, "{said}");
    said
}

const AS_IT_WAS: &str = "the remote auth.json is as it was";

fn a_login_that_is_there(rig: &Rig) {
    let remote = rig.account().login(0o600).make();
    let path = format!("{}/.codex/auth.json", remote.account.home);
    let remove = format!("remove it there first: rm {path}");
    let words = [&*path, "it was kept", "codex was not asked", "rotation-logout-revokes", &remove, "--force"];
    fails(&remote, &["box"], "login-there", &words);
    assert!(remote.asked().is_empty());
}

fn what_stands_where_the_login_goes(rig: &Rig) {
    let remote = rig.account().file("elsewhere", "mine").link(".codex/auth.json", "../elsewhere").make();
    let words = ["symbolic link", "left as it is", "Remove it there", "CODEX_HOME"];
    fails(&remote, &["box", "--force"], "auth-is-a-link", &words);
    assert_eq!(remote.root("cat elsewhere; readlink .codex/auth.json"), "mine../elsewhere\n");
    let remote = rig.account().file(".codex/auth.json/x", "").make();
    let words = ["not a regular file", "left as it is", "Move it away first"];
    fails_anyhow(&remote, &["box", "--force"], "auth-not-a-file-there", &words);
    assert_eq!(remote.root("ls .codex/auth.json"), "x\n");
}

fn a_codex_home_that_is_none(rig: &Rig) {
    let remote = rig.account().file(".codex", "mine").make();
    let words = ["not a directory", "nothing was sent", "Move it away"];
    fails(&remote, &["box"], "home-not-a-directory", &words);
    let remote = rig.account().make();
    remote.root("mkdir -m 777 .codex");
    fails(&remote, &["box"], "home-not-ours", &["belongs to user 0", "nothing was sent", "chown"]);
    let remote = rig.account().file(".bashrc", "export CODEX_HOME=/sys/codex\n").make();
    let words = ["Read-only file system", "nothing was changed", "Make it for the account"];
    fails(&remote, &["box"], "cannot-make-directory", &words);
}

fn an_account_without_a_home(rig: &Rig) {
    let remote = rig.account().file(".bashrc", "HOME=/no/such/home\n").make();
    fails(&remote, &["box"], "no-home", &["`/no/such/home` does not exist", "nothing was sent", "Make it"]);
}

fn a_configuration_in_the_way(rig: &Rig) {
    for (line, code, words) in [
        (
            "cli_auth_credentials_store = \"keyring\"\n",
            "store-is-not-the-file",
            ["= \"keyring\"", "lesson keyring-store", "\"file\" in config.toml"],
        ),
        (
            "forced_login_method = \"api\"\n",
            "login-form-is-forced",
            ["= \"api\"", "lesson forced-login-method", "`deploy HOST --api-key`"],
        ),
    ] {
        let remote = rig.account().file(".codex/config.toml", line).make();
        has(&fails(&remote, &["box"], code, &words), &["nothing was changed"]);
        assert!(remote.asked().is_empty());
    }
}

fn no_codex_over_there(rig: &Rig) {
    let remote = rig.account().without_codex().make();
    fails(
        &remote,
        &["box"],
        "no-codex",
        &["no codex on the host", "nothing was changed", "Install it there"],
    );
    assert_eq!(remote.root("ls -A"), ".ssh\n");
}

fn an_account_that_may_not_run_commands(rig: &Rig) {
    let remote = rig.account().shell("/usr/sbin/nologin").make();
    let words = ["did not run our script", "exit status 1", "nothing was sent", "login shell (nologin"];
    fails(&remote, &["box"], "no-reply", &words);
}

fn a_host_that_is_not_reached(rig: &Rig) {
    let remote = rig.account().make();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let host = format!("me@127.0.0.1:{port}");
    fails(&remote, &[&host], "ssh-unreachable", &[&host, "refused", "the port is right", AS_IT_WAS]);
    fails(
        &remote,
        &["box:0"],
        "ssh-host-name",
        &["`box:0` is not a valid host: the port", "USER@HOST:PORT", AS_IT_WAS],
    );
}

fn a_connection_that_is_lost(rig: &Rig) {
    let remote = rig.account().login(0o600).file(".bashrc", "kill -9 $PPID\n").make();
    let words = ["the connection was lost while ", "Try again", AS_IT_WAS];
    fails(&remote, &["box", "--force"], "ssh-lost", &words);
}

fn each_word_of_codex_is_told_with_what_to_do(rig: &Rig) {
    let device = "Error logging in with device code:";
    for (said, code, next) in [
        (
            format!("{device} device code login is not enabled for this server."),
            "no-device-login",
            "--browser",
        ),
        (format!("{device} error sending request for url (https://x.invalid/)"), "no-network", "HTTPS_PROXY"),
        (format!("{device} device auth failed with status 400 Bad Request"), "refused", "Try again"),
        (format!("{device} device auth timed out after 15 minutes"), "expired", "Settings, Security"),
        (format!("{device} device auth failed with status 500"), "failed", "`codex login` there, by hand"),
        ("Error logging in: Login cancelled".to_owned(), "superseded", "Try again when it is done"),
        (
            "ChatGPT login is disabled. Use API key login instead.".to_owned(),
            "login-form-is-forced",
            "--api-key",
        ),
    ] {
        let remote = rig.account().program(&says(&said)).make();
        let text = fails(&remote, &["box"], code, &[next]);
        match code {
            "superseded" => has(&text, &["that other login now owns the remote auth.json"]),
            "login-form-is-forced" => has(&text, &["nothing was changed"]),
            "failed" => has(&text, &[&said, "exit status 1", "changed nothing there"]),
            _ => has(&text, &[&said, AS_IT_WAS]),
        }
    }
}

fn nobody_agrees(rig: &Rig) {
    let remote = rig.account().login(0o600).program(&waiting("exec sleep 300")).make();
    let words = [
        "timed out after 1 s waiting for approval",
        "codex on the host was stopped",
        AS_IT_WAS,
        "--timeout gives more time",
    ];
    fails(&remote, &["box", "--force", "--timeout", "1"], "timed-out", &words);
}

fn a_script_that_is_ended_behind_our_back(rig: &Rig) {
    // It has logged in, and takes the script with it.
    let ends = shows("printf '  http://127.0.0.1:8790/codex/device\\n  ABCD-EFGH\\n'");
    let remote = rig.account().program(&format!("{ends}\nkill -9 $PPID")).make();
    let words =
        ["was ended (", "when codex had been asked already", "is not known from here: the verb `doctor`"];
    let said = fails_anyhow(&remote, &["box", "--force"], "ended-early", &words);
    assert!(!said.contains("nothing was changed"), "{said}");
    assert_ne!(remote.auth(), "", "it did");
}

fn a_login_that_never_arrives(rig: &Rig) {
    let remote = rig.account().program("echo --device-auth").make();
    let path = format!("there is no {}/.codex/auth.json", remote.account.home);
    fails(&remote, &["box"], "nothing-arrived", &[&path, "nothing else was changed", "`doctor`"]);
}

fn a_login_that_cannot_be_closed(rig: &Rig) {
    let open = shows("umask 022; printf '  http://127.0.0.1:8790/codex/device\\n  ABCD-EFGH\\n'");
    let remote = rig.account().program(&open).file(".bashrc", "PATH=$HOME/first:$PATH\n").make();
    remote.root("mkdir first; printf '#!/bin/sh\\necho chmod: not today >&2\\nexit 1\\n' >first/chmod; chmod 755 first/chmod");
    let words = ["the login has arrived, and others may read it", "chmod: not today", "chmod 600"];
    fails_anyhow(&remote, &["box", "--force"], "cannot-close", &words);
    assert_eq!(remote.root("stat -c %a .codex/auth.json"), "644\n");
}

fn a_port_that_is_taken_here(rig: &Rig) {
    let _turn = turn();
    let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)).unwrap();
    let remote = rig.account().make();
    let words = ["port 1455 of this machine is taken", AS_IT_WAS, "ss -ltnp 'sport = :1455'"];
    fails(&remote, &["box", "--browser"], "port-taken", &words);
}

fn a_server_that_does_not_forward(rig: &Rig) {
    let _turn = turn();
    let line = format!("no-port-forwarding {}\n", rig.container().client_key().public);
    let remote = rig.account().file(".ssh/authorized_keys", &line).make();
    let words = [
        "does not lead to its 127.0.0.1:1455",
        AS_IT_WAS,
        "AllowTcpForwarding",
        "the device login needs none",
    ];
    fails(&remote, &["box", "--browser"], "not-forwarded", &words);
}

fn what_is_set_and_not_done_is_a_warning(rig: &Rig) {
    let remote = rig.account().login(0o600).make();
    let home = crate::program::home(&remote);
    let output = started::output(&mut program(&home, &["-o", "PKCS11Provider=/x", "box"]));
    let stderr = String::from_utf8(output.stderr).unwrap();
    has(&stderr, &["box: warning: the SSH configuration sets pkcs11provider, which is not supported here"]);
}
