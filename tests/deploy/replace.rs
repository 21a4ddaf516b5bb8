//! A login takes another's place: at once, whole, and not where that would be a step back.

use std::time::Duration;

use codex_remote_auth::auth_json::{AuthFile, MAX_BYTES};
use codex_remote_auth::deploy::{DeployError, DeployOptions, Was, deploy};
use codex_remote_auth::remote::{Force, Refusal};
use codex_remote_auth::ssh::{Deadline, Stdin};

use crate::Case;
use crate::rig::{LOGIN, Remote, Rig, edited, large, plain};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        an_identical_login_is_deployed_again,
        the_largest_login_arrives_whole_and_answers,
        whoever_reads_meanwhile_sees_one_whole_login_or_the_other,
        of_two_deploys_at_once_none_is_lost_silently,
        a_login_that_changes_meanwhile_is_kept,
        a_fresher_login_over_there_is_kept_unless_forced,
        an_earlier_login_over_there_is_replaced,
        a_moment_of_unknown_form_over_there_stops_nothing,
        what_is_no_login_at_all_over_there_stops_nothing,
    ]
}

fn an_identical_login_is_deployed_again(rig: &Rig) {
    let remote = rig.account().make();
    remote.deploy(&remote.one).unwrap();
    remote.root("chmod 644 .codex/auth.json");
    let receipt = remote.prove(&remote.one).unwrap();
    assert!(receipt.proof.holds(), "{:?}", receipt.proof);
    assert_eq!(receipt.was, Was::File(remote.one.bytes().sha256()));
    remote.has(&remote.one, ".codex");
}

fn the_largest_login_arrives_whole_and_answers(rig: &Rig) {
    let remote = rig.account().make();
    let most = usize::try_from(MAX_BYTES).unwrap() - remote.one.bytes().len() - 100;
    let auth = large(&remote.one, most);
    let receipt = remote.prove(&auth).unwrap();
    assert!(receipt.proof.holds(), "{:?}", receipt.proof);
    assert_eq!(receipt.size, auth.bytes().len() as u64);
    remote.has(&auth, ".codex");
}

fn whoever_reads_meanwhile_sees_one_whole_login_or_the_other(rig: &Rig) {
    let remote = rig.account().make();
    remote.deploy(&remote.one).unwrap();
    let reader = "while [ ! -e ~/stop ]; do\n\
        stat -c %a ~/.codex/auth.json 2>&1; sha256sum <~/.codex/auth.json 2>&1\n\
        done | sort | uniq -c";
    let session = remote.session();
    let seen = std::thread::scope(|scope| {
        let reads = scope.spawn(|| {
            let output = remote.session().run(reader, Stdin::Closed, Deadline::after(3 * LOGIN)).unwrap();
            String::from_utf8(output.stdout).unwrap()
        });
        for _ in 0..24 {
            for auth in [&remote.two, &remote.one] {
                deploy(&session, auth, &plain()).unwrap();
            }
        }
        remote.root("touch stop");
        reads.join().unwrap()
    });
    let mut counts = Vec::new();
    for line in seen.lines() {
        let (count, what) = line.trim().split_once(' ').unwrap();
        counts.push((what.trim_end_matches([' ', '-']).to_owned(), count.parse::<u32>().unwrap()));
    }
    let mut whole = ["600".to_owned(), remote.one.bytes().sha256(), remote.two.bytes().sha256()];
    whole.sort();
    counts.sort();
    assert_eq!(counts.iter().map(|(what, _)| what.as_str()).collect::<Vec<_>>(), whole, "{seen}");
    assert!(counts.iter().all(|(_, count)| *count > 20), "it read too seldom to show anything: {seen}");
}

