//! The tools that check a copy on the host: any of them will do, and without one nothing is touched.

use crate::Case;
use crate::rig::{Remote, Rig};

/// Everything that the script needs, but for what computes a digest.
const OTHERS: &[&str] =
    &["sh", "env", "head", "wc", "id", "mkdir", "chmod", "mv", "rm", "ls", "cat", "sleep", "sync", "stat"];

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        without_any_tool_nothing_is_touched,
        shasum_alone_is_enough,
        the_bsds_sha256_alone_is_enough,
        openssl_alone_is_enough,
    ]
}

/// An account whose PATH has the other tools, and those that `more` links into `tools`.
fn with_tools<'r>(rig: &'r Rig, more: &str) -> Remote<'r> {
    let remote = rig.account().file(".bashrc", "PATH=$HOME/tools\n").make();
    remote.root(&format!(
        "mkdir tools; for tool in {}; do ln -s \"$(command -v $tool)\" tools/; done\n{more}",
        OTHERS.join(" ")
    ));
    remote
}

fn without_any_tool_nothing_is_touched(rig: &Rig) {
    let remote = with_tools(rig, "");
    let before = remote.tree();
    rig.error(remote.deploy(&remote.one), "no-digest-tool");
    assert_eq!(remote.tree(), before);
}

fn is_enough(remote: &Remote<'_>) {
    for auth in [&remote.one, &remote.two] {
        remote.deploy(auth).unwrap();
        remote.has(auth, ".codex");
    }
}

fn shasum_alone_is_enough(rig: &Rig) {
    // It is a program in Perl, whose first line names its interpreter whole.
    is_enough(&with_tools(rig, "ln -s /usr/bin/shasum tools/"));
}

/// A program that takes the place of one which the image does not have, and insists on being called as that is.
fn in_place_of(name: &str, arguments: &str, answer: &str) -> String {
    format!(
        "cat >tools/{name} <<'END'\n#!/bin/sh\n[ \"$*\" = '{arguments}' ] || exit 64\n\
         digest=$(/usr/bin/sha256sum) && echo \"${{digest%% *}}{answer}\"\nEND\nchmod 755 tools/{name}"
    )
}

fn the_bsds_sha256_alone_is_enough(rig: &Rig) {
    is_enough(&with_tools(rig, &in_place_of("sha256", "-q", "")));
}

fn openssl_alone_is_enough(rig: &Rig) {
    is_enough(&with_tools(rig, &in_place_of("openssl", "dgst -sha256 -r", " *stdin")));
}
