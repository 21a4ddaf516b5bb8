//! What a person is asked at a terminal, and what comes of each answer.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::termios::{LocalModes, tcgetattr};
use tests::started;

use crate::Case;
use crate::caller::{Caller, caller, knows};
use crate::rig::{LONG, Rig, within};
use crate::server::Server;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_new_key_is_asked_about_and_taken_by_a_yes,
        a_new_key_is_taken_by_its_fingerprint,
        a_no_is_a_refusal,
        a_password_is_asked_for_and_not_shown,
        a_passphrase_is_asked_for_and_not_shown,
        the_servers_questions_are_asked_and_the_answers_not_shown,
        an_interrupted_question_leaves_the_terminal_as_it_was,
        an_interrupted_question_about_a_key_is_the_end,
    ]
}

/// Said where the terminal takes other keys or echoes otherwise than before.
const CHANGED: &str = "the terminal is left changed";

/// The program at a terminal of its own, which util-linux's `script` makes.
struct Terminal {
    script: Child,
    shown: Arc<Mutex<Vec<u8>>>,
    reader: std::thread::JoinHandle<()>,
}

impl Terminal {
    /// Begins a deploy to `box`.
    fn of(caller: &Caller<'_>) -> Self {
        let mut script = started::command("script");
        let line = format!(
            "tty\nbefore=$(stty -g)\n\"$PROGRAM\" deploy --no-proof -F \"$FOLDER/config\" --auth \"$FOLDER/auth.json\" box\n\
             status=$?\n[ \"$(stty -g)\" = \"$before\" ] || echo '{CHANGED}'\nexit $status"
        );
        script.args(["-q", "-e", "-c", &line, "/dev/null"]);
        script.env("PROGRAM", env!("CARGO_BIN_EXE_codex-remote-auth")).env("FOLDER", caller.home.folder());
        script.env("HOME", caller.home.folder()).env_remove("SSH_AUTH_SOCK").env("NO_COLOR", "1");
        script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut script = script.spawn().unwrap();
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (mut output, into) = (script.stdout.take().unwrap(), Arc::clone(&shown));
        let reader = std::thread::spawn(move || {
            let mut chunk = [0; 1024];
            while let Ok(count @ 1..) = output.read(&mut chunk) {
                into.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&chunk[..count]);
            }
        });
        Self { script, shown, reader }
    }

    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// Waits for a question, and answers it.
    fn asks(&mut self, question: &str, answer: &[u8]) {
        self.asks_and_hears(question, &[answer, b"\n"].concat());
    }

    /// Waits for a question, and presses these keys.
    fn asks_and_hears(&mut self, question: &str, keys: &[u8]) {
        assert!(
            within(LONG, || self.shown().contains(question)),
            "`{question}` is not asked:\n{}",
            self.shown()
        );
        self.script.stdin.as_mut().unwrap().write_all(keys).unwrap();
    }

    /// Waits for a question whose answer is not shown, and answers it.
    fn asks_hidden(&mut self, question: &str, answer: &[u8]) {
        self.asks_hidden_and_hears(question, &[answer, b"\n"].concat());
    }

    /// Waits for a question whose answer is not shown, and presses these keys.
    fn asks_hidden_and_hears(&mut self, question: &str, keys: &[u8]) {
        // The program turns the echo off right after it has asked.
        let hidden = within(LONG, || self.shown().contains(question) && !self.echoes());
        assert!(hidden, "`{question}` is not asked without echo:\n{}", self.shown());
        self.script.stdin.as_mut().unwrap().write_all(keys).unwrap();
    }

    /// Whether the terminal shows what is typed.
    fn echoes(&self) -> bool {
        let shown = self.shown();
        let terminal = File::open(shown.lines().next().unwrap().trim()).unwrap();
        tcgetattr(terminal).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// Holds that it ends so and leaves the terminal as it was, and gives all that was shown, in which no secret is.
    fn ends(mut self, caller: &Caller<'_>, expected: i32) -> String {
        // Closed, it would end what the program still reads, and a person does not go away.
        let _keyboard = self.script.stdin.take();
        let status = started::ends(&mut self.script, LONG);
        // Whatever the program started may hold the terminal; then the trial's own limit ends this.
        self.reader.join().unwrap();
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = String::from_utf8_lossy(&shown).into_owned();
        assert_eq!(status.code(), Some(expected), "{text}");
        assert!(!text.contains(CHANGED), "{text}");
        assert_eq!(caller.home.rig.gate().look(&shown), None, "the terminal shows a secret");
        text
    }
}

const SURE: &str = "Are you sure you want to continue connecting (yes/no/fingerprint)? ";

