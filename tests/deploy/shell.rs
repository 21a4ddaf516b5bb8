//! Every login shell that the image has, and every shell that `sh` may be.

use codex_remote_auth::deploy::Was;

use crate::Case;
use crate::rig::{Remote, Rig};

const LOGIN_SHELLS: &[(&str, &str)] = &[
    ("bash", "/bin/bash"),
    ("restricted bash", "/bin/rbash"),
    ("zsh", "/bin/zsh"),
    ("sh", "/bin/sh"),
    ("dash", "/bin/dash"),
    ("mksh", "/bin/mksh"),
    ("tcsh", "/bin/tcsh"),
    ("busybox ash", "/run/ash"),
];

/// What `sh` is on other systems.
const SCRIPT_SHELLS: &[(&str, &str)] =
    &[("bash", "/bin/bash"), ("zsh", "/bin/zsh"), ("mksh", "/bin/mksh"), ("busybox", "/bin/busybox")];

pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = tests::cases![works_where_every_tool_is_busybox];
    for (name, path) in LOGIN_SHELLS {
        cases.push((format!("works_in_a_login_shell::{name}"), Box::new(|rig| login_shell(rig, path))));
    }
    for (name, path) in SCRIPT_SHELLS {
        cases.push((format!("works_where_sh_is::{name}"), Box::new(|rig| script_shell(rig, path))));
    }
    cases
}

fn login_shell(rig: &Rig, path: &'static str) {
    if path.ends_with("/ash") {
        rig.root("ln -sf /bin/busybox /run/ash");
    }
    let remote = rig.account().shell(path).make();
    assert_eq!(remote.root(&format!("[ -x {path} ] && echo there")), "there\n", "the image has no {path}");
    installs_and_answers(&remote);
}

fn script_shell(rig: &Rig, path: &'static str) {
    // sshd lets bash read this file, and the deploy's `sh` is then found here first.
    let remote = rig.account().link("first/sh", path).file(".bashrc", "PATH=$HOME/first:$PATH\n").make();
    installs_and_answers(&remote);
}

fn works_where_every_tool_is_busybox(rig: &Rig) {
    let remote = rig
        .account()
        .file(".bashrc", "PATH=$HOME/tools\n")
        .link("symlinks/codex", "/opt/codex-under-test/codex")
        .make();
    remote.root("mkdir tools && busybox --install -s tools");
    installs_and_answers(&remote);
}

/// A first deploy makes everything; a second one replaces; both answer.
fn installs_and_answers(remote: &Remote<'_>) {
    let receipt = remote.prove(&remote.one).unwrap();
    assert!(receipt.proof.holds(), "{:?}", receipt.proof);
    assert_eq!((receipt.mode, receipt.directory_mode, receipt.directory_made), (0o600, 0o700, true));
    assert_eq!(receipt.path, format!("{}/.codex/auth.json", remote.account.home));
    assert_eq!((receipt.size, receipt.was), (remote.one.bytes().len() as u64, Was::Absent));
    assert_eq!(receipt.sha256, remote.one.bytes().sha256());
    assert!(receipt.codex.is_some());
    remote.has(&remote.one, ".codex");

    let receipt = remote.prove(&remote.two).unwrap();
    assert!(receipt.proof.holds(), "{:?}", receipt.proof);
    assert_eq!(receipt.was, Was::File(remote.one.bytes().sha256()));
    assert!(!receipt.directory_made);
    remote.has(&remote.two, ".codex");
    remote.nothing_runs();
}
