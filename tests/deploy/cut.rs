//! Lines that break and remotes that stop: at whatever byte, the login on the host is the old one or the new one,
//! whole, and nothing runs on.

use std::time::{Duration, Instant};

use codex_remote_auth::auth_json::AuthFile;
use codex_remote_auth::deploy::{DeployError, DeployOptions, Receipt, RemoteState, deploy};
use codex_remote_auth::ssh::{Deadline, Session, SshProblem, Stdin};
use codex_remote_auth::testing::deploy_with_script;
use tests::proxy::{Proxy, Towards};

use crate::Case;
use crate::rig::{DELAY, LOGIN, Remote, Rig, at_most, large, plain};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_line_cut_anywhere_on_the_way_there_leaves_a_whole_login,
        a_line_cut_anywhere_on_the_way_back_leaves_a_whole_login,
        a_line_cut_in_the_middle_of_the_login_leaves_the_old_one,
        a_line_cut_during_the_proof_stops_the_program,
        a_caller_who_goes_away_during_the_proof_stops_the_program,
        a_remote_that_stops_before_the_command_is_a_timeout,
        a_remote_that_stops_reading_is_a_timeout,
        a_deploy_and_its_proof_take_ten_round_trips,
        an_answer_is_heard_at_whatever_moment_it_comes,
    ]
}

/// Deploys the second login over the line, once its login is done and `before` has been told so.
fn over(
    remote: &Remote<'_>,
    proxy: &Proxy,
    auth: &AuthFile,
    options: &DeployOptions,
    before: impl FnOnce(),
) -> Result<Receipt, DeployError> {
    let container = remote.rig.container();
    let session = container.session_at(&remote.account, "127.0.0.1", proxy.port(), LOGIN).unwrap();
    before();
    deploy(&session, auth, options)
}

/// How many bytes a whole deploy sends in that direction after its login.
fn whole(remote: &Remote<'_>, auth: &AuthFile, towards: Towards) -> u64 {
    let proxy = Proxy::to(remote.rig.container().address());
    let mut start = 0;
    over(remote, &proxy, auth, &plain(), || start = proxy.bytes(towards)).unwrap();
    proxy.bytes(towards) - start
}

fn cut_everywhere(rig: &Rig, towards: Towards, cuts: u64) {
    let remote = rig.account().make();
    // What lies there is read too, each time.
    remote.deploy(&remote.one).unwrap();
    let new = large(&remote.two, 20_000);
    let total = whole(&remote, &new, towards);
    let mut seen = std::collections::BTreeSet::new();
    for cut in 0..cuts {
        remote.deploy(&remote.one).unwrap();
        let proxy = Proxy::to(rig.container().address());
        // Half of them evenly, and half near the end, where the file is replaced.
        let at =
            if cut < cuts / 2 { total * 2 * cut / cuts } else { total.saturating_sub(50 * (cuts - cut)) };
        let result = over(&remote, &proxy, &new, &plain(), || proxy.cut_after(towards, at));
        remote.nothing_will_run();
        let tree = remote.tree();
        tree.has_no_rest();
        let there = &tree.at(".codex/auth.json").unwrap().sha256;
        let is_old = *there == remote.one.bytes().sha256();
        remote.has(if is_old { &remote.one } else { &new }, ".codex");
        match result {
            // All that counts had passed.
            Ok(_) => assert!(!is_old, "cut at {at} of {total}"),
            Err(error) => {
                rig.shows_nothing(&error);
                let DeployError::Ssh { problem: SshProblem::Lost { .. }, state } = error else {
                    panic!("cut at {at} of {total}: {error}");
                };
                match state {
                    RemoteState::Untouched => assert!(is_old, "cut at {at} of {total}"),
                    RemoteState::OldOrNew => {}
                    RemoteState::New => assert!(!is_old, "cut at {at} of {total}"),
                }
                seen.insert((state.to_string(), is_old));
            }
        }
    }
    assert!(seen.len() > 1, "the cuts were all at one place: {seen:?}");
}

fn a_line_cut_anywhere_on_the_way_there_leaves_a_whole_login(rig: &Rig) {
    cut_everywhere(rig, Towards::Server, 30);
}

fn a_line_cut_anywhere_on_the_way_back_leaves_a_whole_login(rig: &Rig) {
    cut_everywhere(rig, Towards::Client, 16);
}

fn a_line_cut_in_the_middle_of_the_login_leaves_the_old_one(rig: &Rig) {
    let remote = rig.account().make();
    remote.deploy(&remote.one).unwrap();
    let new = large(&remote.two, 400_000);
    let proxy = Proxy::to(rig.container().address());
    let result = over(&remote, &proxy, &new, &plain(), || proxy.cut_after(Towards::Server, 200_000));
    let error = rig.error(result, "ssh-lost");
    let DeployError::Ssh { state, .. } = &error else { unreachable!() };
    // That the old one is there is what we see here; who deploys cannot.
    assert_eq!(*state, RemoteState::OldOrNew);
    assert!(error.to_string().contains("the old one or the new one, whole"), "{error}");
    remote.nothing_will_run();
    remote.has(&remote.one, ".codex");
}

/// An account whose codex says that it runs, and then does not end.
fn with_endless_codex<'r>(rig: &'r Rig) -> Remote<'r> {
    let text = "#!/bin/sh\ntouch ~/runs\nsleep 300 &\nsleep 301\n";
    rig.account().without_codex().program("bin/codex", text).make()
}