fn of_two_deploys_at_once_none_is_lost_silently(rig: &Rig) {
    let remote = rig.account().make();
    let ended = std::thread::scope(|scope| {
        let deploys: Vec<_> = [&remote.one, &remote.two, &remote.one, &remote.two]
            .into_iter()
            .map(|auth| {
                let remote = &remote;
                scope.spawn(move || remote.deploy(auth))
            })
            .collect();
        deploys.into_iter().map(|deploy| deploy.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(ended.iter().any(Result::is_ok), "{ended:?}");
    // One that finds another login than it has looked at leaves that.
    for error in ended.into_iter().filter_map(Result::err) {
        assert_eq!(error.code(), "changed-meanwhile", "{error}");
    }
    let tree = remote.tree();
    let last = &tree.at(".codex/auth.json").unwrap().sha256;
    let last = if *last == remote.one.bytes().sha256() { &remote.one } else { &remote.two };
    remote.has(last, ".codex");
}

fn a_login_that_changes_meanwhile_is_kept(rig: &Rig) {
    let remote = rig.account().make();
    remote.deploy(&remote.one).unwrap();
    // As when codex renews it between our look and the move.
    let script = edited("  case $3 in\n    none)", "  echo renewed >../auth.json\n  case $3 in\n    none)");
    let error = rig.error(remote.deploy_by(&remote.two, &script), "changed-meanwhile");
    assert!(error.to_string().contains("/.codex/auth.json"), "{error}");
    assert_eq!(remote.root("cat .codex/auth.json"), "renewed\n");
    remote.tree().has_no_rest();
}

/// Puts bytes where the login goes, as the account would.
fn put(remote: &Remote<'_>, bytes: &[u8]) {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(!text.contains("END OF LOGIN"));
    remote.root(&format!(
        "umask 077; mkdir -p .codex; cat >.codex/auth.json <<'END OF LOGIN'\n{text}\nEND OF LOGIN\n\
         chown -R {0}:{0} .codex",
        remote.account.uid
    ));
}

fn a_fresher_login_over_there_is_kept_unless_forced(rig: &Rig) {
    let remote = rig.account().make();
    let fresher = rig.login(Duration::from_secs(60));
    put(&remote, fresher.bytes().expose());
    let before = remote.tree();
    let error = rig.error(remote.deploy(&remote.one), "remote-is-fresher");
    let DeployError::Refused(Refusal::RemoteIsNewer { there, .. }) = &error else { unreachable!() };
    assert_eq!(*there, fresher.last_refresh().unwrap().to_string());
    assert_eq!(remote.tree(), before);

    // In one line, as another writer of JSON would have it.
    let value: serde_json::Value = serde_json::from_slice(fresher.bytes().expose()).unwrap();
    put(&remote, value.to_string().as_bytes());
    rig.error(remote.deploy(&remote.one), "remote-is-fresher");

    let options = DeployOptions { force: Force::known(), ..plain() };
    deploy(&remote.session(), &remote.one, &options).unwrap();
    remote.has(&remote.one, ".codex");
}

fn an_earlier_login_over_there_is_replaced(rig: &Rig) {
    let remote = rig.account().make();
    put(&remote, rig.login(Duration::from_secs(7_200)).bytes().expose());
    remote.deploy(&remote.one).unwrap();
    remote.has(&remote.one, ".codex");
}

fn a_moment_of_unknown_form_over_there_stops_nothing(rig: &Rig) {
    for moment in ["\"tomorrow\"", "\"9999-01-01T00:00:00+02:00\"", "\"9999-01-01\"", "9999", "null"] {
        let remote = rig.account().make();
        put(&remote, format!("{{\"last_refresh\": {moment}}}").as_bytes());
        remote.deploy(&remote.one).unwrap();
        remote.has(&remote.one, ".codex");
    }
}

fn what_is_no_login_at_all_over_there_stops_nothing(rig: &Rig) {
    for text in ["", "not JSON", "{\"last_refresh\": \""] {
        let remote = rig.account().make();
        put(&remote, text.as_bytes());
        remote.deploy(&remote.one).unwrap();
        remote.has(&remote.one, ".codex");
    }
    let remote = rig.account().make();
    // A login without a moment of its own is neither earlier nor later.
    put(&remote, br#"{"OPENAI_API_KEY": "sk-made-up", "last_refresh": "2999-01-01T00:00:00Z"}"#);
    let key = AuthFile::from_bytes("{\"OPENAI_API_KEY\": \"sk-made-up\"}").unwrap();
    remote.deploy(&key).unwrap();
    remote.has(&key, ".codex");
}
