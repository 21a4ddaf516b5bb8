//! A login that cannot be written, or does not arrive as it was sent: the old one stays as it was.

use harness::deploy::{DeployError, REMOTE_SCRIPT};

use crate::Case;
use crate::rig::{Remote, Rig};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_full_disk_changes_nothing,
        a_limit_on_file_sizes_changes_nothing,
        a_directory_that_may_not_be_written_to_changes_nothing,
        a_file_that_cannot_be_replaced_stays,
        what_does_not_get_to_the_disk_is_not_put_in_its_place,
        a_file_system_that_cannot_be_told_to_write_at_once_will_do,
        a_dd_that_knows_less_is_done_without,
        a_copy_cut_short_is_noticed,
        a_copy_with_another_byte_in_it_is_noticed,
        what_somebody_planted_under_the_temporary_name_is_not_written_through,
    ]
}

/// The script with some of its text replaced.
fn edited(text: &str, by: &str) -> String {
    assert_eq!(REMOTE_SCRIPT.matches(text).count(), 1, "the script has another text than `{text}`");
    REMOTE_SCRIPT.replace(text, by)
}

/// An account with the first login on it.
fn deployed<'r>(rig: &'r Rig, bashrc: &str) -> Remote<'r> {
    let remote = rig.account().file(".bashrc", bashrc).make();
    remote.deploy(&remote.one).unwrap();
    remote
}

/// Holds that the second login does not come there, for this reason, and nothing is another than before.
fn stays(remote: &Remote<'_>, script: &str, code: &str) -> DeployError {
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
    let error = stays(&remote, REMOTE_SCRIPT, "cannot-write");
    let DeployError::CannotWrite { said } = &error else { unreachable!() };
    assert!(!said.trim().is_empty(), "{error}");
}

fn a_directory_that_may_not_be_written_to_changes_nothing(rig: &Rig) {
    let remote = deployed(rig, "");
    remote.root("chmod 500 .codex");
    let error = stays(&remote, REMOTE_SCRIPT, "cannot-write");
    assert!(error.to_string().to_lowercase().contains("permission denied"), "{error}");
}

fn a_file_that_cannot_be_replaced_stays(rig: &Rig) {
    let remote = deployed(rig, "[ -e ~/first ] && PATH=$HOME/first:$PATH\n");
    remote.root(
        "mkdir first; printf '#!/bin/sh\\necho mv: not today >&2\\nexit 1\\n' >first/mv; chmod 755 first/mv",
    );
    let error = stays(&remote, REMOTE_SCRIPT, "cannot-replace");
    assert!(error.to_string().contains("mv: not today"), "{error}");
}

/// An account with the first login on it, whose dd is this script; `real` is the system's without what has it sync.
fn with_dd<'r>(rig: &'r Rig, script: &str) -> Remote<'r> {
    let remote = deployed(rig, "PATH=$HOME/first:$PATH\n");
    remote.root(&format!(
        "mkdir first; cat >first/dd <<'END'\n#!/bin/sh\nreal() {{ /usr/bin/dd \"$1\" \"$2\" \"$3\"; }}\n{script}\nEND\n\
         chmod 755 first/dd"
    ));
    remote
}

fn what_does_not_get_to_the_disk_is_not_put_in_its_place(rig: &Rig) {
    let remote = with_dd(
        rig,
        "real \"$@\"; echo \"dd: fsync failed for 'standard output': Input/output error\" >&2; exit 1",
    );
    let error = stays(&remote, REMOTE_SCRIPT, "cannot-write");
    assert!(
        error.to_string().contains("there: dd: fsync failed for 'standard output': Input/output error;"),
        "{error}"
    );
}

fn a_file_system_that_cannot_be_told_to_write_at_once_will_do(rig: &Rig) {
    let remote = with_dd(
        rig,
        "real \"$@\"; echo \"dd: fsync failed for 'standard output': Invalid argument\" >&2; exit 1",
    );
    remote.deploy(&remote.two).unwrap();
    remote.has(&remote.two, ".codex");
}

fn a_dd_that_knows_less_is_done_without(rig: &Rig) {
    let remote = with_dd(rig, "echo 'dd: unknown operand: iflag=fullblock' >&2; exit 1");
    remote.deploy(&remote.two).unwrap();
    remote.has(&remote.two, ".codex");
}

fn a_copy_cut_short_is_noticed(rig: &Rig) {
    let remote = deployed(rig, "");
    let error = stays(&remote, &edited("dd bs=\"$size\" count=1", "dd bs=10 count=1"), "damaged");
    assert!(error.to_string().contains("10 bytes"), "{error}");
    assert!(error.to_string().contains(&format!("{} bytes", remote.two.bytes().len())), "{error}");
}

fn a_copy_with_another_byte_in_it_is_noticed(rig: &Rig) {
    let remote = deployed(rig, "");
    let script =
        edited("write_new ||", "write_new && tr a b <\"$new\" >~/b && cat ~/b >\"$new\" && rm ~/b ||");
    let error = stays(&remote, &script, "damaged");
    assert!(error.to_string().contains(&remote.two.bytes().sha256()), "{error}");
}

fn what_somebody_planted_under_the_temporary_name_is_not_written_through(rig: &Rig) {
    let remote = deployed(rig, "");
    remote.root("echo kept >victim; chmod 666 victim");
    // The name is not to be guessed; here the script itself plants it.
    let script = edited("trap 'rm -f", "ln -s \"$HOME/victim\" \"$new\"\ntrap 'rm -f");
    stays(&remote, &script, "cannot-write");
}
