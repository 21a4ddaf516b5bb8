//! What a user is asked at a terminal, and the result of each answer.

use tests::person::Person;
use tests::running::within;
use tests::terminal::Terminal;

use crate::Case;
use crate::server::Server;
use crate::support::{Connects, LONG, Rig, knows};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_new_key_is_asked_about_and_taken_by_a_yes,
        a_new_key_is_taken_by_its_fingerprint,
        a_no_is_a_refusal,
        a_password_is_asked_for_and_not_shown,
        a_passphrase_is_asked_for_and_not_shown,
        the_servers_questions_are_asked_and_the_answers_not_shown,
        an_interrupted_question_leaves_the_terminal_unchanged,
        an_interrupted_question_about_a_key_is_the_end,
    ]
}

/// A deploy to `box` at a terminal.
struct AtTerminal<'c, 'r> {
    terminal: Terminal,
    caller: &'c Person<'r>,
}

impl<'c, 'r> AtTerminal<'c, 'r> {
    fn of(caller: &'c Person<'r>) -> Self {
        Self { terminal: caller.at_terminal("deploy --no-proof box", None), caller }
    }

    fn asks(&mut self, question: &str, answer: &[u8]) {
        self.terminal.hears(question, &[answer, b"\n"].concat());
    }

    fn asks_hidden(&mut self, question: &str, answer: &[u8]) {
        self.terminal.hears_hidden(question, &[answer, b"\n"].concat());
    }

    /// Checks the exit status. Returns everything that was shown, after checking it for secrets.
    fn ends(self, expected: i32) -> String {
        let shown = self.terminal.ends(expected);
        assert_eq!(self.caller.rig.leak_scanner().look(&shown), None, "the terminal shows a secret");
        String::from_utf8_lossy(&shown).into_owned()
    }
}

const SURE: &str = "Are you sure you want to continue connecting (yes/no/fingerprint)? ";

fn a_new_key_is_asked_about_and_taken_by_a_yes(rig: &Rig) {
    let (caller, server) = (rig.caller(), rig.server(&[]));
    knows(&caller, &server, "");
    caller.know("");
    let mut terminal = AtTerminal::of(&caller);
    terminal.asks(SURE, b"maybe");
    terminal.asks("Please type 'yes', 'no' or the fingerprint: ", b"yes");
    let shown = terminal.ends(0);
    let asked = format!("The authenticity of host '{}' (", server.name());
    assert!(shown.contains(&asked) && shown.contains("ssh-ed25519 key fingerprint is SHA256:"), "{shown}");
    assert!(caller.has_it());
    assert_eq!(caller.read("known_hosts"), server.lines().replace(" \n", "\n"));
}

fn a_new_key_is_taken_by_its_fingerprint(rig: &Rig) {
    let (caller, server) = (rig.caller(), rig.server(&[]));
    knows(&caller, &server, "");
    caller.know("");
    let said = rig.root(&format!("ssh-keygen -lf /run/connect/{}/ed25519.pub", server.port));
    let fingerprint = said.split(' ').nth(1).unwrap();
    let mut terminal = AtTerminal::of(&caller);
    terminal.asks(SURE, fingerprint.as_bytes());
    terminal.ends(0);
    assert!(caller.has_it());
}

fn a_no_is_a_refusal(rig: &Rig) {
    let (caller, server) = (rig.caller(), rig.server(&[]));
    knows(&caller, &server, "");
    caller.know("");
    let mut terminal = AtTerminal::of(&caller);
    terminal.asks(SURE, b"no");
    let shown = terminal.ends(1);
    assert!(
        shown.contains("is not known")
            && shown.contains("and you did not accept it")
            && shown.contains("nothing was sent"),
        "{shown}"
    );
    assert_eq!((caller.read("known_hosts").as_str(), caller.has_it()), ("", false));
}

/// Checks that the question of a server with these options is asked, and asked again after a wrong answer.
fn is_asked_twice(rig: &Rig, options: &[&str], question: impl Fn(&Person<'_>, &Server) -> String) {
    let (caller, server) = (rig.caller(), rig.server(options));
    knows(&caller, &server, "");
    let (password, wrong) = (rig.password(caller.account()), rig.secret());
    let question = question(&caller, &server);
    let mut terminal = AtTerminal::of(&caller);
    terminal.asks_hidden(&question, wrong.expose());
    assert!(
        within(LONG, || terminal.terminal.shown().matches(&question).count() == 2),
        "{}",
        terminal.terminal.shown()
    );
    terminal.asks_hidden(&question, password.expose());
    let shown = terminal.ends(0);
    assert!(shown.contains("Permission denied, please try again."), "{shown}");
    assert!(caller.has_it());
}

fn a_password_is_asked_for_and_not_shown(rig: &Rig) {
    is_asked_twice(rig, &["PasswordAuthentication=yes", "PubkeyAuthentication=no"], |caller, server| {
        format!("{}@{}'s password: ", caller.account().name, server.host)
    });
}

fn a_passphrase_is_asked_for_and_not_shown(rig: &Rig) {
    let (caller, server) = (rig.caller(), rig.server(&[]));
    let passphrase = rig.secret();
    rig.let_in(caller.account(), &caller.encrypted_key("locked", &["ed25519", "-a1"], &passphrase));
    knows(&caller, &server, "  IdentityFile DIR/locked\n");
    std::fs::remove_file(caller.path("id")).unwrap();
    let question = format!("Enter passphrase for key '{}': ", caller.path("locked").display());
    let mut terminal = AtTerminal::of(&caller);
    terminal.asks_hidden(&question, passphrase.expose());
    terminal.ends(0);
    assert!(caller.has_it());
}

fn the_servers_questions_are_asked_and_the_answers_not_shown(rig: &Rig) {
    let options = ["UsePAM=yes", "KbdInteractiveAuthentication=yes", "PubkeyAuthentication=no"];
    is_asked_twice(rig, &options, |caller, server| {
        format!("({}@{}:{}) Password: ", caller.account().name, server.host, server.port)
    });
}

fn an_interrupted_question_leaves_the_terminal_unchanged(rig: &Rig) {
    let (caller, server) =
        (rig.caller(), rig.server(&["PasswordAuthentication=yes", "PubkeyAuthentication=no"]));
    knows(&caller, &server, "");
    let mut terminal = AtTerminal::of(&caller);
    terminal.terminal.hears_hidden("'s password: ", b"half of it\x03");
    let shown = terminal.ends(130);
    assert!(!shown.contains("half of it") && !caller.has_it(), "{shown}");
    assert!(shown.contains("FAILED    box  interrupted while in progress"), "{shown}");
    assert!(!shown.contains("nobody"), "{shown}");
}

fn an_interrupted_question_about_a_key_is_the_end(rig: &Rig) {
    let (caller, server) = (rig.caller(), rig.server(&[]));
    knows(&caller, &server, "");
    caller.know("");
    let mut terminal = AtTerminal::of(&caller);
    terminal.terminal.hears(SURE, b"ye\x03");
    let shown = terminal.ends(130);
    assert!(shown.contains("FAILED    box  interrupted while in progress"), "{shown}");
    assert_eq!((caller.read("known_hosts").as_str(), caller.has_it()), ("", false));
}
