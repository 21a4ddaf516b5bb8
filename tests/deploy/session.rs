//! A connection that ends while it is being made.

use std::collections::BTreeSet;

use codex_remote_auth::ssh::{Session, SshProblem};
use harness::target::{Proxy, Towards};
use tests::Rig;
use tests::account::{CONNECT, RemoteAccount};

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![a_connection_that_ends_early_is_not_taken_for_a_refusal]
}

fn through(account: &RemoteAccount<'_>, proxy: &Proxy) -> Result<Session, SshProblem> {
    account.rig.container().session_at(account, "127.0.0.1", proxy.port(), CONNECT)
}

fn a_connection_that_ends_early_is_not_taken_for_a_refusal(rig: &Rig) {
    let account = rig.account().make();
    let proxy = || Proxy::to(rig.container().address()).unwrap();
    let whole = proxy();
    drop(through(&account, &whole).unwrap());
    let total = whole.bytes(Towards::Client);
    let mut codes = BTreeSet::new();
    for part in 0..16 {
        let proxy = proxy();
        proxy.cut_after(Towards::Client, total * part / 16);
        let problem = through(&account, &proxy).unwrap_err();
        rig.shows_nothing(&problem);
        codes.insert(problem.code());
    }
    assert_eq!(
        codes.into_iter().collect::<Vec<_>>(),
        ["ssh-handshake", "ssh-lost", "ssh-no-common-algorithm"]
    );
}
