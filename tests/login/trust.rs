//! A host that is after the login: the pages that it would have a person open, the ports that it would have this machine take.

use std::net::{Ipv4Addr, TcpListener};

use serde_json::Value;
use tests::page::turn;
use tests::running;
use tests::terminal::Terminal;

use crate::Case;
use crate::opened::{NOTES, logs_in, opened, path};
use crate::program::home;
use crate::rig::{ISSUER, Remote, Rig};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_page_that_is_not_codexs_is_refused_where_nobody_can_be_asked,
        a_page_that_is_not_codexs_is_shown_and_asked_about_at_a_terminal,
        a_port_that_is_not_codexs_is_refused_where_nobody_can_be_asked,
        a_port_that_is_not_codexs_is_asked_about_at_a_terminal,
        a_page_that_sends_the_login_elsewhere_is_refused_in_any_case,
    ]
}

/// A codex whose device login shows this page.
fn device(page: &str) -> String {
    format!(
        "case $* in *--help) echo --device-auth; exit ;; --version) exit ;; esac\n\
         printf '  {page}\\n  ABCD-EFGH\\n'\nexec sleep 300"
    )
}

/// A codex that knows the browser login alone, and shows a page from which the browser is sent back to there.
fn browser(at: &str, back: &str) -> String {
    let query = back.replace(':', "%3A").replace('/', "%2F").replace('@', "%40");
    format!(
        "case $* in *--help) exit ;; --version) exit ;; esac\n\
         echo Open:; echo '{at}/oauth/authorize?redirect_uri={query}&state=SECRETSTATE'; exec sleep 300"
    )
}

/// Holds that the login is refused with this code, that nothing was opened or shown, and that nothing runs on the host.
fn refuses(remote: &Remote<'_>, arguments: &[&str], code: &str, words: &[&str]) {
    let before = remote.auth();
    let (output, opened) =
        logs_in(remote, Some(NOTES), &[&["box", "--open", "--format", "json"], arguments].concat());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(opened, None, "a page was opened");
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let error = &value["hosts"][0]["error"];
    assert_eq!(error["code"], code, "{error}");
    let message = error["message"].as_str().unwrap();
    for word in words {
        assert!(message.contains(word), "`{word}` is missing: {message}");
    }
    assert!(message.contains("auth.json is as it was"), "{message}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    for secret in ["ABCD-EFGH", "SECRETSTATE"] {
        assert!(!stderr.contains(secret) && !message.contains(secret), "{stderr}{message}");
    }
    remote.nothing_runs();
    assert_eq!(remote.auth(), before);
}

fn a_page_that_is_not_codexs_is_refused_where_nobody_can_be_asked(rig: &Rig) {
    for (page, shown) in [
        ("https://auth.openai.com.evil.example/codex/device", "https://auth.openai.com.evil.example, "),
        ("https://auth.openai.com@evil.example/codex/device", "https://evil.example, "),
        ("http://auth.openai.com/codex/device", "http://auth.openai.com, "),
        ("http://127.0.0.1:8791/codex/device", "http://127.0.0.1:8791, "),
    ] {
        let remote = rig.account().program(&device(page)).make();
        refuses(&remote, &[], "page-not-trusted", &[shown, "not OpenAI's", "At a terminal"]);
    }
    let remote = rig.account().program(&browser("https://evil.example", "http://localhost:1455/x")).make();
    refuses(&remote, &[], "page-not-trusted", &["https://evil.example, "]);
}

/// Logs in at a terminal.
fn at_terminal(remote: &Remote<'_>) -> (tempfile::TempDir, Terminal) {
    let home = home(remote);
    let path = path(&home, Some(NOTES));
    let line =
        "PATH=$PROGRAMS \"$PROGRAM\" login -F \"$HOME/config\" --issuer \"$ISSUER\" box --open --timeout 20";
    let terminal = Terminal::runs(
        line,
        &[
            ("PROGRAM", tests::program().as_ref()),
            ("PROGRAMS", path.as_ref()),
            ("ISSUER", ISSUER.as_ref()),
            ("HOME", home.path().as_os_str()),
        ],
    );
    (home, terminal)
}

fn a_page_that_is_not_codexs_is_shown_and_asked_about_at_a_terminal(rig: &Rig) {
    let page = "https://sso.example/codex/device";
    for (answer, agreed) in [(b"no\n".as_slice(), false), (b"yes\n", true)] {
        let remote = rig.account().program(&device(page)).make();
        let (home, mut terminal) = at_terminal(&remote);
        terminal.hears("Go on with this page (yes/no)? ", b"what?\n");
        assert!(terminal.shown().contains(&format!("\r\n    {page}\r\n")), "{}", terminal.shown());
        assert!(!terminal.shown().contains("ABCD-EFGH"), "the code is shown before anybody agreed");
        assert_eq!(opened(&home), None);
        terminal.hears("Please type 'yes' or 'no': ", answer);
        if agreed {
            terminal.hears("ABCD-EFGH", b"\x03");
            assert!(running::within(crate::rig::LOGIN, || opened(&home).is_some()), "nothing was opened");
            assert_eq!(opened(&home).unwrap(), format!("{page}\n"));
            terminal.ends(130);
        } else {
            let shown = String::from_utf8(terminal.ends(1)).unwrap();
            assert!(shown.contains("FAILED    box  ") && !shown.contains("ABCD-EFGH"), "{shown}");
            assert_eq!(opened(&home), None);
        }
        remote.nothing_will_run();
    }
}

/// A port of this machine that is free.
fn free() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn a_port_that_is_not_codexs_is_refused_where_nobody_can_be_asked(rig: &Rig) {
    let port = free();
    let remote = rig
        .account()
        .program(&browser("https://auth.openai.com", &format!("http://localhost:{port}/x")))
        .make();
    refuses(
        &remote,
        &[],
        "port-not-trusted",
        &[&format!("asks for port {port} of this machine"), "1455 and 1457"],
    );
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
}

fn a_port_that_is_not_codexs_is_asked_about_at_a_terminal(rig: &Rig) {
    let port = free();
    let remote = rig
        .account()
        .program(&browser("https://auth.openai.com", &format!("http://localhost:{port}/x")))
        .make();
    let (home, mut terminal) = at_terminal(&remote);
    terminal.hears(&format!("listen on port {port} "), b"");
    terminal.hears("Go on with this port (yes/no)? ", b"no\n");
    let shown = String::from_utf8(terminal.ends(1)).unwrap();
    assert!(!shown.contains("SECRETSTATE"), "{shown}");
    assert_eq!(opened(&home), None);
    remote.nothing_will_run();
}

fn a_page_that_sends_the_login_elsewhere_is_refused_in_any_case(rig: &Rig) {
    let _turn = turn();
    for (back, to) in [
        ("http://evil.example:1455/auth/callback", "http://evil.example:1455, "),
        ("http://localhost:1455@evil.example/", "http://evil.example, "),
        ("https://localhost:1455/", "https://localhost:1455, "),
    ] {
        let remote = rig.account().program(&browser("https://auth.openai.com", back)).make();
        refuses(&remote, &[], "sent-elsewhere", &[to, "not to this machine"]);
    }
    let remote =
        rig.account().program(&browser("https://auth.openai.com", "http://evil.example:1455/")).make();
    let (_home, terminal) = at_terminal(&remote);
    let shown = String::from_utf8(terminal.ends(1)).unwrap();
    assert!(!shown.contains("(yes/no)") && shown.contains("would send the login to"), "{shown}");
    remote.nothing_will_run();
}
