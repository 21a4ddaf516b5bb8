//! Logins that are given up, cut or interrupted: nothing runs on on the host, and what was there is there.

use std::time::{Duration, Instant};

use codex_remote_auth::login::{LoginError, LoginOptions, LoginState, log_in};
use tests::proxy::Proxy;
use tests::running;

use crate::Case;
use crate::rig::{LOGIN, RecordingPrompt, Remote, Rig, options};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        who_never_agrees_is_not_waited_for,
        a_codex_that_ignores_the_order_to_end_is_killed_with_its_child,
        a_codex_that_hangs_before_it_begins_is_stopped,
        a_line_that_is_cut_stops_codex_and_leaves_the_old_login,
        who_goes_away_leaves_nothing_running,
    ]
}

/// A codex that shows a code and waits for ever, by this.
pub(crate) fn waiting(text: &str) -> String {
    format!(
        "case $* in *--help) echo --device-auth; exit ;; --version) exit ;; esac\n\
         printf '  http://127.0.0.1:8790/codex/device\\n  ABCD-EFGH\\n'\n{text}"
    )
}

fn stops(remote: &Remote<'_>, options: &LoginOptions, code: &str) -> LoginError {
    let began = Instant::now();
    let (error, _) = remote.fails(options, code);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    remote.nothing_runs();
    error
}

fn who_never_agrees_is_not_waited_for(rig: &Rig) {
    let remote = rig.account().login(0o600).program(&waiting("sleep 300 & sleep 301")).make();
    let before = remote.auth();
    let short = LoginOptions { force: true, deadline: Duration::from_millis(1_500), ..options() };
    let error = stops(&remote, &short, "timed-out");
    assert!(error.to_string().contains("as it was"), "{error}");
    assert_eq!(remote.auth(), before);
}

fn a_codex_that_ignores_the_order_to_end_is_killed_with_its_child(rig: &Rig) {
    let deaf = "trap '' TERM HUP INT; (while :; do sleep 1; done) & while :; do sleep 1; done";
    let remote = rig.account().program(&waiting(deaf)).make();
    stops(&remote, &LoginOptions { deadline: Duration::from_millis(800), ..options() }, "timed-out");
}

fn a_codex_that_hangs_before_it_begins_is_stopped(rig: &Rig) {
    for program in ["sleep 300 & sleep 301", "case $* in *--help) ;; *) sleep 300 ;; esac"] {
        let remote = rig.account().program(program).make();
        stops(&remote, &LoginOptions { start: Duration::from_secs(1), ..options() }, "ssh-timed-out");
    }
}

/// Waits until the person has been shown what to do.
fn is_shown(told: &RecordingPrompt) -> bool {
    running::within(LOGIN, || !told.devices().is_empty())
}

fn a_line_that_is_cut_stops_codex_and_leaves_the_old_login(rig: &Rig) {
    let remote = rig.account().login(0o600).program(&waiting("sleep 300 & sleep 301")).make();
    let before = remote.auth();
    let proxy = Proxy::to(rig.container().address());
    let told = RecordingPrompt::default();
    let options = LoginOptions { force: true, ..options() };
    let error = std::thread::scope(|scope| {
        let logging_in = scope.spawn(|| {
            let session =
                rig.container().session_at(&remote.account, "127.0.0.1", proxy.port(), LOGIN).unwrap();
            log_in(&session, &options, &told).unwrap_err()
        });
        assert!(is_shown(&told));
        proxy.cut_now();
        logging_in.join().unwrap()
    });
    assert!(matches!(error, LoginError::Ssh { state: LoginState::Stopped, .. }), "{error:?}");
    remote.shows_nothing(&error, &told);
    remote.nothing_will_run();
    assert_eq!(remote.auth(), before);
}

fn who_goes_away_leaves_nothing_running(rig: &Rig) {
    let remote = rig.account().program(&waiting("sleep 300 & sleep 301")).make();
    let session = remote.session();
    // A grace of zero is not possible; a codex that is deaf to TERM outlives ours.
    let short = LoginOptions { deadline: Duration::from_millis(300), ..options() };
    log_in(&session, &short, &RecordingPrompt::default()).unwrap_err();
    drop(session);
    remote.nothing_will_run();
    assert_eq!(remote.auth(), "");
}
