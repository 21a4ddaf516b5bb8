//! The interpreter that the first line of a script named codex asks for.

use std::fmt;

use super::Outcome;
use crate::ssh::End;

/// A script that cannot start, since the system does not find its interpreter. The shell then says the same as if the
/// script itself were not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoInterpreter {
    /// The script's path on the host.
    script: String,
    /// The interpreter.
    interpreter: String,
    /// Whether the line ends as on Windows, so that the name has a character too many.
    has_return: bool,
}

impl NoInterpreter {
    /// Reads the first line of a script whose call ended like this. `None` if the system found the interpreter.
    pub fn of(outcome: &Outcome, script: &str, bytes: &[u8]) -> Option<Self> {
        if !matches!(outcome.end, End::Exit(126 | 127)) {
            return None;
        }
        let text = String::from_utf8_lossy(bytes);
        let line = text.split('\n').next()?.strip_prefix("#!")?;
        let has_return = line.ends_with('\r');
        let mut words = line.split_whitespace();
        let interpreter = words.next()?;
        let said = String::from_utf8_lossy(&outcome.stderr);
        // In the words of setsid, of its form in busybox, and of shells. The script's own messages begin with its name too.
        let ends = [
            format!("{script}: No such file or directory"),
            format!("'{script}': No such file or directory"),
            format!("{script}: not found"),
            format!("{script}: cannot execute: required file not found"),
            format!("{interpreter}: bad interpreter: No such file or directory"),
        ];
        let is_missing =
            |line: &str| ends.iter().any(|end| line.ends_with(end)) || has_return && line.contains("env: ");
        said.lines().any(is_missing).then(|| Self {
            script: script.to_owned(),
            interpreter: words
                .next()
                .filter(|_| interpreter.ends_with("/env"))
                .unwrap_or(interpreter)
                .to_owned(),
            has_return,
        })
    }

    /// The lesson about it.
    pub fn lesson(&self) -> &'static str {
        match self.interpreter.rsplit('/').next() {
            _ if self.has_return => "codex-line-ends",
            Some("node") => "node-missing",
            _ => "codex-not-executable",
        }
    }

    /// What to do about it.
    pub fn fix(&self) -> String {
        let script = super::quote(&self.script);
        match self.has_return {
            true => format!("remove the carriage returns on the host: sed -i 's/\\r$//' {script}"),
            false => {
                format!("install {} on the host, or correct the first line of {script}", self.interpreter)
            }
        }
    }
}

impl fmt::Display for NoInterpreter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { script, interpreter, has_return } = self;
        match has_return {
            true => write!(
                f,
                "{script}:1 ends with a carriage return, as on Windows, so the system looks for another program than {interpreter}"
            ),
            false => write!(f, "{script}:1 asks for {interpreter}, which is not on the host"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interpreter_is_named_only_if_the_system_does_not_find_it() {
        let of = |status, said: &str, script: &str| {
            let outcome = Outcome { stdout: Vec::new(), stderr: said.into(), end: End::Exit(status) };
            NoInterpreter::of(&outcome, "/b/codex", script.as_bytes())
        };
        for (said, script, words, lesson) in [
            (
                "setsid: failed to execute /b/codex: No such file or directory\n",
                "#!/opt/node/bin/node\n",
                "/b/codex:1 asks for /opt/node/bin/node, which is not on the host",
                "node-missing",
            ),
            ("sh: 1: /b/codex: not found\n", "#!/bin/zsh -e\n", "asks for /bin/zsh,", "codex-not-executable"),
            (
                "bash: line 3: /b/codex: /bin/zsh: bad interpreter: No such file or directory\n",
                "#!/bin/zsh\n",
                "asks for /bin/zsh,",
                "codex-not-executable",
            ),
            (
                "setsid: failed to execute /b/codex: No such file or directory\n",
                "#!/bin/sh\r\necho\r\n",
                "/b/codex:1 ends with a carriage return",
                "codex-line-ends",
            ),
            (
                "/usr/bin/env: 'node\\r': No such file or directory\n",
                "#!/usr/bin/env node\r\n",
                "another program than node",
                "codex-line-ends",
            ),
        ] {
            let found = of(127, said, script).unwrap_or_else(|| panic!("{said}"));
            assert!(found.to_string().contains(words), "{found}");
            assert_eq!(found.lesson(), lesson, "{found}");
        }
        for (status, said, script) in [
            (127, "/usr/bin/env: 'node': No such file or directory\n", "#!/usr/bin/env node\n"),
            (127, "/b/codex: line 2: /opt/real: No such file or directory\n", "#!/bin/bash\n"),
            (127, "/b/codex: 2: exec: /opt/real: not found\n", "#!/bin/sh\n"),
            (127, "sh: 1: /b/codex: not found\n", "\u{7f}ELF"),
            (127, "/bin/codex.real: not found\n", "#!/bin/sh\n"),
            (1, "setsid: failed to execute /b/codex: No such file or directory\n", "#!/bin/no\n"),
        ] {
            assert_eq!(of(status, said, script), None, "{said}");
        }
    }
}
