//! What `login` prints if there is no login in the end: exit status, error code, the state on the host, what to do.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};

use tests::Rig;
use tests::browser::{PORT, turn};
use tests::home::has;
use tests::person::Person;

use crate::fake_codex::{PRINTS_CODE, fails_with, that_logs_in};
use crate::{Case, ISSUER, login};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_login_that_is_there,
        a_forced_login_that_fails_leaves_the_old_one,
        a_forced_login_over_what_has_changed,
        what_stands_where_the_login_goes,
        a_codex_home_that_is_none,
        an_account_without_a_home,
        a_configuration_in_the_way,
        no_codex_on_the_host,
        an_account_that_may_not_run_commands,
        a_host_that_is_not_reached,
        a_connection_that_is_lost,
        each_word_of_codex_is_told_with_what_to_do,
        a_script_that_is_ended_behind_our_back,
        a_login_that_never_arrives,
        a_login_that_cannot_be_closed,
        a_port_that_is_taken_here,
        a_server_that_does_not_forward,
        nobody_comes_back_from_the_browser,
        what_is_set_and_not_done_is_a_warning,
    ]
}

/// Checks that a login on `box0` fails with this code and these words, and that nothing keeps running on the host.
fn fails_anyhow(person: &Person<'_>, more: &[&str], code: &str, words: &[impl AsRef<str>]) -> String {
    let said = person.fails(&login(more), code, words);
    person.account().nothing_runs();
    said
}

/// The same, and auth.json is unchanged.
fn fails(person: &Person<'_>, more: &[&str], code: &str, words: &[impl AsRef<str>]) -> String {
    let before = person.account().auth();
    let said = fails_anyhow(person, more, code, words);
    assert_eq!(person.account().auth(), before, "{said}");
    said
}

const UNCHANGED: &str = "auth.json on the host is unchanged";

/// The state if codex was running.
const STOPPED: &str = "codex on the host was stopped, and auth.json there is unchanged";

/// The stub revokes and deletes a login that it finds, as every release from 0.144 on does. So it must not find it.
fn a_forced_login_that_fails_leaves_the_old_one(rig: &Rig) {
    let person = rig.person(1);
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    let refuses = format!("{ISSUER}/device-codes-off");
    let there = || (person.account().auth(), person.account().root("ls -A .codex"));
    let before = there();
    assert_ne!(before.0, "");
    let words = ["the service does not give out device codes", UNCHANGED];
    person.fails(&["login", "--force", "--issuer", &refuses, "box0"], "no-device-login", &words);
    assert_eq!(there(), before);
    assert!(!person.account().asked().contains(&"taken-back".to_owned()));
}

/// Something else stands there when the new login arrives.
fn a_forced_login_over_what_has_changed(rig: &Rig) {
    for (change, is) in [("ln -sf elsewhere", "symbolic link"), ("rm -f \"$old\"; mkdir", "directory")] {
        let codex = that_logs_in(&format!("old=~/.codex/auth.json; {change} \"$old\"; {PRINTS_CODE}"));
        let person = rig.account().login(0o600).codex(&codex).person();
        let (stdout, _) = person.ends(&login(&["--force"]), 1);
        has(&stdout, &["changed in the meantime", "the changed file was kept"]);
        assert_eq!(person.account().root("stat -c %F .codex/auth.json"), format!("{is}\n"));
        assert_eq!(person.account().root("ls -A .codex"), "auth.json\n");
    }
}

/// Checks that a command for a shell on the host is alone on its line, below a hint that says where.
fn pastes_there(said: &str, command: &str) {
    pastes(said, command);
    let above = said.lines().zip(said.lines().skip(1)).find(|(_, line)| line.trim() == command);
    assert!(above.is_some_and(|(hint, _)| hint.ends_with(" (on the host):")), "{said}");
}

/// Checks that a command is alone on its line, as it can be pasted.
fn pastes(said: &str, command: &str) {
    assert!(said.lines().any(|line| line.trim() == command), "`{command}` is not alone on a line:\n{said}");
}

/// The same for a command of this program for `box0`, which starts with these words.
fn pastes_ours(said: &str, words: &str) {
    let is_it =
        |line: &str| line.starts_with(&format!("codex-remote-auth {words} ")) && line.ends_with(" box0");
    assert!(said.lines().any(|line| is_it(line.trim())), "`{words}` is not alone on a line:\n{said}");
}

fn a_login_that_is_there(rig: &Rig) {
    let person = rig.account().login(0o600).person();
    let path = format!("{}/.codex/auth.json", person.account().home);
    let words = [
        &*path,
        "nothing was changed",
        "to replace it after a new login has succeeded",
        "would revoke it, with every copy of it",
        "login-ends-the-old-one",
    ];
    let said = fails(&person, &[], "login-there", &words);
    pastes_ours(&said, "login --force");
    assert!(person.account().asked().is_empty());
}

