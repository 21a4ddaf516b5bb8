//! A login that cannot be written, or does not arrive as it was sent: the old one stays as it was.

use codex_remote_auth::deploy::{DeployError, DeployOptions, deploy, rollback};
use codex_remote_auth::remote::Script;

use crate::Case;
use crate::rig::{LOGIN, Remote, Rig, edited, plain};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_full_disk_changes_nothing,
        a_limit_on_file_sizes_changes_nothing,
        a_directory_that_may_not_be_written_to_changes_nothing,
        a_file_that_cannot_be_replaced_stays,
        what_does_not_get_to_the_disk_is_not_put_in_its_place,
        a_file_system_that_cannot_sync_one_file_will_do,
        every_file_is_synced_before_it_is_moved,
        a_copy_cut_short_is_noticed,
        a_copy_with_another_byte_in_it_is_noticed,
        what_somebody_planted_under_the_temporary_name_is_not_written_through,
    ]
}

/// An account with the first login on it.
fn deployed<'r>(rig: &'r Rig, bashrc: &str) -> Remote<'r> {
    let remote = rig.account().file(".bashrc", bashrc).make();
    remote.deploy(&remote.one).unwrap();
    remote
}

/// Holds that the second login does not come there, for this reason, and nothing is another than before.
fn stays(remote: &Remote<'_>, script: &Script, code: &str) -> DeployError {
    let before = remote.tree();
    let error = remote.rig.error(remote.deploy_by(&remote.two, script), code);
    assert_eq!(remote.tree(), before);
    error
}

fn a_full_disk_changes_nothing(rig: &Rig) {
    // The one file system of the container that is small enough to be filled.
    let remote = rig.account().file(".bashrc", "export CODEX_HOME=/dev/shm/$USER\n").make();
    let home = format!("/dev/shm/{}", remote.account.name);
    let tree = || crate::tree::Tree::below(rig, &home);
    remote.deploy(&remote.one).unwrap();
    tree().has_login(&remote.one, "", remote.account.uid);
    let before = tree();
    rig.root("dd if=/dev/zero of=/dev/shm/full bs=64k 2>/dev/null; [ -s /dev/shm/full ]");
    let result = remote.deploy(&remote.two);
    let after = tree();
    rig.root(&format!("rm -rf /dev/shm/full {home}"));
    let error = rig.error(result, "cannot-write");
    assert!(error.to_string().contains("No space left on device"), "{error}");
    assert_eq!(after, before);
}

fn a_limit_on_file_sizes_changes_nothing(rig: &Rig) {
    let remote = deployed(rig, "[ -e ~/limit ] && ulimit -f 1\n");
    remote.root("touch limit");
    let error = stays(&remote, &Script::default(), "cannot-write");
    let DeployError::CannotWrite { said } = &error else { unreachable!() };
    assert!(!said.trim().is_empty(), "{error}");
}

fn a_directory_that_may_not_be_written_to_changes_nothing(rig: &Rig) {
    let remote = deployed(rig, "");
    remote.root("chmod 500 .codex");
    let error = stays(&remote, &Script::default(), "cannot-write");
    assert!(error.to_string().to_lowercase().contains("permission denied"), "{error}");
}

fn a_file_that_cannot_be_replaced_stays(rig: &Rig) {
    let remote = deployed(rig, "[ -e ~/first ] && PATH=$HOME/first:$PATH\n");
    remote.root(
        "mkdir first; printf '#!/bin/sh\\necho mv: not today >&2\\nexit 1\\n' >first/mv; chmod 755 first/mv",
    );
    let error = stays(&remote, &Script::default(), "cannot-replace");
    assert!(error.to_string().contains("mv: not today"), "{error}");
}

/// An account with the first login on it, whose `sync FILE` fails with these words.
fn with_sync<'r>(rig: &'r Rig, said: &str) -> Remote<'r> {
    let remote = deployed(rig, "PATH=$HOME/first:$PATH\n");
    remote.root(&format!(
        "mkdir first; cat >first/sync <<'END'\n#!/bin/sh\n[ $# = 0 ] && exit 0\necho \"sync: error syncing '$1': {said}\" >&2; exit 1\nEND\n\
         chmod 755 first/sync"
    ));
    remote
}

fn what_does_not_get_to_the_disk_is_not_put_in_its_place(rig: &Rig) {
    let remote = with_sync(rig, "Input/output error");
    let error = stays(&remote, &Script::default(), "cannot-write");
    assert!(error.to_string().contains("sync: error syncing 'auth.json': Input/output error;"), "{error}");
}

fn a_file_system_that_cannot_sync_one_file_will_do(rig: &Rig) {
    let remote = with_sync(rig, "Invalid argument");
    remote.deploy(&remote.two).unwrap();
    remote.has(&remote.two, ".codex");
}

fn every_file_is_synced_before_it_is_moved(rig: &Rig) {
    let remote = deployed(rig, "PATH=$HOME/first:$PATH\n");
    let log = "[ -s \"$1\" ] && [ \"$(stat -c %a \"$1\")\" = 600 ] && echo \"$1\" >>~/synced";
    let log = log.replace('~', &remote.account.home);
    remote.root(&format!(
        "mkdir first; cat >first/sync <<'END'\n#!/bin/sh\n{log}\nexec /usr/bin/sync \"$@\"\nEND\nchmod 755 first/sync"
    ));
    let options = DeployOptions { backup: true, ..plain() };
    deploy(&remote.session(), &remote.two, &options).unwrap();
    assert_eq!(remote.root("cat synced"), "auth.json\nkept\n");
    rollback(&remote.session(), LOGIN).unwrap();
    assert_eq!(remote.root("cat synced"), "auth.json\nkept\nauth.json\nkept\n");
}

fn a_copy_cut_short_is_noticed(rig: &Rig) {
    let remote = deployed(rig, "");
    let error = stays(&remote, &edited("tool head -c \"$1\" <&3", "tool head -c 10 <&3"), "damaged");
    assert!(error.to_string().contains("(size or digest 10)"), "{error}");
}

fn a_copy_with_another_byte_in_it_is_noticed(rig: &Rig) {
    let remote = deployed(rig, "");
    let script = edited(
        "  sum=$(digest auth.json)",
        "  tr a b <auth.json >b && cat b >auth.json; sum=$(digest auth.json)",
    );
    let error = stays(&remote, &script, "damaged");
    assert!(error.to_string().contains("size or digest"), "{error}");
}

fn what_somebody_planted_under_the_temporary_name_is_not_written_through(rig: &Rig) {
    let remote = deployed(rig, "");
    remote.root("echo kept >victim; chmod 666 victim");
    // The name cannot be guessed; here the script itself plants it.
    for planted in [
        "ln -s \"$HOME\" \"$new\"",
        "ln -s \"$HOME/victim\" \"$new\"",
        "mkfifo \"$new\"",
        "mkdir -m 777 \"$new\"",
    ] {
        let script =
            edited("  said=$(tool mkdir -m 700", &format!("  {planted}\n  said=$(tool mkdir -m 700"));
        remote.rig.error(remote.deploy_by(&remote.two, &script), "cannot-write");
        remote.root("rm -rf .codex/.auth.json.cra-*; [ \"$(cat victim)\" = kept ]");
        remote.has(&remote.one, ".codex");
    }
}
