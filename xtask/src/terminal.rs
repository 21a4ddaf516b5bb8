//! The terminal: whether it takes colours, and the person before it.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use harness::auth::Secret;
use harness::report::Colours;
use harness::ssh::{Ask, UnknownKey};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::exit::INTERRUPTED;

/// Colours for the standard output: on for a terminal, unless `NO_COLOR` says otherwise.
pub(crate) fn colours() -> Colours {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if std::io::stdout().is_terminal() && !refused { Colours::On } else { Colours::Off }
}

/// The person at the terminal that this program was called from, whatever its standard input is. Where there is no
/// terminal, there is nobody.
#[derive(Debug, Default)]
pub(crate) struct Terminal {
    one_at_a_time: Mutex<()>,
}

impl Ask for Terminal {
    fn trust(&self, key: &UnknownKey<'_>) -> bool {
        let _turn = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        let mut question = format!(
            "The authenticity of host '{}' ({}) can't be established.\n{} key fingerprint is {}.\n\
             Are you sure you want to continue connecting (yes/no/fingerprint)? ",
            key.name, key.endpoint, key.kind, key.fingerprint
        );
        loop {
            match line(&question).as_deref() {
                Some("yes") => return true,
                Some(answer) if answer == key.fingerprint => return true,
                None | Some("no") => return false,
                Some(_) => "Please type 'yes', 'no' or the fingerprint: ".clone_into(&mut question),
            }
        }
    }

    fn secret(&self, question: &str, echo: bool) -> Option<Secret> {
        let _turn = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        if echo {
            return line(question).map(|answer| Secret::new(answer.as_bytes()));
        }
        let _kept = KeptModes::of_the_terminal();
        match rpassword::prompt_password(question).map(Zeroizing::new) {
            Ok(answer) => Some(Secret::new(answer.as_bytes())),
            // Not one more word, whatever comes first: this or the signal.
            Err(error) if error.kind() == ErrorKind::Interrupted => std::process::exit(INTERRUPTED),
            Err(_) => None,
        }
    }
}

/// How the terminal was before a question whose answer is not shown, for the signal that ends the program meanwhile.
static BEFORE_THE_QUESTION: Mutex<Option<(File, Termios)>> = Mutex::new(None);

/// While it is there, Ctrl-C leaves the terminal as it was. rpassword alone does not see to that: it takes Ctrl-C as a
/// letter and answers it with a signal, and that ends the program before the echo is back.
struct KeptModes;

impl KeptModes {
    fn of_the_terminal() -> Option<Self> {
        static HANDLER: Once = Once::new();
        HANDLER.call_once(|| {
            // It cannot be set where there is one, and no verb that has one asks for secrets.
            let _ = ctrlc::set_handler(|| {
                if let Some((terminal, modes)) = before_the_question().take() {
                    let _ = tcsetattr(terminal, OptionalActions::Now, &modes);
                }
                std::process::exit(INTERRUPTED);
            });
        });
        let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
        let modes = tcgetattr(&terminal).ok()?;
        *before_the_question() = Some((terminal, modes));
        Some(Self)
    }
}

impl Drop for KeptModes {
    fn drop(&mut self) {
        *before_the_question() = None;
    }
}

fn before_the_question() -> MutexGuard<'static, Option<(File, Termios)>> {
    BEFORE_THE_QUESTION.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks for a line; `None` where there is no terminal, or its end.
fn line(question: &str) -> Option<String> {
    let mut terminal: File = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
    terminal.write_all(question.as_bytes()).ok()?;
    let mut answer = String::new();
    let count = BufReader::new(terminal).read_line(&mut answer).ok()?;
    (count > 0).then(|| answer.trim().to_owned())
}
