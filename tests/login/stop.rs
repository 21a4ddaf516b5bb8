//! Logins that are stopped, cut off or interrupted: nothing keeps running on the host, and its existing login stays.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use codex_remote_auth::login::{LoginOptions, log_in};
use harness::target::Proxy;
use tests::Rig;
use tests::browser::{PORT, turn};
use tests::home::has;
use tests::recording_prompt::RecordingPrompt;

use crate::under_way::UnderWay;
use crate::{Case, ISSUER, fake_codex, login};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        nobody_agrees_in_time,
        a_codex_that_hangs_before_it_begins_is_stopped,
        a_line_that_is_cut_stops_codex_and_leaves_the_old_login,
        an_interruption_leaves_nothing_running_and_the_old_login,
        an_interruption_while_a_browser_is_awaited_leaves_nothing_running,
    ]
}

fn nobody_agrees_in_time(rig: &Rig) {
    for waits in [
        "sleep 300 & sleep 301",
        "trap '' TERM HUP INT; (while :; do sleep 1; done) & while :; do sleep 1; done",
    ] {
        let person = rig.account().login(0o600).codex(&fake_codex::then(waits)).person();
        let before = person.account().auth();
        let began = Instant::now();
        let words = [
            "timed out after 1 s waiting for approval",
            "codex on the host was stopped, and auth.json there is unchanged",
            "--timeout sets how long to wait",
        ];
        person.fails(&login(&["--force", "--timeout", "1"]), "timed-out", &words);
        assert!(began.elapsed() < Duration::from_secs(16), "two calls took {:?}", began.elapsed());
        person.account().nothing_runs();
        assert_eq!(person.account().auth(), before);
    }
}

/// Through the library, since the program allows it a minute.
fn a_codex_that_hangs_before_it_begins_is_stopped(rig: &Rig) {
    for codex in ["sleep 300 & sleep 301", "case $* in *--help) ;; *) sleep 300 ;; esac"] {
        let account = rig.account().codex(codex).make();
        let options = LoginOptions {
            issuer: Some(ISSUER.to_owned()),
            start: Duration::from_secs(1),
            ..LoginOptions::default()
        };
        let began = Instant::now();
        let error = log_in(&account.session(), &options, &RecordingPrompt::default()).unwrap_err();
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
        rig.shows_nothing(&error);
        assert_eq!(error.code(), "ssh-timed-out", "{error}");
        account.nothing_runs();
    }
}

fn a_line_that_is_cut_stops_codex_and_leaves_the_old_login(rig: &Rig) {
    let codex = fake_codex::then("sleep 300 & sleep 301");
    let person = rig.account().login(0o600).codex(&codex).person();
    let before = person.account().auth();
    let proxy = Proxy::to(rig.container().address()).unwrap();
    person.reaches("127.0.0.1", proxy.port());
    let under_way = UnderWay::begins(&person, &["--force"]);
    proxy.cut_now();
    let (status, stdout, _) = under_way.ends();
    assert_eq!(status, 1, "{stdout}");
    let words = [
        "the connection to ",
        " was lost while ",
        "codex on the host stops when the connection ends; auth.json there is unchanged",
        "hint: try again",
    ];
    has(&stdout, &words);
    person.account().nothing_will_run();
    assert_eq!(person.account().auth(), before);
}

fn an_interruption_leaves_nothing_running_and_the_old_login(rig: &Rig) {
    let codex = fake_codex::then("sleep 300 & sleep 301");
    let person = rig.account().login(0o600).codex(&codex).person();
    let before = person.account().auth();
    let under_way = UnderWay::begins(&person, &["--force"]);
    under_way.interrupts();
    assert_ne!(under_way.ends().0, 0);
    person.account().nothing_will_run();
    assert_eq!(person.account().auth(), before);
    assert_eq!(person.account().root("ls -A .codex"), "auth.json\n");
}

fn an_interruption_while_a_browser_is_awaited_leaves_nothing_running(rig: &Rig) {
    let _turn = turn();
    let person = rig.person(1);
    let under_way = UnderWay::begins(&person, &["--browser"]);
    assert!(under_way.link.starts_with(&format!("{ISSUER}/oauth/authorize?")));
    under_way.interrupts();
    assert_ne!(under_way.ends().0, 0);
    person.account().nothing_will_run();
    assert_eq!(person.account().auth(), "");
    assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)).is_ok());
}
