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
