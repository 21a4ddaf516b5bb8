//! The terminal: its colours, and the person at it.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind};
use std::sync::{Mutex, PoisonError};

use crate::auth_json::Secret;
use crate::output::{Colours, Style};
use crate::ssh::{Ask, Detail, TrustAnswer, UnknownKey, printable};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use zeroize::Zeroizing;

use crate::cli::interruption::{self, KeptModes};
use crate::cli::{colour, say, width};

/// How soon an interruption is noticed while a question waits for an answer.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Colours for the standard output.
pub fn colours() -> Colours {
    colour::of(&std::io::stdout())
}

/// The style of reports on the standard output. Signs that ASCII does not have are used only if the locale says that the terminal
/// shows UTF-8.
pub fn style() -> Style {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default().to_ascii_lowercase();
    Style {
        colours: colours(),
        utf8: locale.contains("utf-8") || locale.contains("utf8"),
        width: width::list_width(),
    }
}

/// The person at the terminal from which this program was started, whatever its standard input is. Without a terminal,
/// there is nobody.
#[derive(Debug, Default)]
pub(crate) struct Terminal {
    one_at_a_time: Mutex<()>,
    details: Option<Detail>,
}

impl Terminal {
    /// The person, who also reads details up to this kind.
    pub(crate) fn showing(details: Option<Detail>) -> Self {
        Self { details, ..Self::default() }
    }

    /// Whether the person agrees to something.
    pub(crate) fn agrees(&self, question: &str) -> TrustAnswer {
        let _turn = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        let mut question = format!("{question} (yes/no)? ");
        loop {
            match line(&question).as_deref() {
                Some("yes") => return TrustAnswer::Yes,
                Some("no") => return TrustAnswer::No,
                None => return TrustAnswer::Nobody,
                Some(_) => "Please type 'yes' or 'no': ".clone_into(&mut question),
            }
        }
    }
}

impl Ask for Terminal {
    fn tell(&self, host: &str, line: &str) {
        tell_line!("{}", printable(&format!("{host}: {line}")));
    }

    fn detail(&self, kind: Detail, host: &str, line: &str) {
        if self.details.is_some_and(|most| kind <= most) {
            self.tell(host, line);
        }
    }

    fn trust(&self, key: &UnknownKey<'_>) -> TrustAnswer {
        let _turn = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        let mut question = format!(
            "The authenticity of host '{}' ({}) can't be established.\n{} key fingerprint is {}.\n\
             Are you sure you want to continue connecting (yes/no/fingerprint)? ",
            printable(key.name),
            printable(&key.endpoint.to_string()),
            printable(key.kind),
            printable(key.fingerprint)
        );
        loop {
            match line(&question).as_deref() {
                Some("yes") => return TrustAnswer::Yes,
                Some(answer) if answer == key.fingerprint => return TrustAnswer::Yes,
                Some("no") => return TrustAnswer::No,
                None => return TrustAnswer::Nobody,
                Some(_) => "Please type 'yes', 'no' or the fingerprint: ".clone_into(&mut question),
            }
        }
    }

    fn secret(&self, question: &str, echo: bool) -> Option<Secret> {
        let _turn = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        if echo {
            return line(&printable(question)).map(|answer| Secret::new(answer.as_bytes()));
        }
        if interruption::came() {
            return None;
        }
        let _kept = KeptModes::of_the_terminal();
        match say::ask_for_secret(&printable(question)).map(Zeroizing::new) {
            Ok(answer) => Some(Secret::new(answer.as_bytes())),
            Err(error) if error.kind() == ErrorKind::Interrupted => {
                interruption::comes();
                None
            }
            Err(_) => None,
        }
    }
}

/// Asks for a line; `None` if there is no terminal, the input ended, or the program was interrupted.
fn line(question: &str) -> Option<String> {
    if interruption::came() {
        return None;
    }
    let mut terminal: File = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
    say::ask(&mut terminal, question)?;
    // An interruption does not end a read.
    while !interruption::came() {
        let readable = PollFd::new(&terminal, PollFlags::IN);
        if poll(&mut [readable], Some(&LOOK)).is_ok_and(|count| count > 0) {
            break;
        }
    }
    if interruption::came() {
        return None;
    }
    let mut answer = String::new();
    let count = BufReader::new(terminal).read_line(&mut answer).ok()?;
    (count > 0).then(|| answer.trim().to_owned())
}
