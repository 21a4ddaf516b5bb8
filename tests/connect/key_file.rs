//! Private keys in files.

use codex_remote_auth::auth_json::Secret;
use codex_remote_auth::ssh::{Deadline, SshOptions, connect, resolve};
use harness::target::Account;
use tests::account::RemoteAccount;
use tests::home::Home;

use crate::Case;
use crate::answers::Answers;
use crate::server::Server;
use crate::support::{Connects, LONG, Rig, says};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        every_type_and_form_logs_in,
        an_encrypted_key_of_each_type_asks_for_its_passphrase,
        a_wrong_passphrase_three_times_is_the_end,
        a_named_key_that_is_not_there_is_said,
        a_public_key_is_no_private_one,
        the_second_key_is_tried_after_the_first,
    ]
}

fn to(rig: &Rig) -> (Home<'_>, Server, RemoteAccount<'_>) {
    let (home, server, account) = (rig.home(), rig.server(&[]), rig.account().make());
    home.know(&server.lines());
    home.configure(&format!("Host box\n{}", server.settings(&account)));
    (home, server, account)
}

/// Uses only this key.
fn only(home: &Home<'_>, server: &Server, account: &Account, key: &str) {
    home.configure(&format!("Host box\n{}  IdentityFile DIR/{key}\n", server.settings(account)));
    home.write("id", "");
}

fn every_type_and_form_logs_in(rig: &Rig) {
    let (home, server, account) = to(rig);
    let forms: [&[&str]; 6] = [
        &["ed25519"],
        &["ecdsa", "-b256"],
        &["ecdsa", "-b521"],
        &["rsa", "-b3072"],
        &["rsa", "-b2048", "-m", "PEM"],
        &["ecdsa", "-m", "PKCS8"],
    ];
    for (number, form) in forms.iter().enumerate() {
        let name = format!("key{number}");
        rig.let_in(&account, &home.key(&name, form));
        only(&home, &server, &account, &name);
        let session =
            home.connect("box", &Answers::default()).unwrap_or_else(|problem| panic!("{form:?}: {problem}"));
        assert_eq!(says(&session, "id -un"), account.name, "{form:?}");
    }
}

fn an_encrypted_key_of_each_type_asks_for_its_passphrase(rig: &Rig) {
    let (home, server, account) = to(rig);
    let (passphrase, wrong) = (rig.secret(), rig.secret());
    let forms: [&[&str]; 5] = [
        &["ed25519", "-a1"],
        &["ecdsa", "-a1"],
        &["rsa", "-b2048", "-a1"],
        &["rsa", "-b2048", "-m", "PEM"],
        &["ecdsa", "-m", "PKCS8"],
    ];
    for (number, form) in forms.iter().enumerate() {
        let name = format!("locked{number}");
        rig.let_in(&account, &home.encrypted_key(&name, form, &passphrase));
        only(&home, &server, &account, &name);
        let question = format!("Enter passphrase for key '{}': ", home.path(&name).display());
        for (answers, asked) in [(vec![&passphrase], 1), (vec![&wrong, &passphrase], 2)] {
            let ask = Answers::with(&answers);
            let session = home.connect("box", &ask).unwrap_or_else(|problem| panic!("{form:?}: {problem}"));
            assert_eq!(says(&session, "id -un"), account.name);
            assert_eq!(ask.asked(), vec![(question.clone(), false); asked], "{form:?}");
        }
    }
}

fn a_wrong_passphrase_three_times_is_the_end(rig: &Rig) {
    let (home, server, account) = to(rig);
    let (passphrase, wrong) = (rig.secret(), rig.secret());
    rig.let_in(&account, &home.encrypted_key("locked", &["ed25519", "-a1"], &passphrase));
    only(&home, &server, &account, "locked");
    let ask = Answers::with(&[&wrong, &wrong, &wrong, &passphrase]);
    rig.problem(
        home.connect("box", &ask),
        "ssh-login-refused",
        &[&server.host, "locked", "wrong passphrase", "nothing was sent"],
    );
    assert_eq!(ask.asked().len(), 3);
}

fn a_named_key_that_is_not_there_is_said(rig: &Rig) {
    let (home, server, _) = to(rig);
    let options = SshOptions { identities: vec![home.path("absent")], ..home.options() };
    let to = resolve("box", &options).unwrap();
    assert!(to.warnings.iter().any(|warning| warning.contains("absent")), "{:?}", to.warnings);
    // Keys of the configuration still count, as with ssh.
    connect(&to, &Answers::default(), Deadline::after(LONG)).unwrap();
    home.write("id", "");
    let problem = connect(&to, &Answers::default(), Deadline::after(LONG));
    rig.problem(problem, "ssh-login-refused", &[&server.host]);
}

fn a_public_key_is_no_private_one(rig: &Rig) {
    let (home, server, account) = to(rig);
    rig.let_in(&account, &home.key("key", &["ecdsa"]));
    only(&home, &server, &account, "key.pub");
    rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-login-refused",
        &["key.pub", "is a public key", &server.host],
    );
}

fn the_second_key_is_tried_after_the_first(rig: &Rig) {
    let (home, server, account) = to(rig);
    home.key("wrong", &["ed25519"]);
    home.configure(&format!("Host box\n{}  IdentityFile DIR/wrong\n", server.settings(&account)));
    let session = home.connect("box", &Answers::default()).unwrap();
    assert_eq!(says(&session, "id -un"), account.name);
    let nothing = Secret::new("");
    home.write("id", nothing.expose());
}
