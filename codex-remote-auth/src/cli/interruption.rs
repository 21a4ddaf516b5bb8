//! Handles Ctrl-C, SIGTERM and SIGHUP while a person is asked or many hosts are in progress.

use std::fs::{File, OpenOptions};
use std::sync::{Mutex, MutexGuard, Once, OnceLock, PoisonError};
use std::time::Duration;

use crate::hosts::Cancel;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::cli::exit::INTERRUPTED;

/// How long the program may take to report what is done.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The work that an interruption stops. If there is none, an interruption ends the program immediately.
static WORK: OnceLock<Cancel> = OnceLock::new();

/// What an interruption prints if there is no work to stop.
static LAST: Mutex<Option<String>> = Mutex::new(None);

/// The terminal's modes before a question whose answer is not shown.
static BEFORE_THE_QUESTION: Mutex<Option<(File, Termios)>> = Mutex::new(None);

/// From now on, an interruption stops this work, which then has [`LAST_WORDS`] to report what is done.
pub(crate) fn stops(work: &Cancel) {
    // A command sets this only once.
    let _ = WORK.set(work.clone());
    if !is_to_outlive_its_terminal() {
        listen();
    }
}

/// From now on, an interruption prints this and ends the program.
pub(crate) fn ends_with(words: &str) {
    *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(words.to_owned());
    if !is_to_outlive_its_terminal() {
        listen();
    }
}

/// Whether the program was started to survive a hangup or Ctrl-C, as by `nohup` or by `&` in a script.
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

/// Waits for an interruption that is about to arrive. If there is no work to stop, it ends the program.
pub(crate) fn comes() {
    while !came() {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Stops this thread, so that it prints nothing more while the program ends.
pub(crate) fn be_silent() -> ! {
    loop {
        std::thread::park();
    }
}

fn listen() {
    static HANDLER: Once = Once::new();
    HANDLER.call_once(|| {
        // This fails if a handler exists already. No command with its own handler asks for secrets.
        let _ = ctrlc::set_handler(|| {
            bring_back_the_terminal();
            if let Some(work) = WORK.get() {
                work.ask();
                std::thread::sleep(LAST_WORDS);
            } else if let Some(words) = LAST.lock().unwrap_or_else(PoisonError::into_inner).take() {
                tell_line!("{words}");
            }
            std::process::exit(INTERRUPTED.into());
        });
    });
}

/// While this value exists, an interruption restores the terminal's modes. rpassword is not enough: it reads Ctrl-C as
/// a character and answers it with a signal, which would end the program before the echo is back.
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
