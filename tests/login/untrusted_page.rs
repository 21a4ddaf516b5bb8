//! A malicious host that wants the login: the pages that it asks a person to open, and the ports that it wants on this machine.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use tests::Rig;
use tests::browser::turn;
use tests::home::{has, in_full, of_first_host};
use tests::person::Person;
use tests::running::within;
use tests::terminal::Terminal;

use crate::fake_codex::{with_browser_page, with_page};
use crate::open_link::{NOTES, logs_in, opened, path};
use crate::{Case, login};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_page_that_is_not_codexs_is_refused_where_nobody_can_be_asked,
        a_page_that_is_not_codexs_is_shown_and_asked_about_at_a_terminal,
        a_port_that_is_not_codexs_is_refused_where_nobody_can_be_asked,
        a_port_that_is_not_codexs_is_asked_about_at_a_terminal,
        a_page_that_sends_the_login_elsewhere_is_refused_in_any_case,
    ]
}

const SOMEONE: &str = "someone on the host may be trying to get your login";

/// Checks that the login is refused with this code, that nothing was opened or shown, and that nothing runs on the host.
fn refuses(person: &Person<'_>, code: &str, words: &[&str]) {
    let before = person.account().auth();
    let ((status, stdout, stderr), opened) = logs_in(person, Some(NOTES), &["--open", "--format", "json"]);
    assert_eq!((status, opened), (1, None), "{stdout}{stderr}");
    let error = &of_first_host(&stdout)["error"];
    assert_eq!(error["code"], code, "{error}");
    has(&in_full(error), words);
    assert_eq!(error["state"], "codex on the host was stopped, and auth.json there is unchanged");
    for secret in ["ABCD-EFGH", "SECRETSTATE"] {
        assert!(!stderr.contains(secret) && !stdout.contains(secret), "{stderr}{stdout}");
    }
    person.account().nothing_runs();
    assert_eq!(person.account().auth(), before);
}

fn a_page_that_is_not_codexs_is_refused_where_nobody_can_be_asked(rig: &Rig) {
    for (page, shown) in [
        ("https://auth.openai.com.evil.example/codex/device", "https://auth.openai.com.evil.example, "),
        ("https://auth.openai.com@evil.example/codex/device", "https://evil.example, "),
        ("http://auth.openai.com/codex/device", "http://auth.openai.com, "),
        ("http://127.0.0.1:8791/codex/device", "http://127.0.0.1:8791, "),
    ] {
        let person = rig.account().codex(&with_page(page)).person();
        refuses(&person, "page-not-trusted", &[shown, "not OpenAI's", SOMEONE, "run this in a terminal"]);
    }
    let person =
        rig.account().codex(&with_browser_page("https://evil.example", "http://localhost:1455/x")).person();
    refuses(&person, "page-not-trusted", &["https://evil.example, "]);
}

/// Logs in at a terminal.
fn at_terminal(person: &Person<'_>) -> Terminal {
    let path = path(person, Some(NOTES));
    person.at_terminal(&login(&["--open", "--timeout", "20"]).join(" "), Some(&path))
}

fn a_page_that_is_not_codexs_is_shown_and_asked_about_at_a_terminal(rig: &Rig) {
    let page = "https://sso.example/codex/device";
    for (answer, agreed) in [(b"no\n".as_slice(), false), (b"yes\n", true)] {
        let person = rig.account().codex(&with_page(page)).person();
        let mut terminal = at_terminal(&person);
        terminal.hears("Go on with this page (yes/no)? ", b"what?\n");
        assert!(terminal.shown().contains(&format!("\r\n    {page}\r\n")), "{}", terminal.shown());
        assert!(!terminal.shown().contains("ABCD-EFGH"), "the code is shown before anybody agreed");
        assert_eq!(opened(&person), None);
        terminal.hears("Please type 'yes' or 'no': ", answer);
        if agreed {
            terminal.hears("ABCD-EFGH", b"\x03");
            assert!(within(Duration::from_secs(20), || opened(&person).is_some()), "nothing was opened");
            assert_eq!(opened(&person).unwrap(), format!("{page}\n"));
            terminal.ends(130);
        } else {
            let shown = String::from_utf8(terminal.ends(1)).unwrap();
            assert!(shown.contains("FAILED    box0  ") && !shown.contains("ABCD-EFGH"), "{shown}");
            has(&shown, &["not OpenAI's", SOMEONE]);
            assert!(!shown.contains("run this in a terminal"), "it was run in one: {shown}");
            assert_eq!(opened(&person), None);
        }
        person.account().nothing_will_run();
    }
}

/// A free port on this machine.
fn free() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn a_port_that_is_not_codexs_is_refused_where_nobody_can_be_asked(rig: &Rig) {
    let port = free();
    let person = rig
        .account()
        .codex(&with_browser_page("https://auth.openai.com", &format!("http://localhost:{port}/x")))
        .person();
    refuses(
        &person,
        "port-not-trusted",
        &[&format!("asks for port {port} of this machine"), "1455 and 1457", "run this in a terminal"],
    );
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
}

fn a_port_that_is_not_codexs_is_asked_about_at_a_terminal(rig: &Rig) {
    let port = free();
    let person = rig
        .account()
        .codex(&with_browser_page("https://auth.openai.com", &format!("http://localhost:{port}/x")))
        .person();
    let mut terminal = at_terminal(&person);
    terminal.hears(&format!("listen on port {port} "), b"");
    terminal.hears("Go on with this port (yes/no)? ", b"no\n");
    let shown = String::from_utf8(terminal.ends(1)).unwrap();
    assert!(!shown.contains("SECRETSTATE"), "{shown}");
    has(&shown, &[&format!("FAILED    box0  codex on the host asks for port {port} of this machine")]);
    assert!(!shown.contains("run this in a terminal"), "it was run in one: {shown}");
    assert_eq!(opened(&person), None);
    person.account().nothing_will_run();
}

fn a_page_that_sends_the_login_elsewhere_is_refused_in_any_case(rig: &Rig) {
    let _turn = turn();
    for (back, to) in [
        ("http://evil.example:1455/auth/callback", "http://evil.example:1455, "),
        ("http://localhost:1455@evil.example/", "http://evil.example, "),
        ("https://localhost:1455/", "https://localhost:1455, "),
    ] {
        let person = rig.account().codex(&with_browser_page("https://auth.openai.com", back)).person();
        refuses(&person, "sent-elsewhere", &[to, "not to this machine", SOMEONE]);
    }
    let person = rig
        .account()
        .codex(&with_browser_page("https://auth.openai.com", "http://evil.example:1455/"))
        .person();
    let terminal = at_terminal(&person);
    let shown = String::from_utf8(terminal.ends(1)).unwrap();
    assert!(!shown.contains("(yes/no)") && shown.contains("would send the login to"), "{shown}");
    person.account().nothing_will_run();
}
