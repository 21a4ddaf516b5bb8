//! A login that waits for a person.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Output, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tests::home::set_off;
use tests::person::Person;
use tests::started;

use crate::login;

/// The running program, which has shown a link.
pub(crate) struct UnderWay<'p, 'r> {
    person: &'p Person<'r>,
    program: Child,
    stdout: Receiver<Vec<u8>>,
    stderr: BufReader<ChildStderr>,
    said: String,
    pub(crate) link: String,
}

impl<'p, 'r> UnderWay<'p, 'r> {
    /// Starts the program, and waits for the link.
    pub(crate) fn begins(person: &'p Person<'r>, more: &[&str]) -> Self {
        let mut command = person.command(&login(&[&["--timeout", "30"], more].concat()));
        let mut program = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = started::reads(program.stdout.take().unwrap());
        let mut stderr = BufReader::new(program.stderr.take().unwrap());
        let mut said = String::new();
        while set_off(&said).is_empty() {
            let count = stderr.read_line(&mut said).unwrap();
            assert!(count > 0, "no link was shown: {said}");
        }
        let link = set_off(&said)[0].to_owned();
        Self { person, program, stdout, stderr, said, link }
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupts(&self) {
        kill_process(Pid::from_child(&self.program), Signal::INT).unwrap();
    }

    /// Waits for the end. Returns exit status, standard output and standard error, after checking that they have no link or code.
    pub(crate) fn ends(mut self) -> (i32, String, String) {
        self.stderr.read_to_string(&mut self.said).unwrap();
        let status = started::ends(&mut self.program, started::PATIENCE);
        let stdout = self.stdout.recv_timeout(Duration::from_secs(10)).unwrap();
        let said = self.person.said(Output { status, stdout, stderr: self.said.into_bytes() });
        assert!(set_off(&said.2).iter().all(|shown| !said.1.contains(shown)), "{said:?}");
        said
    }
}