fn what_stands_where_the_login_goes(rig: &Rig) {
    let person = rig.account().file("elsewhere", "mine").link(".codex/auth.json", "../elsewhere").person();
    let path = format!("{}/.codex/auth.json", person.account().home);
    let words = ["symbolic link", "nothing was changed", "remove the link", "CODEX_HOME"];
    for more in [[].as_slice(), &["--force"]] {
        pastes_there(&fails(&person, more, "auth-is-a-link", &words), &format!("rm {path}"));
    }
    assert_eq!(person.account().root("cat elsewhere; readlink .codex/auth.json"), "mine../elsewhere\n");
    let person = rig.account().file(".codex/auth.json/x", "").person();
    let path = format!("{}/.codex/auth.json", person.account().home);
    let words = ["not a regular file", "nothing was changed", "move it away first"];
    let said = fails_anyhow(&person, &["--force"], "auth-not-a-file-there", &words);
    pastes_there(&said, &format!("mv {path} {path}.old"));
    assert_eq!(person.account().root("ls .codex/auth.json"), "x\n");
}

fn a_codex_home_that_is_none(rig: &Rig) {
    let person = rig.account().file(".codex", "mine").person();
    let words = ["not a directory", "nothing was sent", "Move it away"];
    fails(&person, &[], "home-not-a-directory", &words);
    let person = rig.person(1);
    person.account().root("mkdir -m 777 .codex");
    fails(&person, &[], "home-not-ours", &["belongs to user 0", "nothing was sent", "chown"]);
    let person = rig.account().file(".bashrc", "export CODEX_HOME=/sys/codex\n").person();
    let words =
        ["Read-only file system", "nothing was changed", "create the folder and give it to the account"];
    fails(&person, &[], "cannot-make-directory", &words);
}

fn an_account_without_a_home(rig: &Rig) {
    let person = rig.account().file(".bashrc", "HOME=/no/such/home\n").person();
    let words = ["`/no/such/home` does not exist", "nothing was sent", "hint: create it"];
    let (stdout, _) = person.ends(&login(&[]), 1);
    has(&stdout, &words);
    fails(&person, &[], "no-home", &words[..2]);
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
            ["= \"api\"", "lesson forced-login-method", "or copy an API key"],
        ),
    ] {
        let person = rig.account().file(".codex/config.toml", line).person();
        let said = fails(&person, &[], code, &words);
        has(&said, &["nothing was changed"]);
        if code == "login-form-is-forced" {
            pastes_ours(&said, "deploy --api-key");
        }
        assert!(person.account().asked().is_empty());
    }
}

fn no_codex_on_the_host(rig: &Rig) {
    let person = rig.account().without_codex().person();
    let words = ["codex was not found on the host", "nothing was changed", "install it"];
    pastes_there(&fails(&person, &[], "no-codex", &words), "npm install -g @openai/codex");
    assert_eq!(person.account().root("ls -A"), ".ssh\n");
}

fn an_account_that_may_not_run_commands(rig: &Rig) {
    let person = rig.account().shell("/usr/sbin/nologin").person();
    let words = ["did not run our script", "exit status 1", "nothing was sent", "login shell (nologin"];
    fails(&person, &[], "no-reply", &words);
}

fn a_host_that_is_not_reached(rig: &Rig) {
    let person = rig.person(1);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let host = format!("me@127.0.0.1:{port}");
    let words = [&*format!("could not connect to {host}: "), "refused", "the port is right"];
    let said = person.fails(&["login", &host], "ssh-unreachable", &words);
    assert!(!said.contains("unchanged"), "the message describes a host that was not reached: {said}");
    let (stdout, stderr) = person.ends(&["login", "box:0"], 2);
    assert_eq!(stdout, "");
    has(&stderr, &["`box:0` is not a valid host: the port", "USER@HOST:PORT"]);
}

fn a_connection_that_is_lost(rig: &Rig) {
    let person = rig.account().login(0o600).file(".bashrc", "kill -9 $PPID\n").person();
    let endpoint = format!("the connection to {}@", person.account().name);
    let words = [&*endpoint, " was lost while ", "try again", UNCHANGED];
    fails(&person, &["--force"], "ssh-lost", &words);
}

