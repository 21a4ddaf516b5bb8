//! Accounts that the server does not let in, or not as far as a command.

use std::time::Duration;

use codex_remote_auth::deploy::{DeployOptions, deploy};
use harness::target::Account;
use tests::accounts;

use crate::Case;
use crate::answers::Answers;
use crate::home::Home;
use crate::rig::Rig;
use crate::server::Server;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_locked_account_is_refused,
        an_expired_account_is_refused,
        an_account_that_is_not_allowed_is_refused,
        an_account_that_does_not_exist_is_refused,
        a_shell_that_lets_nobody_in_runs_nothing,
    ]
}

fn to<'r>(rig: &'r Rig, options: &[&str], account: &Account) -> (Home<'r>, Server) {
    let (home, server) = (rig.home(), rig.server(options));
    home.know(&server.lines());
    home.configure(&format!("Host box\n{}", server.settings(account)));
    (home, server)
}

/// A server does not say which of these it is; the error says where it does.
fn is_refused(rig: &Rig, options: &[&str], account: &Account) {
    let (home, server) = to(rig, options, account);
    let endpoint = format!("{}@{}:{}", account.name, server.host, server.port);
    rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-login-refused",
        &[&endpoint, "tried: the key ", "nothing was sent", "AllowUsers", "locked", "its sshd log"],
    );
}

fn a_locked_account_is_refused(rig: &Rig) {
    let account = rig.account();
    rig.password(&account);
    rig.root(&format!("usermod -L {}", account.name));
    is_refused(rig, &[], &account);
}

fn an_expired_account_is_refused(rig: &Rig) {
    let account = rig.account();
    rig.root(&format!("chage -E 1 {}", account.name));
    is_refused(rig, &["UsePAM=yes"], &account);
}

fn an_account_that_is_not_allowed_is_refused(rig: &Rig) {
    is_refused(rig, &["AllowUsers=nobody"], &rig.account());
}

fn an_account_that_does_not_exist_is_refused(rig: &Rig) {
    let account = Account { name: "nobodyatall".to_owned(), ..rig.account() };
    is_refused(rig, &[], &account);
}

fn a_shell_that_lets_nobody_in_runs_nothing(rig: &Rig) {
    let account = rig.account_with("/usr/sbin/nologin");
    let (home, _) = to(rig, &[], &account);
    let session = home.connect("box", &Answers::default()).unwrap();
    let login = accounts::login(rig.leak_scanner(), Duration::from_secs(3_600));
    let options = DeployOptions { proof: None, ..DeployOptions::default() };
    let error = deploy(&session, &login, &options).unwrap_err();
    rig.shows_nothing(&error);
    assert_eq!(error.code(), "no-reply", "{error}");
    for word in ["status 1", "nothing was sent", "login shell (nologin"] {
        assert!(error.to_string().contains(word), "`{word}`: {error}");
    }
}
