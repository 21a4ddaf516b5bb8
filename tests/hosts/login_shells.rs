//! Every login shell in the image, every shell that `sh` may be, and tools other than GNU's.

use std::time::Duration;

use tests::Rig;
use tests::account::AccountBuilder;
use tests::person::Person;

use crate::Case;

const LOGIN_SHELLS: &[(&str, &str)] = &[
    ("bash", "/bin/bash"),
    ("restricted_bash", "/bin/rbash"),
    ("zsh", "/bin/zsh"),
    ("sh", "/bin/sh"),
    ("dash", "/bin/dash"),
    ("mksh", "/bin/mksh"),
    ("tcsh", "/bin/tcsh"),
    ("busybox_ash", "/run/ash"),
];

/// What `sh` is on other systems.
const SCRIPT_SHELLS: &[(&str, &str)] =
    &[("bash", "/bin/bash"), ("zsh", "/bin/zsh"), ("mksh", "/bin/mksh"), ("busybox", "/bin/busybox")];

/// Everything that the script needs, except what computes a digest.
const TOOLS: &str = "sh env head wc id mkdir chmod mv rm ls cat sleep sync stat";

/// Tools that compute a digest. A script stands in for one that the image lacks, and accepts only the right arguments.
const DIGEST_TOOLS: &[(&str, &str)] = &[
    // It is a Perl program whose first line has the full path of the interpreter.
    ("shasum", "ln -s /usr/bin/shasum tools/"),
    (
        "sha256_of_the_bsds",
        "printf '#!/bin/sh\n[ \"$*\" = -q ] || exit 64\ndigest=$(/usr/bin/sha256sum) && echo \"${digest%%%% *}\"\n' >tools/sha256; chmod 755 tools/sha256",
    ),
    (
        "openssl",
        "printf '#!/bin/sh\n[ \"$*\" = \"dgst -sha256 -r\" ] || exit 64\n\
         digest=$(/usr/bin/sha256sum) && echo \"${digest%%%% *} *stdin\"\n' >tools/openssl; chmod 755 tools/openssl",
    ),
];

pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = tests::cases![works_if_every_tool_is_busybox];
    for (name, path) in LOGIN_SHELLS {
        cases.push(Case::new(format!("works_in_a_login_shell::{name}"), |rig| login_shell(rig, path)));
    }
    for (name, path) in SCRIPT_SHELLS {
        cases.push(Case::new(format!("works_if_sh_is::{name}"), |rig| script_shell(rig, path)));
    }
    for (name, script) in DIGEST_TOOLS {
        cases.push(Case::new(format!("works_with_no_digest_tool_but::{name}"), |rig| {
            digest_tool(rig, script);
        }));
    }
    cases
}

fn login_shell(rig: &Rig, path: &str) {
    if path.ends_with("/ash") {
        rig.root("ln -sf /bin/busybox /run/ash");
    }
    assert_eq!(rig.root(&format!("[ -x {path} ] && echo there")), "there\n", "the image has no {path}");
    deploys_twice(rig, |account| account.shell(path), |_| {});
}

fn script_shell(rig: &Rig, path: &str) {
    // sshd lets bash read this file, and then `sh` is found in this folder first.
    let rc = "PATH=$HOME/first:$PATH\n";
    deploys_twice(rig, |account| account.link("first/sh", path).file(".bashrc", rc), |_| {});
}

fn works_if_every_tool_is_busybox(rig: &Rig) {
    with_tools(rig, "busybox --install -s tools");
}

fn digest_tool(rig: &Rig, script: &str) {
    with_tools(rig, &format!("for tool in {TOOLS}; do ln -s \"$(command -v $tool)\" tools/; done\n{script}"));
}

/// Deploys to an account whose PATH has only what this script puts into `tools`.
fn with_tools(rig: &Rig, script: &str) {
    let codex = "/opt/codex-under-test/codex";
    deploys_twice(
        rig,
        |account| account.file(".bashrc", "PATH=$HOME/tools\n").link("symlinks/codex", codex),
        |person| {
            person.there(&format!("mkdir tools\n{script}"));
        },
    );
}

/// A first deploy creates everything, a second one replaces the login. codex answers with both.
fn deploys_twice<'r>(
    rig: &'r Rig,
    describe: impl FnOnce(AccountBuilder<'r>) -> AccountBuilder<'r>,
    prepare: impl FnOnce(&Person<'r>),
) {
    let newer = rig.login(Duration::from_secs(60));
    let person = describe(rig.account()).accepts(&newer).person();
    prepare(&person);
    let account = person.account();
    for (login, replaced) in [(&person.login, None), (&newer, Some("file"))] {
        person.write(".codex/auth.json", login.bytes().expose());
        let host = person.json(&["deploy", "box0"], 0);
        assert_eq!((&host["result"], &host["proof"]), (&"deployed".into(), &"works".into()), "{host}");
        assert_eq!((&host["mode"], &host["size"]), (&"0600".into(), &login.bytes().len().into()), "{host}");
        assert_eq!(host["path"], format!("{}/.codex/auth.json", account.home));
        assert_eq!(host["replaced"].as_str(), replaced, "{host}");
        account.has(login, ".codex");
    }
    account.nothing_runs();
}
