//! Servers that allow less, or print more, than usual.

use tests::Rig;
use tests::person::Person;

use crate::Case;
use crate::answers::Answers;
use crate::server::Server;
use crate::support::{Connects, deploy, knows};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        one_session_no_sftp_no_terminal_and_no_forwarding_are_enough,
        a_banner_does_not_get_in_the_way,
        a_server_with_few_algorithms_works_or_is_named_with_what_it_has,
    ]
}

/// Deploys to a server with these options.
fn deploys<'r>(rig: &'r Rig, options: &[&str]) -> (Person<'r>, Server) {
    let (caller, server) = (rig.caller(), rig.server(options));
    knows(&caller, &server, "");
    caller.ends(&deploy(&["box"]), 0);
    assert!(caller.has_it());
    (caller, server)
}

fn one_session_no_sftp_no_terminal_and_no_forwarding_are_enough(rig: &Rig) {
    // Without sftp: none of these servers has the subsystem.
    deploys(rig, &["MaxSessions=1", "PermitTTY=no", "DisableForwarding=yes"]);
}

fn a_banner_does_not_get_in_the_way(rig: &Rig) {
    rig.root("i=0; while [ $i -lt 60 ]; do echo \"Unauthorised use of this system, line $i\"; i=$((i+1)); done >/run/banner-$$; mv /run/banner-$$ /run/banner");
    let (caller, server) = deploys(rig, &["Banner=/run/banner", "PasswordAuthentication=yes"]);
    let password = rig.password(caller.account());
    knows(&caller, &server, "  PubkeyAuthentication no\n");
    caller.connect("box", &Answers::with(&[&password])).unwrap();
}

fn a_server_with_few_algorithms_works_or_is_named_with_what_it_has(rig: &Rig) {
    for works in [
        "Ciphers=chacha20-poly1305@openssh.com",
        "Ciphers=aes128-gcm@openssh.com",
        "MACs=hmac-sha2-256-etm@openssh.com",
    ] {
        deploys(rig, &[works]);
    }
    for (option, has) in
        [("KexAlgorithms", "sntrup761x25519-sha512@openssh.com"), ("MACs", "umac-64-etm@openssh.com")]
    {
        // Other ciphers need no MAC.
        let (caller, server) =
            (rig.caller(), rig.server(&[&format!("{option}={has}"), "Ciphers=aes256-ctr"]));
        knows(&caller, &server, "");
        let words = [
            format!(
                "and this program have no {option} in common: the server has {has}; this program offers "
            ),
            "nothing was sent".to_owned(),
            format!("to {option} in /etc/ssh/sshd_config, and reload sshd"),
            "codex login --device-auth".to_owned(),
        ];
        caller.fails(&deploy(&["box"]), "ssh-no-common-algorithm", &words);
        assert!(!caller.has_it());
    }
    // Only the caller's own configuration stands in the way.
    let (caller, server) = (rig.caller(), rig.server(&["Ciphers=aes256-ctr"]));
    knows(&caller, &server, "  Ciphers aes128-ctr\n");
    let words = [
        "no Ciphers in common: the server has aes256-ctr; this program offers aes128-ctr",
        "-o Ciphers=+aes256-ctr",
    ];
    caller.fails(&deploy(&["box"]), "ssh-no-common-algorithm", &words);
    caller.ends(&deploy(&["-o", "Ciphers=+aes256-ctr", "box"]), 0);
}
