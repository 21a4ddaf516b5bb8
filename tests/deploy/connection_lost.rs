//! Connections that break and hosts that stop: at whatever byte, the login on the host is the old one or the new one,
//! complete, and nothing keeps running.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use codex_remote_auth::auth_json::AuthFile;
use codex_remote_auth::deploy::{DeployOptions, Receipt, deploy};
use codex_remote_auth::message::Failure as _;
use codex_remote_auth::remote::{Proof, RemoteError, RemoteState};
use codex_remote_auth::ssh::{Deadline, Session, SshProblem};
use codex_remote_auth::testing::deploy_with_script;
use harness::target::{Proxy, Towards};
use tests::Rig;
use tests::account::CONNECT;

use crate::Case;
use crate::target::{Target, edited, enough, fails, large, plain};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_line_cut_anywhere_on_the_way_there_leaves_a_whole_login,
        a_line_cut_anywhere_on_the_way_back_leaves_a_whole_login,
        a_line_cut_in_the_middle_of_the_login_leaves_the_old_one,
        a_line_cut_during_the_proof_stops_the_program,
        a_caller_who_goes_away_during_the_proof_stops_the_program,
        a_remote_that_stops_before_the_command_is_a_timeout,
        a_remote_that_stops_reading_is_a_timeout,
    ]
}

/// Deploys the second login over the connection. `before` is called after authentication.
fn over(
    target: &Target<'_>,
    proxy: &Proxy,
    auth: &AuthFile,
    options: &DeployOptions,
    before: impl FnOnce(),
) -> Result<Receipt, RemoteError> {
    let container = target.rig.container();
    let session = container.session_at(target, "127.0.0.1", proxy.port(), CONNECT).unwrap();
    before();
    deploy(&session, auth, options, enough())
}

/// How many bytes a complete deploy sends in that direction after authentication.
fn whole(target: &Target<'_>, auth: &AuthFile, towards: Towards) -> u64 {
    let proxy = Proxy::to(target.rig.container().address()).unwrap();
    let mut start = 0;
    over(target, &proxy, auth, &plain(), || start = proxy.bytes(towards)).unwrap();
    proxy.bytes(towards) - start
}

/// Cuts the connection at this many places: half of them evenly, and half near the end, where the file is replaced.
fn cut_everywhere(rig: &Rig, towards: Towards, cuts: u64) {
    let all: Vec<u64> = (0..cuts).collect();
    let seen = std::thread::scope(|scope| {
        // It mostly waits, so several accounts run in parallel.
        let parts = all.chunks(8).map(|part| scope.spawn(move || cut_at(rig, towards, cuts, part)));
        let parts: Vec<_> = parts.collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect::<BTreeSet<_>>()
    });
    assert!(seen.len() > 1, "the cuts were all at one place: {seen:?}");
}

/// Cuts it at some of them. Returns what was reported about the login on the host, and whether it was the old one.
fn cut_at(rig: &Rig, towards: Towards, cuts: u64, part: &[u64]) -> Vec<(String, bool)> {
    let target = Target::of(rig, |account| account);
    // The existing login is read too, each time.
    target.deploy(&target.one).unwrap();
    let new = large(&target.two, 20_000);
    let total = whole(&target, &new, towards);
    let mut seen = Vec::new();
    for &cut in part {
        target.deploy(&target.one).unwrap();
        let proxy = Proxy::to(rig.container().address()).unwrap();
        let at =
            if cut < cuts / 2 { total * 2 * cut / cuts } else { total.saturating_sub(50 * (cuts - cut)) };
        let result = over(&target, &proxy, &new, &plain(), || proxy.cut_after(towards, at));
        target.nothing_will_run();
        assert_eq!(target.root("find . -name '.auth.json.*'"), "");
        let there = target.digest();
        let is_old = there == target.one.bytes().sha256();
        target.has(if is_old { &target.one } else { &new }, ".codex");
        match result {
            // Everything that matters had passed.
            Ok(_) => assert!(!is_old, "cut at {at} of {total}"),
            Err(error) => {
                rig.shows_nothing(&error);
                let RemoteError::Ssh { problem: SshProblem::Lost { .. }, state } = error else {
                    panic!("cut at {at} of {total}: {error}");
                };
                match state {
                    RemoteState::NotReached | RemoteState::Untouched => {
                        assert!(is_old, "cut at {at} of {total}");
                    }
                    RemoteState::OldOrNew => {}
                    RemoteState::New => assert!(!is_old, "cut at {at} of {total}"),
                }
                seen.push((format!("{state:?}"), is_old));
            }
        }
    }
    seen
}

fn a_line_cut_anywhere_on_the_way_there_leaves_a_whole_login(rig: &Rig) {
    cut_everywhere(rig, Towards::Server, 30);
}

fn a_line_cut_anywhere_on_the_way_back_leaves_a_whole_login(rig: &Rig) {
    cut_everywhere(rig, Towards::Client, 16);
}