fn a_new_key_is_asked_about_and_taken_by_a_yes(rig: &Rig) {
    let (caller, server) = (caller(rig), rig.server(&[]));
    knows(&caller, &server, "");
    caller.home.know("");
    let mut terminal = Terminal::of(&caller);
    terminal.asks(SURE, b"maybe");
    terminal.asks("Please type 'yes', 'no' or the fingerprint: ", b"yes");
    let shown = terminal.ends(&caller, 0);
    let asked = format!("The authenticity of host '{}' (", server.name());
    assert!(shown.contains(&asked) && shown.contains("ssh-ed25519 key fingerprint is SHA256:"), "{shown}");
    assert!(caller.has_it());
    assert_eq!(caller.home.read("known_hosts"), server.lines().replace(" \n", "\n"));
}

fn a_new_key_is_taken_by_its_fingerprint(rig: &Rig) {
    let (caller, server) = (caller(rig), rig.server(&[]));
    knows(&caller, &server, "");
    caller.home.know("");
    let said = rig.root(&format!("ssh-keygen -lf /run/connect/{}/ed25519.pub", server.port));
    let fingerprint = said.split(' ').nth(1).unwrap();
    let mut terminal = Terminal::of(&caller);
    terminal.asks(SURE, fingerprint.as_bytes());
    terminal.ends(&caller, 0);
    assert!(caller.has_it());
}

fn a_no_is_a_refusal(rig: &Rig) {
    let (caller, server) = (caller(rig), rig.server(&[]));
    knows(&caller, &server, "");
    caller.home.know("");
    let mut terminal = Terminal::of(&caller);
    terminal.asks(SURE, b"no");
    let shown = terminal.ends(&caller, 1);
    assert!(shown.contains("the host key is not known") && shown.contains("nothing was sent"), "{shown}");
    assert_eq!((caller.home.read("known_hosts").as_str(), caller.has_it()), ("", false));
}

/// Holds that a server with these options has its question asked, and asked again after a wrong answer.
fn is_asked_twice(rig: &Rig, options: &[&str], question: impl Fn(&Caller<'_>, &Server) -> String) {
    let (caller, server) = (caller(rig), rig.server(options));
    knows(&caller, &server, "");
    let (password, wrong) = (rig.password(&caller.account), rig.secret());
    let question = question(&caller, &server);
    let mut terminal = Terminal::of(&caller);
    terminal.asks_hidden(&question, wrong.expose());
    assert!(within(LONG, || terminal.shown().matches(&question).count() == 2), "{}", terminal.shown());
    terminal.asks_hidden(&question, password.expose());
    terminal.ends(&caller, 0);
    assert!(caller.has_it());
}

fn a_password_is_asked_for_and_not_shown(rig: &Rig) {
    is_asked_twice(rig, &["PasswordAuthentication=yes", "PubkeyAuthentication=no"], |caller, server| {
        format!("{}@{}'s password: ", caller.account.name, server.host)
    });
}

fn a_passphrase_is_asked_for_and_not_shown(rig: &Rig) {
    let (caller, server) = (caller(rig), rig.server(&[]));
    let passphrase = rig.secret();
    rig.let_in(&caller.account, &caller.home.encrypted_key("locked", &["ed25519", "-a1"], &passphrase));
    knows(&caller, &server, "  IdentityFile DIR/locked\n");
    std::fs::remove_file(caller.home.path("id")).unwrap();
    let question = format!("Enter passphrase for key '{}': ", caller.home.path("locked").display());
    let mut terminal = Terminal::of(&caller);
    terminal.asks_hidden(&question, passphrase.expose());
    terminal.ends(&caller, 0);
    assert!(caller.has_it());
}

fn the_servers_questions_are_asked_and_the_answers_not_shown(rig: &Rig) {
    let options = ["UsePAM=yes", "KbdInteractiveAuthentication=yes", "PubkeyAuthentication=no"];
    is_asked_twice(rig, &options, |caller, server| {
        format!("({}@{}:{}) Password: ", caller.account.name, server.host, server.port)
    });
}

fn an_interrupted_question_leaves_the_terminal_as_it_was(rig: &Rig) {
    let (caller, server) =
        (caller(rig), rig.server(&["PasswordAuthentication=yes", "PubkeyAuthentication=no"]));
    knows(&caller, &server, "");
    let mut terminal = Terminal::of(&caller);
    terminal.asks_hidden_and_hears("'s password: ", b"half of it\x03");
    let shown = terminal.ends(&caller, 130);
    assert!(!shown.contains("half of it") && !caller.has_it(), "{shown}");
    assert!(shown.contains("FAILED    box  interrupted while it was under way"), "{shown}");
    assert!(!shown.contains("nobody"), "{shown}");
}

fn an_interrupted_question_about_a_key_is_the_end(rig: &Rig) {
    let (caller, server) = (caller(rig), rig.server(&[]));
    knows(&caller, &server, "");
    caller.home.know("");
    let mut terminal = Terminal::of(&caller);
    terminal.asks_and_hears(SURE, b"ye\x03");
    let shown = terminal.ends(&caller, 130);
    assert!(shown.contains("FAILED    box  interrupted while it was under way"), "{shown}");
    assert_eq!((caller.home.read("known_hosts").as_str(), caller.has_it()), ("", false));
}
