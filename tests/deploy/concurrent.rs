//! What happens on the host during a deploy: a reader, another deploy, codex itself, somebody who plants a file.

use codex_remote_auth::deploy::deploy;
use codex_remote_auth::ssh::{Deadline, Stdin};
use tests::Rig;
use tests::account::CONNECT;

use crate::Case;
use crate::target::{Target, edited, enough, fails, plain};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_reader_sees_one_complete_login_or_the_other,
        of_two_deploys_at_once_none_is_lost_silently,
        a_login_that_changes_meanwhile_is_kept,
        what_somebody_planted_under_the_temporary_name_is_not_written_through,
    ]
}

fn a_reader_sees_one_complete_login_or_the_other(rig: &Rig) {
    let target = Target::deployed(rig);
    let reader = "while [ ! -e ~/stop ]; do\n\
        stat -c %a ~/.codex/auth.json 2>&1; sha256sum <~/.codex/auth.json 2>&1\n\
        done | sort | uniq -c";
    let session = target.session();
    let seen = std::thread::scope(|scope| {
        let reads = scope.spawn(|| {
            let output = target.session().run(reader, Stdin::Closed, Deadline::after(3 * CONNECT)).unwrap();
            String::from_utf8(output.stdout).unwrap()
        });
        for _ in 0..24 {
            for auth in [&target.two, &target.one] {
                deploy(&session, auth, &plain(), enough()).unwrap();
            }
        }
        target.root("touch stop");
        reads.join().unwrap()
    });
    let mut counts = Vec::new();
    for line in seen.lines() {
        let (count, what) = line.trim().split_once(' ').unwrap();
        counts.push((what.trim_end_matches([' ', '-']).to_owned(), count.parse::<u32>().unwrap()));
    }
    let mut whole = ["600".to_owned(), target.one.bytes().sha256(), target.two.bytes().sha256()];
    whole.sort();
    counts.sort();
    assert_eq!(counts.iter().map(|(what, _)| what.as_str()).collect::<Vec<_>>(), whole, "{seen}");
    assert!(counts.iter().all(|(_, count)| *count > 20), "it read too seldom to show anything: {seen}");
}

fn of_two_deploys_at_once_none_is_lost_silently(rig: &Rig) {
    let target = Target::of(rig, |account| account);
    let ended = std::thread::scope(|scope| {
        let deploys: Vec<_> = [&target.one, &target.two, &target.one, &target.two]
            .into_iter()
            .map(|auth| {
                let target = &target;
                scope.spawn(move || target.deploy(auth))
            })
            .collect();
        deploys.into_iter().map(|deploy| deploy.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(ended.iter().any(Result::is_ok), "{ended:?}");
    // A deploy that finds another login than the one it examined leaves it alone.
    for error in ended.into_iter().filter_map(Result::err) {
        assert_eq!(error.code(), "changed-meanwhile", "{error}");
    }
    let last = if target.digest() == target.one.bytes().sha256() { &target.one } else { &target.two };
    target.has(last, ".codex");
}

fn a_login_that_changes_meanwhile_is_kept(rig: &Rig) {
    let target = Target::deployed(rig);
    // As if codex refreshed it between our look and the move.
    let script = edited("  case $3 in\n    none)", "  echo renewed >../auth.json\n  case $3 in\n    none)");
    let error = fails(rig, target.deploy_by(&target.two, &script), "changed-meanwhile");
    assert!(error.to_string().contains("/.codex/auth.json"), "{error}");
    assert_eq!(target.root("cat .codex/auth.json"), "renewed\n");
    assert_eq!(target.root("find . -name '.auth.json.*'"), "");
}

fn what_somebody_planted_under_the_temporary_name_is_not_written_through(rig: &Rig) {
    let target = Target::deployed(rig);
    target.root("echo kept >victim; chmod 666 victim");
    // The name cannot be guessed. In this trial the script itself plants it.
    for planted in [
        "ln -s \"$HOME\" \"$new\"",
        "ln -s \"$HOME/victim\" \"$new\"",
        "mkfifo \"$new\"",
        "mkdir -m 777 \"$new\"",
    ] {
        let script =
            edited("  said=$(tool mkdir -m 700", &format!("  {planted}\n  said=$(tool mkdir -m 700"));
        fails(rig, target.deploy_by(&target.two, &script), "cannot-write");
        target.root("rm -rf .codex/.auth.json.cra-*; [ \"$(cat victim)\" = kept ]");
        target.has(&target.one, ".codex");
    }
}