fn a_line_cut_in_the_middle_of_the_login_leaves_the_old_one(rig: &Rig) {
    let target = Target::deployed(rig);
    let new = large(&target.two, 400_000);
    let proxy = Proxy::to(rig.container().address()).unwrap();
    let result = over(&target, &proxy, &new, &plain(), || proxy.cut_after(Towards::Server, 200_000));
    let error = fails(rig, result, "ssh-lost");
    let RemoteError::Ssh { state, .. } = &error else { unreachable!() };
    // The trial can see that the old login is still on the host. The deploying machine cannot.
    assert_eq!(*state, RemoteState::OldOrNew);
    assert!(error.in_full().contains("either the old file or the new one, complete"), "{}", error.in_full());
    target.nothing_will_run();
    target.has(&target.one, ".codex");
}

/// An account whose codex reports that it runs, and then does not end.
fn with_endless_codex<'r>(rig: &'r Rig) -> Target<'r> {
    Target::of(rig, |account| account.codex("touch ~/runs\nsleep 300 &\nsleep 301"))
}

fn runs(target: &Target<'_>) -> bool {
    tests::running::within(CONNECT, || target.root("[ ! -e runs ] || echo yes") == "yes\n")
}

fn a_line_cut_during_the_proof_stops_the_program(rig: &Rig) {
    let target = with_endless_codex(rig);
    let proxy = Proxy::to(rig.container().address()).unwrap();
    let result = std::thread::scope(|scope| {
        let deploying = scope.spawn(|| over(&target, &proxy, &target.one, &DeployOptions::default(), || {}));
        assert!(runs(&target));
        // The script has said that the login is in place. On a busy machine that may still be on its way.
        std::thread::sleep(Duration::from_millis(500));
        proxy.cut_now();
        deploying.join().unwrap()
    });
    let error = fails(rig, result, "ssh-lost");
    assert!(matches!(error, RemoteError::Ssh { state: RemoteState::New, .. }), "{error:?}");
    target.nothing_will_run();
    target.has(&target.one, ".codex");
}

fn a_caller_who_goes_away_during_the_proof_stops_the_program(rig: &Rig) {
    let target = with_endless_codex(rig);
    let session = target.session();
    // A deadline of zero: we give up as soon as the program has started.
    let options = DeployOptions {
        proof: Some(Proof { time_limit: Duration::ZERO, ..Default::default() }),
        ..DeployOptions::default()
    };
    deploy(&session, &target.one, &options, enough()).unwrap();
    drop(session);
    target.nothing_will_run();
}

/// Stops all processes of the account, including sshd's part.
fn stop(target: &Target<'_>) {
    // sshd switches to the account only after it has told us that we are authenticated. Until then, what is seen may be the end of
    // an earlier session.
    target.root(&format!(
        "all() {{ find /proc -maxdepth 1 -uid {} -name '[0-9]*' -printf '%f '; }}\n\
         until [ -n \"$(all)\" ]; do sleep 0.02; done\n\
         for look in 1 2 3 4 5 6 7 8 9 10; do kill -STOP $(all) || :; sleep 0.03; done",
        target.uid
    ));
}

fn kill(target: &Target<'_>) {
    target.root(&format!(
        "kill -KILL $(find /proc -maxdepth 1 -uid {} -name '[0-9]*' -printf '%f ') 2>/dev/null || :",
        target.uid
    ));
}

const SHORT: Duration = Duration::from_millis(700);

/// Checks that a deploy ends in time and reports it, and that it can also be abandoned in time.
fn times_out(
    target: &Target<'_>,
    session: Session,
    deploying: impl FnOnce(&Session) -> Result<Receipt, RemoteError>,
) -> RemoteState {
    let began = Instant::now();
    let result = deploying(&session);
    drop(session);
    let took = began.elapsed();
    kill(target);
    assert!(took < SHORT + Duration::from_secs(3), "{took:?}");
    let RemoteError::Ssh { state, .. } = fails(target.rig, result, "ssh-timed-out") else { unreachable!() };
    target.nothing_will_run();
    target.has(&target.one, ".codex");
    state
}

fn a_remote_that_stops_before_the_command_is_a_timeout(rig: &Rig) {
    let target = Target::deployed(rig);
    let session = target.session();
    stop(&target);
    let state =
        times_out(&target, session, |session| deploy(session, &target.two, &plain(), Deadline::after(SHORT)));
    assert_eq!(state, RemoteState::Untouched);
}

fn a_remote_that_stops_reading_is_a_timeout(rig: &Rig) {
    let target = Target::deployed(rig);
    // More than the pipe on the host can hold, so that our writing gets stuck.
    let new = large(&target.two, 900_000);
    let session = target.session();
    let script = edited("  enter\n  make auth.json", "  kill -STOP 0; enter\n  make auth.json");
    let state = times_out(&target, session, |session| {
        deploy_with_script(session, &new, &plain(), Deadline::after(SHORT), &script)
    });
    assert_eq!(state, RemoteState::OldOrNew);
}
