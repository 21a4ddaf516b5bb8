//! How often a deploy waits for the host, and that it never waits for something that has already arrived.

use std::time::Duration;

use codex_remote_auth::deploy::{DeployOptions, deploy};
use codex_remote_auth::ssh::{Deadline, Stdin};
use harness::target::Proxy;
use tests::Rig;
use tests::account::CONNECT;

use crate::Case;
use crate::target::{Target, enough};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_session_takes_six_round_trips,
        a_deploy_and_its_proof_take_ten_round_trips,
        an_answer_is_heard_at_whatever_moment_it_comes,
    ]
}

/// The round-trip time of a slow connection, longer than a busy machine pauses between two messages.
const ROUND_TRIP: Duration = Duration::from_millis(250);

/// Checks how many round trips something over a slow connection takes: the fewest of some attempts, as a machine that stops for longer
/// than [`ROUND_TRIP`] between two messages makes them more, and nothing makes them fewer.
fn takes(rig: &Rig, round_trips: u64, over: impl Fn(&Proxy)) {
    let mut seen = Vec::new();
    while seen.len() < 5 && !seen.contains(&round_trips) {
        let proxy = Proxy::to(rig.container().address()).unwrap();
        proxy.delay(ROUND_TRIP);
        over(&proxy);
        seen.push(proxy.round_trips());
    }
    assert_eq!(seen.iter().min(), Some(&round_trips), "{seen:?}");
}

fn a_session_takes_six_round_trips(rig: &Rig) {
    let account = rig.account().make();
    takes(rig, 6, |proxy| {
        rig.container().session_at(&account, "127.0.0.1", proxy.port(), CONNECT).unwrap();
    });
}

fn a_deploy_and_its_proof_take_ten_round_trips(rig: &Rig) {
    takes(rig, 10, |proxy| {
        let target = Target::of(rig, |account| account);
        let session = rig.container().session_at(&target, "127.0.0.1", proxy.port(), CONNECT).unwrap();
        let receipt = deploy(&session, &target.one, &DeployOptions::default(), enough()).unwrap();
        assert!(receipt.proof.holds());
    });
}

/// Once, an answer that arrived between reading the first and the second output was not noticed until something else arrived or
/// the deadline passed. It takes some thousands of answers to hit that moment.
fn an_answer_is_heard_at_whatever_moment_it_comes(rig: &Rig) {
    let session = rig.account().make().session();
    // Two answers to each question: while the first is read, the second is on its way.
    let line = "sh -c 'while read -r line; do echo 1; echo 2; done'";
    let mut answering = session.start(line, Deadline::after(CONNECT)).unwrap();
    for count in 1..=12_000 {
        answering.feed(Stdin::Open(b"\n"));
        let answered = |seen: &[u8]| seen.len() >= 4 * count;
        answering.follow(Deadline::after(Duration::from_secs(4)), |seen| answered(seen.stdout())).unwrap();
        assert!(answered(answering.stdout()), "answer {count} was not heard");
    }
}