fn each_word_of_codex_is_told_with_what_to_do(rig: &Rig) {
    let device = "Error logging in with device code:";
    for (said, code, next) in [
        (
            format!("{device} device code login is not enabled for this server."),
            "no-device-login",
            "--browser",
        ),
        (
            format!("{device} error sending request for url (https://x.invalid/?code=SECRET)"),
            "no-network",
            "HTTPS_PROXY",
        ),
        (
            format!("{device} device auth failed with status 400 Bad Request"),
            "refused",
            "try again with the right account",
        ),
        (format!("{device} device auth timed out after 15 minutes"), "expired", "Settings, Security"),
        (
            format!("{device} device auth failed with status 500 for ABCD-EFGH"),
            "failed",
            "to see more, log in",
        ),
        ("Error logging in: Login cancelled".to_owned(), "superseded", "when that one is done, try again"),
        (
            "ChatGPT login is disabled. Use API key login instead.".to_owned(),
            "login-form-is-forced",
            "or copy an API key",
        ),
    ] {
        let person = rig.account().codex(&fails_with(&said)).person();
        let text = fails(&person, &[], code, &[next]);
        assert!(!text.contains("SECRET"), "{text}");
        // Without what the message must not repeat.
        let said = said.split("?code").next().unwrap().trim_end_matches(" for ABCD-EFGH");
        match code {
            "superseded" => has(&text, &["auth.json on the host now depends on that other login"]),
            "login-form-is-forced" => has(&text, &["nothing was changed"]),
            "failed" => has(&text, &[said, "exit status 1", UNCHANGED]),
            _ => has(&text, &[said, UNCHANGED]),
        }
        assert_eq!(person.account().auth(), "");
    }
}

fn a_script_that_is_ended_behind_our_back(rig: &Rig) {
    // It has logged in, and ends the script too.
    let ends = that_logs_in(PRINTS_CODE);
    let person = rig.account().codex(&format!("{ends}\nkill -9 $PPID")).person();
    let (first, _) = person.ends(&login(&[]), 1);
    has(&first, &["auth.json on the host is either the old file or a new one"]);
    let words = [
        "ended early (",
        "after codex was asked to log in",
        "auth.json on the host is either the old file or a new one",
        "to see which",
    ];
    let said = fails_anyhow(&person, &["--force"], "ended-early", &words);
    pastes_ours(&said, "doctor");
    assert!(!said.contains("nothing was changed"), "{said}");
    assert_ne!(person.account().auth(), "", "it did");
}

fn a_login_that_never_arrives(rig: &Rig) {
    let person = rig.account().codex("echo --device-auth").person();
    let words = ["reported success, but made no auth.json", "such as a keyring", "the host's configuration"];
    let said = fails(&person, &[], "nothing-arrived", &words);
    pastes_ours(&said, "doctor");
}

fn a_login_that_cannot_be_closed(rig: &Rig) {
    let open = that_logs_in(&format!("umask 022; {PRINTS_CODE}"));
    let person = rig.account().codex(&open).person();
    person.plants("chmod", "echo chmod: not today >&2; exit 1");
    let words = [
        "the mode of auth.json on the host could not be set to 0600: chmod: not today",
        "the login is on the host, and others can read it",
        "make it private",
        "chmod 600",
    ];
    let (stdout, _) = person.ends(&login(&[]), 1);
    has(&stdout, &words);
    assert_eq!(person.account().root("stat -c %a .codex/auth.json"), "644\n");
    // One that would replace this login is still in its private directory, and goes with it.
    let before = person.account().auth();
    let (stdout, _) = person.ends(&login(&["--force"]), 1);
    has(&stdout, &["chmod: not today", UNCHANGED]);
    assert_eq!(person.account().auth(), before);
    assert_eq!(person.account().root("ls -A .codex"), "auth.json\n");
}

fn a_port_that_is_taken_here(rig: &Rig) {
    let _turn = turn();
    let person = rig.person(1);
    // A browser first tries `localhost` over IPv6. A program that has only this port would get the login.
    for address in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
        if TcpListener::bind((address, 0)).is_err() {
            println!("NOT TESTED: this machine has no {address}");
            continue;
        }
        let _taken = TcpListener::bind((address, PORT)).unwrap();
        let words = ["port 1455 of this machine is in use", STOPPED, "to see which program uses it"];
        pastes(&fails(&person, &["--browser"], "port-taken", &words), "ss -ltnp 'sport = :1455'");
    }
}

fn a_server_that_does_not_forward(rig: &Rig) {
    let _turn = turn();
    let line = format!("no-port-forwarding {}\n", rig.container().client_key().public);
    let person = rig.account().file(".ssh/authorized_keys", &line).person();
    let words = [
        "does not forward to its 127.0.0.1:1455",
        STOPPED,
        "AllowTcpForwarding",
        "no-port-forwarding",
        "the device login needs no forwarding",
    ];
    fails(&person, &["--browser"], "not-forwarded", &words);
}

fn nobody_comes_back_from_the_browser(rig: &Rig) {
    let _turn = turn();
    let person = rig.person(1);
    fails(
        &person,
        &["--browser", "--timeout", "2"],
        "timed-out",
        &["timed out after 2 s waiting for approval"],
    );
}

fn what_is_set_and_not_done_is_a_warning(rig: &Rig) {
    let person = rig.account().login(0o600).person();
    let (_, stderr) = person.ends(&login(&["-o", "PKCS11Provider=/x"]), 1);
    has(&stderr, &["box0: warning: the SSH configuration sets pkcs11provider, which is not supported here"]);
}
