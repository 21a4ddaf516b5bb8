//! A program at its own terminal, made by util-linux's `script`, and the person who types at it.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::termios::{LocalModes, tcgetattr};

use crate::running::within;
use crate::started;

/// How long anything may take on a busy machine.
const LONG: Duration = Duration::from_secs(40);

/// The message if the terminal's settings for keys or echo have changed.
const CHANGED: &str = "the terminal is left changed";

/// A terminal in which a line of `sh` runs.
#[derive(Debug)]
pub struct Terminal {
    script: Child,
    shown: Arc<Mutex<Vec<u8>>>,
    reader: std::thread::JoinHandle<()>,
}

impl Terminal {
    /// Starts to run a line, with these variables in addition to the caller's own.
    pub fn runs(line: &str, variables: &[(&str, &OsStr)]) -> Self {
        let mut script = started::command("script");
        let line = format!(
            "tty\nbefore=$(stty -g)\n{line}\n\
             status=$?\n[ \"$(stty -g)\" = \"$before\" ] || echo '{CHANGED}'\nexit $status"
        );
        script.args(["-q", "-e", "-c", &line, "/dev/null"]).envs(variables.iter().copied());
        for name in ["CODEX_HOME", "SSH_AUTH_SOCK"] {
            script.env_remove(name);
        }
        script.env("NO_COLOR", "1").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut script = script.spawn().unwrap_or_else(|error| panic!("script: {error}"));
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (output, into) = (script.stdout.take(), Arc::clone(&shown));
        let reader = std::thread::spawn(move || {
            let Some(mut output) = output else { return };
            let mut chunk = [0; 1024];
            while let Ok(count @ 1..) = output.read(&mut chunk) {
                into.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&chunk[..count]);
            }
        });
        Self { script, shown, reader }
    }

    /// Everything that was shown so far.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// Waits for a question, and types these keys.
    pub fn hears(&mut self, question: &str, keys: &[u8]) {
        let asked = within(LONG, || self.shown().contains(question));
        assert!(asked, "`{question}` is not asked:\n{}", self.shown());
        self.types(keys);
    }

    /// Waits for a text after the first `before` bytes of what is shown.
    pub fn hears_after(&mut self, before: usize, text: &str) {
        let said = within(LONG, || self.shown().get(before..).is_some_and(|shown| shown.contains(text)));
        assert!(said, "`{text}` is not said:\n{}", self.shown());
    }

    /// Waits for a question whose answer is not shown, and types these keys.
    pub fn hears_hidden(&mut self, question: &str, keys: &[u8]) {
        // The program turns the echo off only after it has asked.
        let hidden = within(LONG, || self.shown().contains(question) && !self.echoes());
        assert!(hidden, "`{question}` is not asked without echo:\n{}", self.shown());
        self.types(keys);
    }

    fn types(&mut self, keys: &[u8]) {
        let keyboard = self.script.stdin.as_mut().unwrap_or_else(|| panic!("the keyboard is gone"));
        keyboard.write_all(keys).unwrap_or_else(|error| panic!("{error}"));
    }

    /// Whether the terminal shows what is typed. The file's first line is the terminal's name.
    fn echoes(&self) -> bool {
        let shown = self.shown();
        let Ok(terminal) = File::open(shown.lines().next().unwrap_or_default().trim()) else { return true };
        tcgetattr(terminal).is_ok_and(|modes| modes.local_modes.contains(LocalModes::ECHO))
    }

    /// Checks the exit status and that the terminal is left as it was. Returns everything that was shown.
    pub fn ends(mut self, expected: i32) -> Vec<u8> {
        // The input stays open: closing it would end what the program still reads, and a person does not go away either.
        let _keyboard = self.script.stdin.take();
        let status = started::ends(&mut self.script, LONG);
        let read = within(LONG, || self.reader.is_finished());
        let shown = self.shown();
        assert!(read, "something that was started still holds the terminal:\n{shown}");
        assert_eq!(status.code(), Some(expected), "{shown}");
        assert!(!shown.contains(CHANGED), "{shown}");
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
