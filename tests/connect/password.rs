//! Passwords, and questions that a server asks.

use std::time::Duration;

use tests::account::RemoteAccount;
use tests::home::Home;

use crate::Case;
use crate::answers::Answers;
use crate::server::Server;
use crate::support::{Connects, Rig, says};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_password_is_asked_without_echo,
        a_wrong_password_is_asked_for_again,
        a_wrong_password_three_times_is_the_end,
        without_a_person_it_says_so,
        the_servers_questions_are_asked,
        nobody_answers_the_servers_questions,
        a_wrong_answer_is_asked_for_again,
        a_key_and_a_password_are_both_wanted,
        a_key_and_questions_are_both_wanted,
        two_keys_are_both_wanted,
        a_method_that_is_turned_off_is_not_tried,
        the_time_of_a_question_is_not_counted,
    ]
}

const PASSWORD: &[&str] = &["PasswordAuthentication=yes", "PubkeyAuthentication=no"];
const QUESTIONS: &[&str] = &["UsePAM=yes", "KbdInteractiveAuthentication=yes", "PubkeyAuthentication=no"];

fn to<'r>(rig: &'r Rig, options: &[&str], settings: &str) -> (Home<'r>, Server, RemoteAccount<'r>) {
    let (home, server, account) = (rig.home(), rig.server(options), rig.account().make());
    home.know(&server.lines());
    home.configure(&format!("Host box\n{}{settings}", server.settings(&account)));
    (home, server, account)
}

fn a_password_is_asked_without_echo(rig: &Rig) {
    let (home, server, account) = to(rig, PASSWORD, "");
    let password = rig.password(&account);
    let ask = Answers::with(&[&password]);
    let session = home.connect("box", &ask).unwrap();
    assert_eq!(says(&session, "id -un"), account.name);
    assert_eq!(ask.asked(), [(format!("{}@{}'s password: ", account.name, server.host), false)]);
}

fn a_wrong_password_is_asked_for_again(rig: &Rig) {
    let (home, _, account) = to(rig, PASSWORD, "");
    let (password, wrong) = (rig.password(&account), rig.secret());
    let ask = Answers::with(&[&wrong, &wrong, &password]);
    home.connect("box", &ask).unwrap();
    assert_eq!(ask.asked().len(), 3);
}

fn a_wrong_password_three_times_is_the_end(rig: &Rig) {
    let (home, server, account) = to(rig, PASSWORD, "");
    let (password, wrong) = (rig.password(&account), rig.secret());
    let ask = Answers::with(&[&wrong, &wrong, &wrong, &password]);
    rig.problem(
        home.connect("box", &ask),
        "ssh-login-refused",
        &[&server.host, "a password, 3 times", "the server accepts password", "nothing was sent"],
    );
    assert_eq!(ask.asked().len(), 3);
}

fn without_a_person_it_says_so(rig: &Rig) {
    for settings in ["", "  BatchMode yes\n"] {
        let (home, server, _) = to(rig, PASSWORD, settings);
        let ask = Answers::default();
        rig.problem(
            home.connect("box", &ask),
            "ssh-login-refused",
            &[&server.host, "a password", "nobody", "terminal", "nothing was sent"],
        );
        assert_eq!(ask.asked().len(), usize::from(settings.is_empty()));
    }
}

fn the_servers_questions_are_asked(rig: &Rig) {
    let (home, server, account) = to(rig, QUESTIONS, "");
    let password = rig.password(&account);
    let ask = Answers::with(&[&password]);
    let session = home.connect("box", &ask).unwrap();
    assert_eq!(says(&session, "id -un"), account.name);
    let asked = ask.asked();
    let [(question, false)] = asked.as_slice() else { panic!("{asked:?}") };
    assert!(question.contains("Password: ") && question.contains(&server.host), "{question}");
}

