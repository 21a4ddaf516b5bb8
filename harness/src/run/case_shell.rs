//! The shell in which a person tries a case: its history, and the commands that ask the harness for something.

use super::runner::Runner;
use crate::target::{Account, Container, RigProblem};
use codex_remote_auth::codex::quote;
use codex_remote_auth::ssh::End;

/// What a person in the shell can ask for. Each is a command there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// `step`: run the step as the lesson does.
    Step,
    /// `fix`: run the right ways.
    Fix,
    /// `again`: reset the account.
    Again,
}

impl Wish {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Step, Self::Fix, Self::Again];

    /// The name of the command.
    pub fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Fix => "fix",
            Self::Again => "again",
        }
    }
}

/// A folder in the container in which the commands leave their question, and find the answer.
#[derive(Debug)]
pub struct CaseShell<'e> {
    container: &'e Container<'e>,
    folder: String,
}

/// One of the commands: it asks under its own name, and prints the answer. A person can end it by Ctrl-C.
const COMMAND: &str = r#"#!/bin/sh
cd "${0%/*}/asked" || exit
rm -f answer question
echo "${0##*/}" >new && mv new question || exit
until [ -f answer ]; do sleep 0.1; done
cat answer
"#;

impl<'e> CaseShell<'e> {
    /// Puts the commands next to an account, and `history` into what its shell remembers. Nothing of it is in the home, which is
    /// exactly as the lesson wants it.
    ///
    /// # Errors
    /// [`RigProblem`] if it cannot be written.
    pub fn install(runner: &Runner<'e>, account: &Account, history: &str) -> Result<Self, RigProblem> {
        let shell = Self { container: runner.container(), folder: format!("/run/case/{}", account.name) };
        let commands: Vec<&str> = Wish::ALL.iter().map(|wish| wish.name()).collect();
        shell.root(
            &format!(
                "umask 022; mkdir -p {0}/asked && cd {0} && cat >step && chmod 755 step && \
                 for name in {1}; do [ -e $name ] || cp -p step $name; done && \
                 printf '%s\\n' {2} >history && chown -R {3}: .",
                shell.folder,
                commands.join(" "),
                quote(history),
                account.name,
            ),
            COMMAND.as_bytes(),
        )?;
        Ok(shell)
    }

    /// The same, for a process that has found it.
    pub(super) fn at(container: &'e Container<'e>, folder: String) -> Self {
        Self { container, folder }
    }

    pub(super) fn container(&self) -> &'e Container<'e> {
        self.container
    }

    pub(super) fn folder(&self) -> &str {
        &self.folder
    }

    /// Asks as a command in the shell does.
    pub(super) fn ask(&self, wish: Wish) -> Result<(), RigProblem> {
        let name = wish.name();
        let command = format!(
            "cd {}/asked && rm -f answer question && echo {name} >new && mv new question",
            self.folder
        );
        self.root(&command, b"").map(|_| ())
    }

    /// The answer, if it is there.
    pub(super) fn answered(&self) -> Result<Option<String>, RigProblem> {
        let answer = format!("{}/asked/answer", self.folder);
        let said =
            self.root(&format!("[ ! -f {answer} ] || {{ echo; cat {answer}; rm -f {answer}; }}"), b"")?;
        let said = String::from_utf8_lossy(&said);
        Ok(said.strip_prefix('\n').map(str::to_owned))
    }

    /// What a person has asked for since the last call.
    ///
    /// # Errors
    /// [`RigProblem`] if the container is gone.
    pub fn asked(&self) -> Result<Option<Wish>, RigProblem> {
        let question = format!("{}/asked/question", self.folder);
        let said =
            self.root(&format!("[ ! -f {question} ] || {{ cat {question}; rm -f {question}; }}"), b"")?;
        Ok(Wish::ALL.into_iter().find(|wish| said.trim_ascii() == wish.name().as_bytes()))
    }

    /// Gives the answer to the command that asked.
    ///
    /// # Errors
    /// [`RigProblem`] if the container is gone.
    pub fn answer(&self, text: &str) -> Result<(), RigProblem> {
        let command = format!("cd {}/asked && cat >new-answer && mv new-answer answer", self.folder);
        self.root(&command, text.as_bytes()).map(|_| ())
    }

    /// The command that starts the shell, for `ssh -t`. It is no login shell: that would get another PATH than commands over SSH.
    pub fn command(&self) -> String {
        format!("exec env PATH=\"$PATH:{0}\" HISTFILE={0}/history \"$SHELL\"", self.folder)
    }

    fn root(&self, command: &str, stdin: &[u8]) -> Result<Vec<u8>, RigProblem> {
        let output = self.container.as_root(command, stdin)?;
        if output.end == End::Exit(0) {
            return Ok(output.stdout);
        }
        let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(RigProblem::Unread { what: "the folder of a case", reason })
    }
}