fn runs(remote: &Remote<'_>) -> bool {
    crate::rig::within(LOGIN, || remote.root("[ ! -e runs ] || echo yes") == "yes\n")
}

fn a_line_cut_during_the_proof_stops_the_program(rig: &Rig) {
    let remote = with_endless_codex(rig);
    let proxy = Proxy::to(rig.container().address());
    let result = std::thread::scope(|scope| {
        let deploying = scope.spawn(|| over(&remote, &proxy, &remote.one, &DeployOptions::default(), || {}));
        assert!(runs(&remote));
        proxy.cut_now();
        deploying.join().unwrap()
    });
    let error = rig.error(result, "ssh-lost");
    assert!(matches!(error, DeployError::Ssh { state: RemoteState::New, .. }), "{error:?}");
    remote.nothing_will_run();
    remote.has(&remote.one, ".codex");
}

fn a_caller_who_goes_away_during_the_proof_stops_the_program(rig: &Rig) {
    let remote = with_endless_codex(rig);
    let session = remote.session();
    // A deadline of nothing: we look away as soon as the program has begun.
    let options = DeployOptions {
        proof: Some(codex_remote_auth::deploy::Proof { deadline: Duration::ZERO, ..Default::default() }),
        ..DeployOptions::default()
    };
    deploy(&session, &remote.one, &options).unwrap();
    drop(session);
    remote.nothing_will_run();
}

/// Stops everything of the account, sshd's part included.
fn stop(remote: &Remote<'_>) {
    // sshd takes the account's number only after it has told us that we are in.
    remote.root(&format!(
        "all() {{ find /proc -maxdepth 1 -uid {} -name '[0-9]*' -printf '%f '; }}\n\
         until [ -n \"$(all)\" ]; do sleep 0.02; done\n\
         kill -STOP $(all)",
        remote.account.uid
    ));
}

fn kill(remote: &Remote<'_>) {
    remote.root(&format!(
        "kill -KILL $(find /proc -maxdepth 1 -uid {} -name '[0-9]*' -printf '%f ') 2>/dev/null || :",
        remote.account.uid
    ));
}

const SHORT: Duration = Duration::from_millis(700);

/// Holds that a deploy ends in time, and says so; that it can be turned away from in time, too.
fn times_out(
    remote: &Remote<'_>,
    session: Session,
    deploying: impl FnOnce(&Session) -> Result<Receipt, DeployError>,
) -> RemoteState {
    let began = Instant::now();
    let result = deploying(&session);
    drop(session);
    let took = began.elapsed();
    kill(remote);
    assert!(took < SHORT + Duration::from_secs(3), "{took:?}");
    let DeployError::Ssh { state, .. } = remote.rig.error(result, "ssh-timed-out") else { unreachable!() };
    remote.nothing_will_run();
    remote.has(&remote.one, ".codex");
    state
}

fn a_remote_that_stops_before_the_command_is_a_timeout(rig: &Rig) {
    let remote = rig.account().make();
    remote.deploy(&remote.one).unwrap();
    let options = DeployOptions { deadline: SHORT, ..plain() };
    let session = remote.session();
    stop(&remote);
    let state = times_out(&remote, session, |session| deploy(session, &remote.two, &options));
    assert_eq!(state, RemoteState::Untouched);
}

fn a_remote_that_stops_reading_is_a_timeout(rig: &Rig) {
    let remote = rig.account().make();
    remote.deploy(&remote.one).unwrap();
    let options = DeployOptions { deadline: SHORT, ..plain() };
    // More than the pipe on the host holds, so that it is our writing that gets stuck.
    let new = large(&remote.two, 900_000);
    let session = remote.session();
    let script = crate::rig::edited("  enter\n  make auth.json", "  kill -STOP 0; enter\n  make auth.json");
    let state = times_out(&remote, session, |session| deploy_with_script(session, &new, &options, &script));
    assert_eq!(state, RemoteState::OldOrNew);
}

fn a_deploy_and_its_proof_take_ten_round_trips(rig: &Rig) {
    // Ten, and what the two machines take themselves, which `bench deploy` takes off.
    at_most(11.5, || {
        let remote = rig.account().make();
        let proxy = Proxy::to(rig.container().address());
        proxy.delay(DELAY);
        let began = Instant::now();
        let receipt = over(&remote, &proxy, &remote.one, &DeployOptions::default(), || {}).unwrap();
        assert!(receipt.proof.holds());
        began.elapsed()
    });
}

fn an_answer_is_heard_at_whatever_moment_it_comes(rig: &Rig) {
    // One that comes between a look at the first output and a look at the second was once not heard at all, until
    // something else came or the deadline passed. It takes some thousands of answers to meet that moment.
    let remote = rig.account().make();
    let session = remote.session();
    // Two answers a question: while the first is read, the second is on its way.
    let line = "sh -c 'while read -r line; do echo 1; echo 2; done'";
    let mut answering = session.start(line, Deadline::after(LOGIN)).unwrap();
    for count in 1..=12_000 {
        answering.feed(Stdin::Open(b"\n"));
        let answered = |seen: &[u8]| seen.len() >= 4 * count;
        answering.follow(Deadline::after(Duration::from_secs(4)), |seen| answered(seen.stdout())).unwrap();
        assert!(answered(answering.stdout()), "answer {count} was not heard");
    }
}