fn nobody_answers_the_servers_questions(rig: &Rig) {
    for settings in ["", "  BatchMode yes\n"] {
        let (home, server, account) = to(rig, QUESTIONS, settings);
        rig.password(&account);
        let ask = Answers::default();
        rig.problem(
            home.connect("box", &ask),
            "ssh-login-refused",
            &[&server.host, "questions", "nobody", "terminal", "nothing was sent"],
        );
        // An answer that nobody gave would be a failed attempt in that account's name, and some systems lock it after a few.
        let failed = rig.root(&format!("grep -c 'Failed .* for {} ' /run/sshd.log || :", account.name));
        assert_eq!(failed.trim(), "0");
    }
}

fn a_wrong_answer_is_asked_for_again(rig: &Rig) {
    let (home, _, account) = to(rig, QUESTIONS, "");
    let (password, wrong) = (rig.password(&account), rig.secret());
    let ask = Answers::with(&[&wrong, &password]);
    home.connect("box", &ask).unwrap();
    assert_eq!(ask.asked().len(), 2);
}

fn a_key_and_a_password_are_both_wanted(rig: &Rig) {
    let options = ["PasswordAuthentication=yes", "AuthenticationMethods=publickey,password"];
    let (home, _, account) = to(rig, &options, "");
    let password = rig.password(&account);
    let session = home.connect("box", &Answers::with(&[&password])).unwrap();
    assert_eq!(says(&session, "id -un"), account.name);
    home.key("wrong", &["ed25519"]);
    home.write("id", home.read("wrong"));
    let ask = Answers::with(&[&password]);
    rig.problem(home.connect("box", &ask), "ssh-login-refused", &["the server accepts publickey"]);
    assert!(ask.asked().is_empty(), "a server that does not want a password gets none");
}

fn a_key_and_questions_are_both_wanted(rig: &Rig) {
    let options = [
        "UsePAM=yes",
        "KbdInteractiveAuthentication=yes",
        "AuthenticationMethods=publickey,keyboard-interactive",
        // Keys that follow the accepted one count as attempts.
        "MaxAuthTries=3",
    ];
    let (home, server, account) = to(rig, &options, "");
    let password = rig.password(&account);
    let more: String = (0..4)
        .map(|number| {
            home.key(&format!("more{number}"), &["ed25519"]);
            format!("  IdentityFile DIR/more{number}\n")
        })
        .collect();
    home.configure(&format!("Host box\n{}  IdentityFile DIR/id\n{more}", server.settings(&account)));
    let session = home.connect("box", &Answers::with(&[&password])).unwrap();
    assert_eq!(says(&session, "id -un"), account.name);
}

fn two_keys_are_both_wanted(rig: &Rig) {
    let (home, server, account) = to(rig, &["AuthenticationMethods=publickey,publickey"], "");
    home.key("wrong", &["ed25519"]);
    rig.let_in(&account, &home.key("second", &["ecdsa"]));
    home.configure(&format!(
        "Host box\n{}  IdentityFile DIR/id\n  IdentityFile DIR/wrong\n  IdentityFile DIR/second\n",
        server.settings(&account)
    ));
    home.connect("box", &Answers::default()).unwrap();
    std::fs::remove_file(home.path("second")).unwrap();
    rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-login-refused",
        &["the server accepts publickey"],
    );
}

fn a_method_that_is_turned_off_is_not_tried(rig: &Rig) {
    let (home, server, account) = to(
        rig,
        &["UsePAM=yes", "KbdInteractiveAuthentication=yes", "PasswordAuthentication=yes"],
        "  PasswordAuthentication no\n  KbdInteractiveAuthentication no\n  PubkeyAuthentication no\n",
    );
    let password = rig.password(&account);
    let ask = Answers::with(&[&password]);
    rig.problem(
        home.connect("box", &ask),
        "ssh-login-refused",
        &[&server.host, "the server accepts publickey, password, keyboard-interactive"],
    );
    assert!(ask.asked().is_empty());
}

fn the_time_of_a_question_is_not_counted(rig: &Rig) {
    let (home, _, account) = to(rig, PASSWORD, "");
    home.know("");
    let password = rig.password(&account);
    let ask = Answers::with(&[&password]).agreeing().slowly(Duration::from_secs(4));
    home.connect_within("box", &ask, Duration::from_secs(6)).unwrap();
    assert_eq!((ask.asked().len(), ask.asked_of().len()), (1, 1));
}
