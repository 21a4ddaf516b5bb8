//! A script with the name of codex that gives codex another home.

use std::fmt;

/// What a script named codex does to `CODEX_HOME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapper {
    /// The script's path on the host.
    pub script: String,
    /// The line in it, from 1.
    pub line: usize,
    /// The home that it sets; `None` if only a shell can tell.
    pub home: Option<String>,
}

impl fmt::Display for Wrapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} is a script that sets CODEX_HOME", self.script, self.line)?;
        match &self.home {
            Some(home) => write!(f, " to {home}, so codex reads the auth.json there"),
            None => f.write_str(", so codex may read another auth.json"),
        }
    }
}

impl Wrapper {
    /// Reads the beginning of a program. `None` if it is not a shell script, if it does not set `CODEX_HOME`, or if it
    /// sets it to the home that codex has without it. `user_home` is the account's `HOME`, `codex_home` the Codex home
    /// without the script, and `is_set` says whether the account sets `CODEX_HOME`.
    pub fn read(script: &str, bytes: &[u8], user_home: &str, codex_home: &str, is_set: bool) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let interpreter = text.lines().next()?.strip_prefix("#!")?;
        let shells = ["sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "busybox"];
        if !interpreter.split(['/', ' ']).any(|word| shells.contains(&word)) {
            return None;
        }
        let set = text.lines().enumerate().filter_map(|(at, line)| Some((at + 1, assigned(line)?)));
        let (line, value) = set.last()?;
        let home = expanded(value, user_home, is_set);
        match &home {
            // It keeps the account's own.
            Some(home)
                if home.is_empty() || home.trim_end_matches('/') == codex_home.trim_end_matches('/') =>
            {
                None
            }
            _ => Some(Self { script: script.to_owned(), line, home }),
        }
    }
}

/// What comes after `CODEX_HOME=` in a line that is no comment.
fn assigned(line: &str) -> Option<&str> {
    const NAME: &str = "CODEX_HOME=";
    let line = line.trim_start();
    if line.starts_with('#') {
        return None;
    }
    let at = line.find(NAME).filter(|at| {
        line[..*at].chars().next_back().is_none_or(|letter| letter.is_whitespace() || ";&({".contains(letter))
    })?;
    Some(&line[at + NAME.len()..])
}

/// The value of the first word, if it can be known without a shell. Empty if the script keeps the account's own value.
fn expanded(value: &str, user_home: &str, is_set: bool) -> Option<String> {
    let word = shlex::Shlex::new(value).next()?;
    let mut word = word.trim_end_matches([';', '&', ')']).to_owned();
    for begin in ["${CODEX_HOME:-", "${CODEX_HOME-"] {
        if let Some(default) = word.strip_prefix(begin).and_then(|rest| rest.strip_suffix('}')) {
            if is_set {
                return Some(String::new());
            }
            word = default.to_owned();
        }
    }
    let word = match word.strip_prefix("~/") {
        Some(rest) => format!("{user_home}/{rest}"),
        None => word.replace("${HOME}", user_home).replace("$HOME", user_home),
    };
    (!word.contains(['$', '`'])).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home_of(script: &str) -> Option<(usize, Option<String>)> {
        let found = Wrapper::read("/bin/codex", script.as_bytes(), "/home/me", "/home/me/.codex", false)?;
        Some((found.line, found.home))
    }

    #[test]
    fn the_home_that_a_shell_script_sets_is_read() {
        let at = |line, home: &str| Some((line, Some(home.to_owned())));
        for (script, expected) in [
            ("#!/bin/sh\nexport CODEX_HOME=/srv/codex\nexec codex.real \"$@\"\n", at(2, "/srv/codex")),
            (
                "#!/usr/bin/env bash\nCODEX_HOME=\"$HOME/work dir\" exec /opt/codex \"$@\"\n",
                at(2, "/home/me/work dir"),
            ),
            ("#!/bin/bash -e\nexec env CODEX_HOME=~/work /opt/codex\n", at(2, "/home/me/work")),
            ("#!/bin/sh\nCODEX_HOME='${HOME}/x'; export CODEX_HOME\n", at(2, "/home/me/x")),
            ("#!/bin/sh\nCODEX_HOME=/a\n# CODEX_HOME=/c\nif true; then CODEX_HOME=/b; fi\n", at(4, "/b")),
            ("#!/bin/sh\nexport CODEX_HOME=${CODEX_HOME:-/srv/codex}\n", at(2, "/srv/codex")),
            ("#!/bin/sh\nexport CODEX_HOME=$(mktemp -d)\n", Some((2, None))),
            ("#!/bin/sh\nexport CODEX_HOME=\"$PROJECT/.codex\"\n", Some((2, None))),
            ("#!/bin/sh\nexport CODEX_HOME=~/.codex/\n", None),
            ("#!/bin/sh\nMY_CODEX_HOME=/x exec codex.real\n", None),
            ("#!/bin/sh\necho \"$CODEX_HOME\"\n", None),
            ("#!/usr/bin/env node\nprocess.env.CODEX_HOME=\"/x\"\n", None),
            ("CODEX_HOME=/x\n", None),
            ("", None),
        ] {
            assert_eq!(home_of(script), expected, "{script}");
        }
    }

    #[test]
    fn a_default_does_not_replace_what_the_account_sets() {
        let script = b"#!/bin/sh\nexport CODEX_HOME=${CODEX_HOME:-/srv/codex}\n";
        assert_eq!(Wrapper::read("/bin/codex", script, "/home/me", "/home/me/mine", true), None);
    }

    #[test]
    fn the_words_name_the_script_and_the_home() {
        let wrapper = Wrapper { script: "/bin/codex".to_owned(), line: 2, home: Some("/srv".to_owned()) };
        let says =
            "/bin/codex:2 is a script that sets CODEX_HOME to /srv, so codex reads the auth.json there";
        assert_eq!(wrapper.to_string(), says);
        assert!(Wrapper { home: None, ..wrapper }.to_string().ends_with("may read another auth.json"));
    }
}
