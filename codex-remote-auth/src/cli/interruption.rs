//! Ctrl-C, SIGTERM and SIGHUP, where a person is asked or many hosts are under way.

use std::fs::{File, OpenOptions};
use std::sync::{Mutex, MutexGuard, Once, OnceLock, PoisonError};
use std::time::Duration;

use crate::hosts::Cancel;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::cli::exit::INTERRUPTED;

/// How long the program may take to say what is done.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The work that an interruption stops; where there is none, it ends the program at once.
static WORK: OnceLock<Cancel> = OnceLock::new();

/// How the terminal was before a question whose answer is not shown.
static BEFORE_THE_QUESTION: Mutex<Option<(File, Termios)>> = Mutex::new(None);

/// From now on an interruption stops this work, which then has a moment to say what is done.
pub(crate) fn stops(work: &Cancel) {
    // A verb has one such work.
    let _ = WORK.set(work.clone());
    if !is_to_outlive_its_terminal() {
        listen();
    }
}

/// Whether the program was started so that hanging up, or Ctrl-C, ends it not, as `nohup` does, and a script's `&`.
fn is_to_outlive_its_terminal() -> bool {
    const SIGHUP_AND_SIGINT: u64 = 0b11;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & SIGHUP_AND_SIGINT != 0)
}

/// Whether the work was interrupted.
pub(crate) fn came() -> bool {
    WORK.get().is_some_and(Cancel::is_asked)
}

/// Waits for an interruption that is on its way, and for the program's end with it where there is no work to stop.
pub(crate) fn comes() {
    while !came() {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Keeps a thread from saying a word more of a program that is about to end.
pub(crate) fn be_silent() -> ! {
    loop {
        std::thread::park();
    }
}

fn listen() {
    static HANDLER: Once = Once::new();
    HANDLER.call_once(|| {
        // It cannot be set where there is one, and no verb that has one asks for secrets.
        let _ = ctrlc::set_handler(|| {
            bring_back_the_terminal();
            if let Some(work) = WORK.get() {
                work.ask();
                std::thread::sleep(LAST_WORDS);
            }
            std::process::exit(INTERRUPTED.into());
        });
    });
}

/// While it is there, an interruption leaves the terminal as it was. rpassword alone does not see to that: it takes
/// Ctrl-C as a letter and answers it with a signal, and that would end the program before the echo is back.
pub(crate) struct KeptModes;

impl KeptModes {
    pub(crate) fn of_the_terminal() -> Option<Self> {
        listen();
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

fn bring_back_the_terminal() {
    if let Some((terminal, modes)) = before_the_question().take() {
        let _ = tcsetattr(terminal, OptionalActions::Now, &modes);
    }
}

fn before_the_question() -> MutexGuard<'static, Option<(File, Termios)>> {
    BEFORE_THE_QUESTION.lock().unwrap_or_else(PoisonError::into_inner)
}
