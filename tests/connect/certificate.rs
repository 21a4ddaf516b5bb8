//! Keys with a certificate.

use std::process::Command;

use tests::account::RemoteAccount;
use tests::home::{Home, succeeds};

use crate::Case;
use crate::answers::Answers;
use crate::server::Server;
use crate::ssh_agent::SshAgent;
use crate::support::{Connects, Rig, says};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_certificate_beside_a_key_logs_in,
        a_named_certificate_logs_in,
        a_certificate_of_the_agent_logs_in,
        a_certificate_of_another_does_not_stand_in_a_plain_keys_way,
    ]
}

/// A server that accepts only what this authority has certified, and a certified key of each type.
fn certified<'r>(rig: &'r Rig, kinds: &[&str]) -> (Home<'r>, Server, RemoteAccount<'r>) {
    let (home, account) = (rig.home(), rig.account().make());
    let public = home.key("authority", &["ed25519"]);
    let file = format!("/run/authority-{}", account.name);
    rig.root(&format!("cat >{file} <<'KEY'\n{public}\nKEY\n"));
    let server =
        rig.server(&[&format!("TrustedUserCAKeys={file}"), "AuthorizedKeysFile=none", "MaxAuthTries=8"]);
    for kind in kinds {
        home.key(kind, &[kind]);
        succeeds(
            Command::new("ssh-keygen")
                .args(["-q", "-s"])
                .arg(home.path("authority"))
                .args(["-I", kind, "-n", &account.name])
                .arg(home.path(&format!("{kind}.pub"))),
        );
    }
    home.know(&server.lines());
    (home, server, account)
}

const KINDS: &[&str] = &["ed25519", "ecdsa", "rsa"];

fn a_certificate_beside_a_key_logs_in(rig: &Rig) {
    let (home, server, account) = certified(rig, KINDS);
    for kind in KINDS {
        home.configure(&format!("Host box\n{}  IdentityFile DIR/{kind}\n", server.settings(&account)));
        let session =
            home.connect("box", &Answers::default()).unwrap_or_else(|problem| panic!("{kind}: {problem}"));
        assert_eq!(says(&session, "id -un"), account.name);
    }
}

fn a_named_certificate_logs_in(rig: &Rig) {
    let (home, server, account) = certified(rig, &["ed25519"]);
    std::fs::rename(home.path("ed25519-cert.pub"), home.path("elsewhere.pub")).unwrap();
    home.configure(&format!(
        "Host box\n{}  IdentityFile DIR/ed25519\n  CertificateFile DIR/elsewhere.pub\n",
        server.settings(&account)
    ));
    assert!(home.resolve("box").warnings.is_empty(), "{:?}", home.resolve("box").warnings);
    home.connect("box", &Answers::default()).unwrap();
}

fn a_certificate_of_the_agent_logs_in(rig: &Rig) {
    let (home, server, account) = certified(rig, &["ed25519", "ecdsa"]);
    let agent = SshAgent::start(&home);
    // Not RSA: for a certified RSA key, libssh2 asks the agent for a signature in the old form, which servers refuse.
    for kind in ["ed25519", "ecdsa"] {
        agent.add(&home.path(kind));
        std::fs::remove_file(home.path(kind)).unwrap();
        std::fs::remove_file(home.path(&format!("{kind}.pub"))).unwrap();
        home.configure(&format!("Host box\n{}  IdentityAgent DIR/agent\n", server.settings(&account)));
        home.connect("box", &Answers::default()).unwrap_or_else(|problem| panic!("{kind}: {problem}"));
        succeeds(Command::new("ssh-add").args(["-q", "-D"]).env("SSH_AUTH_SOCK", &agent.socket));
    }
}

fn a_certificate_of_another_does_not_stand_in_a_plain_keys_way(rig: &Rig) {
    let (home, _, account) = certified(rig, &["ed25519"]);
    let server = rig.server(&[]);
    rig.let_in(&account, &home.read("ed25519.pub"));
    home.know(&server.lines());
    home.configure(&format!("Host box\n{}  IdentityFile DIR/ed25519\n", server.settings(&account)));
    home.connect("box", &Answers::default()).unwrap();
}
