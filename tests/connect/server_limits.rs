//! Servers that allow less, or say more, than usual.

use std::time::Duration;

use codex_remote_auth::auth_json::AuthFile;
use codex_remote_auth::deploy::{DeployError, DeployOptions, Receipt, deploy};
use codex_remote_auth::ssh::Session;
use harness::target::Account;
use tests::accounts;

use crate::Case;
use crate::answers::Answers;
use crate::home::Home;
use crate::rig::Rig;
use crate::server::Server;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        one_session_no_sftp_no_terminal_and_no_forwarding_are_enough,
        no_session_at_all_is_said,
        a_full_server_is_said_with_what_to_do,
        a_forced_command_is_no_deploy,
        a_banner_does_not_get_in_the_way,
    ]
}

fn to<'r>(rig: &'r Rig, options: &[&str]) -> (Home<'r>, Server, Account) {
    let (home, server, account) = (rig.home(), rig.server(options), rig.account());
    home.know(&server.lines());
    home.configure(&format!("Host box\n{}", server.settings(&account)));
    (home, server, account)
}

/// A deploy without a proof.
fn bring(rig: &Rig, session: &Session) -> (AuthFile, Result<Receipt, DeployError>) {
    let login = accounts::login(rig.leak_scanner(), Duration::from_secs(3_600));
    let options = DeployOptions { proof: None, ..DeployOptions::default() };
    let brought = deploy(session, &login, &options);
    (login, brought)
}

fn one_session_no_sftp_no_terminal_and_no_forwarding_are_enough(rig: &Rig) {
    // No sftp: none of these servers has the subsystem.
    let (home, _, account) = to(rig, &["MaxSessions=1", "PermitTTY=no", "DisableForwarding=yes"]);
    let (login, brought) = bring(rig, &home.connect("box", &Answers::default()).unwrap());
    brought.unwrap();
    let there = rig.root(&format!("sha256sum {}/.codex/auth.json", account.home));
    assert!(there.starts_with(&login.bytes().sha256()), "{there}");
}

fn no_session_at_all_is_said(rig: &Rig) {
    let (home, server, _) = to(rig, &["MaxSessions=0"]);
    let (_, brought) = bring(rig, &home.connect("box", &Answers::default()).unwrap());
    let error = brought.unwrap_err();
    rig.shows_nothing(&error);
    assert_eq!(error.code(), "ssh-no-command", "{error}");
    for word in [&server.host, "MaxSessions", "the remote auth.json is as it was"] {
        assert!(error.to_string().contains(word), "`{word}`: {error}");
    }
}

fn a_full_server_is_said_with_what_to_do(rig: &Rig) {
    let (home, server, _) = to(rig, &["MaxStartups=1", "LoginGraceTime=30"]);
    // One who never logs in takes the only place.
    let _first = server.takes_a_place();
    rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-handshake",
        &[&server.host, "hung up", "MaxStartups", "--jobs", "nothing was sent"],
    );
}

fn a_forced_command_is_no_deploy(rig: &Rig) {
    let (home, _, account) = to(rig, &["ForceCommand=echo only this; exit 7"]);
    let (_, brought) = bring(rig, &home.connect("box", &Answers::default()).unwrap());
    let error = brought.unwrap_err();
    rig.shows_nothing(&error);
    assert_eq!(error.code(), "no-reply", "{error}");
    for word in ["status 7", "printed `only this`", "nothing was sent", "ForceCommand", "authorized_keys"] {
        assert!(error.to_string().contains(word), "`{word}`: {error}");
    }
    assert_eq!(rig.root(&format!("ls -A {}", account.home)).trim(), ".ssh");
}

fn a_banner_does_not_get_in_the_way(rig: &Rig) {
    rig.root("i=0; while [ $i -lt 60 ]; do echo \"Unauthorised use of this system, line $i\"; i=$((i+1)); done >/run/banner-$$; mv /run/banner-$$ /run/banner");
    let (home, server, account) = to(rig, &["Banner=/run/banner", "PasswordAuthentication=yes"]);
    let password = rig.password(&account);
    let (_, brought) = bring(rig, &home.connect("box", &Answers::default()).unwrap());
    brought.unwrap();
    home.configure(&format!("Host box\n{}  PubkeyAuthentication no\n", server.settings(&account)));
    home.connect("box", &Answers::with(&[&password])).unwrap();
}
