//! What a user sees if the host key of the server is not accepted.

use tests::home::has;

use crate::Case;
use crate::messages::{fails, to};
use crate::support::{Connects, Rig, knows};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![an_unknown_key, a_changed_key, a_revoked_key, known_hosts_that_cannot_be_used,]
}

fn an_unknown_key(rig: &Rig) {
    let (caller, server) = to(rig, &[]);
    caller.know("");
    let words = [
        &format!("the host key of {}@{}:{} ", caller.account().name, server.host, server.port),
        "is not known (ssh-ed25519 SHA256:",
        "nothing was sent",
        "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
        "StrictHostKeyChecking=accept-new",
    ];
    let said = fails(&caller, &["box"], "ssh-host-key-unknown", &words);
    assert!(!said.contains("certificate authority"), "{said}");
    caller.know(&format!("@cert-authority * {}\n", rig.server(&[]).keys[0]));
    let words = ["a certificate authority is known for this host", "does not check host certificates"];
    let said = fails(&caller, &["box"], "ssh-host-key-unknown", &words);
    assert!(!said.lines().next().unwrap().contains("authority"), "a hint is in the first line: {said}");
}

fn a_changed_key(rig: &Rig) {
    let (caller, server) = to(rig, &[]);
    caller.know(&rig.server(&[]).lines_as(&server.name()));
    let mend = format!("ssh-keygen -R '{}'", server.name());
    let words = ["NOT the one known", "known_hosts:1", "nothing was sent", "find out which", &mend];
    fails(&caller, &["box"], "ssh-host-key-changed", &words);
}

fn a_revoked_key(rig: &Rig) {
    let (caller, server) = to(rig, &[]);
    caller.know(&format!("{}@revoked * {}\n", server.lines(), server.keys[0]));
    let words =
        ["marked as revoked (ssh-ed25519 SHA256:", "known_hosts:2", "nothing was sent", "administrator"];
    fails(&caller, &["box"], "ssh-host-key-revoked", &words);
}

fn known_hosts_that_cannot_be_used(rig: &Rig) {
    let (caller, server) = to(rig, &[]);
    std::fs::create_dir(caller.path("folder")).unwrap();
    let next = ["nothing was sent", "UserKnownHostsFile=FILE", &server.host];
    for (file, why) in [
        ("DIR/folder", "/folder: cannot be read"),
        ("/proc/nowhere/known", "/proc/nowhere/known: cannot be written"),
    ] {
        knows(&caller, &server, &format!("  UserKnownHostsFile {file}\n"));
        let said = fails(&caller, &["-oStrictHostKeyChecking=accept-new", "box"], "ssh-known-hosts", &next);
        let (file, why) = why.split_once(": ").unwrap();
        has(&said, &[file, why]);
    }
}
